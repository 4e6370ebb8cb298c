// One client: its session, what it is subscribed to, what waits for it and what it lost; and
// whether it would get a topic.

import { call, get } from "../api.js";
import { ask } from "../dialog.js";
import { fill, h, renew } from "../dom.js";
import { count, duration, size } from "../format.js";
import {
  bar,
  button,
  chip,
  empty,
  facts,
  field,
  form,
  heading,
  input,
  panel,
  presence,
  problem,
} from "../parts.js";
import { repeat } from "../refresh.js";
import { Table } from "../table.js";
import { pauseReason, verdict } from "../words.js";
import { dropList, time, topic } from "./common.js";

const kSeconds = 2;

export function client({ parameter: id, query, signal }) {
  const path = `/clients/${encodeURIComponent(id)}`;
  const badge = h("span", { class: "badges" });
  const trouble = h("div");
  const view = makeView(explainPanel(id, query.get("topic") ?? "", signal));
  const kick = button("Disconnect", () => confirmKick(false));
  const end = button("End session", () => confirmKick(true), { kind: "danger" });

  async function load() {
    const client = await get(path, {}, signal);
    fill(trouble);
    body.hidden = false;
    renew(
      badge,
      presence(client.connected),
      client.pauses.map((pause) => chip("warn", `paused: ${pauseReason(pause)}`)),
    );
    kick.disabled = !client.connected;
    end.disabled = false;
    view.draw(client);
  }

  function failed(error) {
    if (error.status === 404) {
      body.hidden = true;
      kick.disabled = end.disabled = true;
      fill(badge, chip("quiet", "gone"));
      fill(
        trouble,
        empty(
          "There is no such client.",
          "It has left, and its session is over. ",
          h("a", { href: "#/clients" }, "All clients"),
        ),
      );
    } else if (error.code !== "unreachable") {
      fill(trouble, problem(error));
    }
  }

  async function confirmKick(session) {
    const done = await ask({
      title: session ? `End the session of ${id}?` : `Disconnect ${id}?`,
      text: session
        ? "Its connection is closed, and its subscriptions and what waits in its queue are gone."
        : "Its connection is closed. A persistent session stays, and the client may come back at once.",
      action: session ? "End session" : "Disconnect",
      work: () => call("DELETE", path, { query: { session: session || null } }),
    });
    if (done) again();
  }

  const body = h("div", { class: "client", hidden: true }, view.element);
  const again = repeat(load, kSeconds, signal, failed);
  return [
    h(
      "nav",
      { class: "trail", "aria-label": "Where you are" },
      h("a", { href: "#/clients" }, "Clients"),
    ),
    heading(id, badge, h("div", { class: "actions" }, kick, end)),
    trouble,
    body,
  ];
}

function makeView(explain) {
  const session = h("div");
  const waiting = h("div");
  const will = h("div");
  const drops = h("div");
  const subscriptions = new Table({
    label: "Subscriptions",
    columns: [
      { title: "Filter", cell: (one) => topic(one.filter) },
      { title: "QoS", kind: "number", cell: (one) => one.qos },
    ],
    key: (one) => one.filter,
    nothing: empty("No subscriptions.", "It only publishes, or has not subscribed yet."),
  });
  function draw(client) {
    renew(session, sessionFacts(client));
    renew(waiting, waitingFacts(client));
    renew(will, willFacts(client.will));
    renew(
      drops,
      client.last_drops.length
        ? dropList(client.last_drops)
        : h("p", { class: "quiet-line" }, "It has lost no message."),
    );
    subscriptions.show(client.subscriptions);
  }
  const element = h(
    "div",
    { class: "columns" },
    h(
      "div",
      { class: "side" },
      panel("Session", {}, session),
      panel("Waiting for it", {}, waiting),
      panel("Will", {}, will),
    ),
    h(
      "div",
      { class: "side" },
      explain,
      panel("Subscriptions", {}, subscriptions.element),
      panel("Last drops", {}, drops),
    ),
  );
  return { draw, element };
}

function sessionFacts(client) {
  return facts([
    ["User name", client.user_name ?? "none"],
    ["Address", client.address],
    ["Connected", client.connected ? time(client.connected_at) : "no"],
    ["Protocol", client.connected ? `MQTT ${client.protocol}` : null],
    ["Keep alive", client.connected ? keepAlive(client.keep_alive) : null],
    ["Session", client.clean_session ? "clean: ends with its connection" : "persistent"],
    ["Session ends", client.expires_at ? time(client.expires_at) : null],
    ["Mount point", client.mount_point],
  ]);
}

function keepAlive(seconds) {
  return seconds ? duration(seconds) : "off";
}

function waitingFacts(client) {
  return facts([
    ["In the queue", `${count(client.queued_messages)} (${size(client.queued_bytes)})`],
    ["In flight", count(client.inflight_messages)],
    ["Incoming QoS 2", count(client.awaiting_rel)],
    ["Held for room", count(client.held_messages)],
  ]);
}

function willFacts(will) {
  if (!will) return h("p", { class: "quiet-line" }, "It has left no will.");
  return facts([
    ["Topic", topic(will.topic)],
    ["QoS", will.qos],
    ["Retained", will.retain ? "yes" : "no"],
  ]);
}

// "Would it get this topic?"
function explainPanel(id, asked, signal) {
  const name = input({ value: asked, placeholder: "plant/line-1/temperature", required: true });
  const answer = h("div", { class: "answer", role: "status" });
  async function explain() {
    try {
      const found = await get("/explain", { client_id: id, topic: name.value }, signal);
      fill(answer, explanation(found));
    } catch (error) {
      if (error.name !== "AbortError") fill(answer, problem(error));
    }
  }
  if (asked) explain();
  return panel(
    "Would it get this topic?",
    {},
    form(
      { class: "ask" },
      explain,
      field("Topic", name),
      button("Explain", null, { kind: "primary", type: "submit" }),
    ),
    answer,
  );
}

const kTones = { yes: "good", perhaps: "warn", no: "bad" };

function explanation(found) {
  const [short, sentence] = verdict(found);
  const { queue } = found;
  return [
    h("p", { class: `verdict ${kTones[short]}` }, sentence),
    facts([
      [
        "By",
        found.matches.length
          ? h("ul", { class: "matches" }, found.matches.map(match))
          : "no filter",
      ],
      ["At QoS", found.qos],
      [
        "Queue",
        `${count(queue.queued_messages)} waiting (${size(queue.queued_bytes)})${queue.full ? ", full" : ""}`,
      ],
      [
        "In flight",
        [
          `${count(queue.inflight_messages)} of ${count(queue.max_inflight)} `,
          bar(queue.inflight_messages, queue.max_inflight, "share of the in-flight window"),
        ],
      ],
      ["Retained", found.retained ? "the topic has a retained value" : "the topic has none"],
    ]),
  ];
}

function match({ filter, qos, allowed, acl }) {
  return h(
    "li",
    {},
    topic(filter),
    ` QoS ${qos} `,
    chip(allowed ? "good" : "bad", allowed ? "allowed" : "denied"),
    acl && h("span", { class: "why" }, ` ${acl}`),
  );
}
