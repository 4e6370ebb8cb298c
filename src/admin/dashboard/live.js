// What the broker tells by itself: a sample of its counters each second, who comes and who goes.
// One stream for the whole dashboard, opened again by itself when it breaks.
//
// Fires `sample`, `client`, and `state` when it changes: connecting | live | gone.

import { get, stream } from "./api.js";

const kSamples = 300;
const kEvents = 100;
const kSilence = 10_000; // ms; a sample is due each second
// A browser grants a host six connections, so a tab that nobody sees gives its own back.
const kHidden = 60_000; // ms

class Live extends EventTarget {
  state = "connecting";
  node = null; // the answer of /node, since the last connection
  stats = null; // the last one
  samples = []; // rates per second and gauges, oldest first
  events = []; // clients that came and went, newest first
  since = null; // of a broker that is gone
  error = null; // and what is wrong with it
  restarted = false; // between the last connection and the one before

  #running = null;
  #asleep = false;
  #retryNow = null;

  // Whether it is worth asking: it may answer though it grants no stream.
  get reachable() {
    return this.error === null || this.error.status !== 0;
  }

  start() {
    if (this.#running) return;
    this.#asleep = false;
    this.#running = new AbortController();
    this.#run(this.#running.signal);
  }

  sleep() {
    this.#asleep = this.#running !== null;
    this.#running?.abort();
    this.#running = null;
  }

  wake() {
    if (this.#asleep) this.start();
  }

  stop() {
    this.sleep();
    this.#asleep = false;
    this.samples = [];
    this.events = [];
    this.stats = null;
    this.node = null;
    this.since = null;
    this.error = null;
    this.state = "connecting";
  }

  retry() {
    this.#retryNow?.();
  }

  async #run(signal) {
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      try {
        await this.#listen(signal, () => (attempt = 0));
      } catch (error) {
        if (signal.aborted) return;
        if (error.status === 401) return this.stop();
        this.since ??= new Date();
        this.error = error;
        this.#become("gone");
      }
      await this.#pause(Math.min(attempt, 5) * 1000, signal);
    }
  }

  async #listen(signal, succeeded) {
    const before = this.node;
    const node = await get("/node", {}, signal);
    await stream("/events", {
      signal,
      silence: kSilence,
      opened: () => {
        succeeded();
        this.restarted = before !== null && before.started_at !== node.started_at;
        this.node = node;
        this.#become("live");
        this.since = null;
        this.error = null;
      },
      handlers: {
        stats: (stats) => this.#take(stats),
        "client.connected": (event) => this.#tell({ kind: "connected", ...event }),
        "client.disconnected": (event) => this.#tell({ kind: "disconnected", ...event }),
      },
    });
  }

  #become(state) {
    if (this.state === state) return;
    this.state = state;
    this.dispatchEvent(new Event("state"));
  }

  #take(stats) {
    this.samples.push(sample(stats, this.stats));
    if (this.samples.length > kSamples) this.samples.shift();
    this.stats = stats;
    this.dispatchEvent(new Event("sample"));
  }

  #tell(event) {
    this.events.unshift({ time: Date.now(), ...event });
    this.events.length = Math.min(this.events.length, kEvents);
    this.dispatchEvent(new Event("client"));
  }

  #pause(milliseconds, signal) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#retryNow = () => {
        clearTimeout(timer);
        resolve();
      };
      signal.addEventListener("abort", this.#retryNow, { once: true });
    });
  }
}

// Rates are null where there is no sample just before, or the counters began anew.
function sample(stats, before) {
  const seconds = before ? stats.uptime - before.uptime : 0;
  const follows = seconds > 0 && seconds < 5;
  const perSecond = (of) => (follows ? Math.max(0, of(stats) - of(before)) / seconds : null);
  return {
    time: new Date(stats.time).getTime(),
    received: perSecond((s) => total(s.messages_received)),
    sent: perSecond((s) => total(s.messages_sent)),
    dropped: perSecond((s) => total(s.messages_dropped)),
    bytesReceived: perSecond((s) => s.bytes_received),
    bytesSent: perSecond((s) => s.bytes_sent),
    connections: stats.connections,
    queued: stats.queued_messages,
    inflight: stats.inflight_messages,
  };
}

export function total(counts) {
  return Object.values(counts).reduce((sum, value) => sum + value, 0);
}

export const live = new Live();

// A tab in the background gives its connection back, and takes up again when it is seen.
let hidden = null;
document.addEventListener("visibilitychange", () => {
  clearTimeout(hidden);
  if (document.hidden) hidden = setTimeout(() => live.sleep(), kHidden);
  else live.wake();
});
