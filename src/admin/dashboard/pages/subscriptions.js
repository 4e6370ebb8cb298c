// All subscriptions, and the topic tester: who would get a message that is published to a topic?

import { list } from "../api.js";
import { fill, h } from "../dom.js";
import { counted } from "../format.js";
import { button, empty, field, form, heading, input, panel, presence, problem } from "../parts.js";
import { repeat } from "../refresh.js";
import { Table } from "../table.js";
import { clientLink, connectCommand, topic } from "./common.js";

const kPage = 100;
const kSeconds = 5;

export function subscriptions({ query, signal }) {
  const wanted = {
    match: query.get("match") ?? "",
    client_id: query.get("client_id") ?? "",
    filter: query.get("filter") ?? "",
  };
  const cursors = [null];
  let next = null;

  const trouble = h("div");
  const summary = h("p", { class: "answer-line", role: "status" });
  const table = new Table({
    label: "Subscriptions",
    columns: [
      { title: "Filter", cell: (one) => topic(one.filter) },
      { title: "Client", cell: (one) => clientLink(one.client_id, wanted.match) },
      { title: "QoS", kind: "number", cell: (one) => one.qos },
      { title: "State", kind: "wide", cell: (one) => presence(one.connected) },
    ],
    key: (one) => `${one.client_id}\n${one.filter}`,
  });
  const back = button("Previous", () => (cursors.pop(), turn()), { disabled: true });
  const on = button("Next", () => (cursors.push(next), turn()), { disabled: true });

  async function load() {
    const page = await list("/subscriptions", {
      query: wanted,
      cursor: cursors.at(-1),
      wanted: kPage,
      signal,
    });
    next = page.next;
    fill(trouble);
    summary.textContent = sentence(wanted, page, cursors);
    table.explain(nothing(wanted));
    table.show(page.items);
    back.disabled = cursors.length === 1;
    on.disabled = next === null;
  }

  function failed(error) {
    if (error.code === "unreachable") return;
    fill(trouble, problem(error));
    summary.textContent = "";
  }
  const turn = repeat(load, kSeconds, signal, failed);

  const match = input({ value: wanted.match, placeholder: "plant/line-1/temperature" });
  const filter = input({ value: wanted.filter, placeholder: "plant/#" });
  const client = input({ value: wanted.client_id });
  function search() {
    Object.assign(wanted, { match: match.value, filter: filter.value, client_id: client.value });
    cursors.length = 1;
    turn();
  }

  return [
    heading("Subscriptions"),
    panel(
      "Who gets this?",
      {},
      form(
        { class: "ask three" },
        search,
        field("Topic of a message", match),
        field("Only the filter", filter),
        field("Only the client", client),
        button("Show", null, { kind: "primary", type: "submit" }),
      ),
    ),
    trouble,
    h("div", { class: "toolbar" }, summary, h("div", { class: "pager" }, back, on)),
    table.element,
  ];
}

function sentence({ match }, { items, next }, cursors) {
  if (next !== null || cursors.length > 1) return `Page ${cursors.length}`;
  if (!match) return counted(items.length, "subscription");
  const groups = new Set(items.map(({ filter }) => groupOf(filter)).filter(Boolean));
  const direct = new Set(
    items.filter(({ filter }) => !groupOf(filter)).map(({ client_id }) => client_id),
  );
  const shared = groups.size ? `, and one member of ${counted(groups.size, "shared group")}` : "";
  return `A message to ${match} goes to ${counted(direct.size, "client")}${shared}.`;
}

// The group and filter of a shared subscription, null for others.
function groupOf(filter) {
  const plain = filter.replace(/^\$local\//, "");
  return /^\$(share|queue)\//.test(plain) ? plain.replace("$local/", "") : null;
}

function nothing({ match, filter, client_id }) {
  if (match) return empty("Nobody would get this message.", "No subscription matches the topic.");
  if (filter || client_id) return empty("No such subscription.");
  return empty("No subscriptions yet.", "On a terminal: ", connectCommand());
}
