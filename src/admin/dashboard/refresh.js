// Keeps a page up to date while it is shown.

import { live } from "./live.js";

// Runs work() now, then so many seconds after each end, and at once when the broker is back; not
// while nobody sees the page. Its errors go to failed(error), except those of a page that was left.
// Returns a function that runs it at once.
export function repeat(work, seconds, signal, failed) {
  let timer = null;
  let turn = 0;

  async function run() {
    clearTimeout(timer);
    turn += 1;
    const mine = turn;
    try {
      if (!document.hidden && live.reachable) await work();
    } catch (error) {
      if (error.name !== "AbortError" && !signal.aborted) failed(error);
    }
    if (!signal.aborted && mine === turn) timer = setTimeout(run, seconds * 1000);
  }

  const back = () => live.state === "live" && run();
  const seen = () => !document.hidden && run();
  live.addEventListener("state", back);
  document.addEventListener("visibilitychange", seen);
  signal.addEventListener("abort", () => {
    clearTimeout(timer);
    live.removeEventListener("state", back);
    document.removeEventListener("visibilitychange", seen);
  });
  run();
  return run;
}
