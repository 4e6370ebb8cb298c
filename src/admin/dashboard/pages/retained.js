// The retained messages: a tree of their topics, and one of them with its whole payload.

import { call, get, list } from "../api.js";
import { ask } from "../dialog.js";
import { fill, h } from "../dom.js";
import { count, counted, size } from "../format.js";
import { button, empty, facts, form, heading, input, panel, problem } from "../parts.js";
import { fromBase64, inBrief } from "../payload.js";
import { PayloadView } from "../payload_view.js";
import { repeat } from "../refresh.js";
import { TopicTree } from "../topic_tree.js";
import { connectCommand, time } from "./common.js";

const kLoaded = 2000; // topics at once
const kSeconds = 10;

export function retained({ query, signal }) {
  let filter = query.get("filter") ?? "";
  let wanted = kLoaded;
  let one = null; // ends with another topic

  const trouble = h("div");
  const summary = h("span", { class: "beside", role: "status" });
  const detail = h("div", { class: "detail" }, pickOne());
  const tree = new TopicTree({
    label: "Retained topics",
    brief: (item) => inBrief(fromBase64(item.payload), item.truncated),
    chosen: (item) => choose(item.topic),
  });
  const none = h("div");
  const more = button("Load more", () => ((wanted += kLoaded), reload()), { hidden: true });

  async function load() {
    const { items, next } = await list("/retained", {
      query: { filter },
      cursor: null,
      wanted,
      signal,
    });
    fill(trouble);
    tree.show(items);
    fill(none, items.length === 0 && nothing(filter));
    more.hidden = next === null;
    summary.textContent =
      next === null
        ? counted(items.length, "topic")
        : `the first ${count(items.length)} topics; a filter shows others`;
  }
  const reload = repeat(
    load,
    kSeconds,
    signal,
    (error) => error.code !== "unreachable" && fill(trouble, problem(error)),
  );

  function choose(name) {
    one?.abort();
    one = new AbortController();
    const shown = showMessage(name, AbortSignal.any([signal, one.signal]), () => {
      one.abort();
      fill(detail, pickOne());
      reload();
    });
    fill(detail, shown);
    if (matchMedia("(max-width: 760px)").matches) detail.scrollIntoView({ block: "start" });
  }

  const pattern = input({ value: filter, placeholder: "sensor/#", "aria-label": "Topic filter" });
  const search = form(
    { class: "filter" },
    () => ((filter = pattern.value), (wanted = kLoaded), reload()),
    pattern,
    button("Filter", null, { type: "submit" }),
  );

  return [
    heading("Retained", summary),
    trouble,
    h(
      "div",
      { class: "browser" },
      panel("Topics", { beside: search, class: "browser-list" }, tree.element, none, more),
      detail,
    ),
  ];
}

function pickOne() {
  return panel("Message", {}, empty("Pick a topic.", "Its last retained message is shown here."));
}

function nothing(filter) {
  if (filter) return empty("No retained message matches the filter.");
  return empty(
    "No retained messages yet.",
    "On a terminal: ",
    connectCommand("mosquitto_pub", "-t demo/hello -m hello -r"),
  );
}

// The message of a topic, kept up to date until the signal ends it.
function showMessage(name, signal, removed) {
  const path = `/retained/${encodeURIComponent(name)}`;
  const about = h("div");
  const trouble = h("div");
  const payload = new PayloadView();
  const remove = button("Delete", confirmRemoval, { kind: "danger" });

  async function load() {
    const message = await get(path, {}, signal);
    const bytes = fromBase64(message.payload);
    fill(trouble);
    fill(
      about,
      facts([
        ["QoS", message.qos],
        ["Size", size(message.size)],
        ["Expires", message.expires_at ? time(message.expires_at) : "never"],
      ]),
    );
    payload.show(bytes);
  }
  function failed(error) {
    if (error.status === 404)
      fill(trouble, problem(new Error("This topic has no retained message any more.")));
    else if (error.code !== "unreachable") fill(trouble, problem(error));
  }
  async function confirmRemoval() {
    const done = await ask({
      title: "Delete the retained message?",
      text: `Who subscribes to ${name} from now on gets nothing until somebody publishes there again.`,
      action: "Delete",
      work: () => call("DELETE", path),
    });
    if (done) removed();
  }
  repeat(load, 2, signal, failed);
  return panel(
    "Message",
    { beside: remove },
    h("p", { class: "topic-name" }, name),
    trouble,
    about,
    payload.element,
  );
}
