// Who is here, who has a session and is absent, and how full their queues are.

import { list } from "../api.js";
import { fill, h } from "../dom.js";
import { count, counted } from "../format.js";
import { live } from "../live.js";
import { button, empty, heading, input, presence, problem, segments } from "../parts.js";
import { repeat } from "../refresh.js";
import { Table } from "../table.js";
import { pauseReason } from "../words.js";
import { clientLink, connectCommand, time } from "./common.js";

const kPage = 50;
const kSeconds = 3;
const kTyping = 200; // ms

export function clients({ query, signal }) {
  const wanted = { q: query.get("q") ?? "", connected: query.get("connected") ?? "" };
  const cursors = [null]; // of the pages up to the one that is shown
  let next = null;
  let current = new AbortController(); // the request that is under way

  const trouble = h("div");
  const summary = h("span", { class: "beside", role: "status" });
  const table = new Table({
    label: "Clients",
    columns: kColumns,
    key: (client) => client.client_id,
  });
  const back = button("Previous", () => (cursors.pop(), turn()), { disabled: true });
  const on = button("Next", () => (cursors.push(next), turn()), { disabled: true });
  const where = h("span", { class: "page-number" });

  async function load() {
    current.abort();
    current = new AbortController();
    const page = await list("/clients", {
      query: wanted,
      cursor: cursors.at(-1),
      wanted: kPage,
      signal: AbortSignal.any([signal, current.signal]),
      searched: (found) =>
        found < kPage && wanted.q && (summary.textContent = `searching, ${count(found)} so far`),
    });
    next = page.next;
    fill(trouble);
    table.explain(nothing(wanted));
    table.show(page.items);
    back.disabled = cursors.length === 1;
    on.disabled = next === null;
    where.textContent = next === null && cursors.length === 1 ? "" : `page ${cursors.length}`;
    summary.textContent = inAll(wanted, page, cursors);
  }

  const turn = repeat(
    load,
    kSeconds,
    signal,
    (error) => error.code !== "unreachable" && fill(trouble, problem(error)),
  );
  function start() {
    cursors.length = 1;
    turn();
  }

  let typing = null;
  const search = input({
    type: "search",
    class: "search",
    placeholder: "Client id, user name or address",
    "aria-label": "Search clients",
    value: wanted.q,
  });
  search.addEventListener("input", () => {
    clearTimeout(typing);
    wanted.q = search.value.trim();
    typing = setTimeout(start, kTyping);
  });
  const filter = segments(
    "Which clients",
    [
      ["", "All"],
      ["true", "Connected"],
      ["false", "Absent"],
    ],
    wanted.connected,
    (value) => {
      wanted.connected = value;
      start();
    },
  );

  return [
    heading("Clients", summary),
    h("div", { class: "toolbar" }, search, filter, h("div", { class: "pager" }, where, back, on)),
    trouble,
    table.element,
  ];
}

// How many there are is known without counting where nothing is searched for.
function inAll({ q, connected }, page, cursors) {
  const sessions = live.stats?.sessions;
  if (page.next === null && cursors.length === 1) return counted(page.items.length, "client");
  return !q && sessions && connected !== "false" ? `${count(sessions.connected)} connected` : "";
}

function nothing({ q, connected }) {
  if (q) return empty("No client matches.", "Client ids, user names and addresses are searched.");
  if (connected === "false")
    return empty(
      "Nobody is absent.",
      "A client that connects with clean session off keeps its session when it leaves, and is listed here then.",
    );
  return empty("No clients yet.", "On a terminal: ", connectCommand());
}

const kColumns = [
  {
    title: "Client",
    cell: (c) => [
      clientLink(c.client_id),
      c.user_name && h("span", { class: "user" }, c.user_name),
    ],
  },
  { title: "State", cell: state },
  { title: "Address", kind: "wide", cell: (c) => c.address ?? "–" },
  { title: "Since", kind: "wide", cell: (c) => time(c.connected ? c.connected_at : null) },
  { title: "Session", kind: "wide", cell: (c) => (c.clean_session ? "clean" : "persistent") },
  { title: "Subscr.", kind: "number wide", cell: (c) => count(c.subscriptions) },
  { title: "Queued", kind: "number", cell: (c) => count(c.queued_messages) },
  { title: "In flight", kind: "number wide", cell: (c) => count(c.inflight_messages) },
];

function state(client) {
  const paused = client.pauses.length > 0;
  return [
    presence(client.connected),
    paused &&
      h("span", { class: "chip warn", title: client.pauses.map(pauseReason).join(", ") }, "paused"),
  ];
}
