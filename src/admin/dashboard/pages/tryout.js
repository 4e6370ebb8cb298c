// Publishes a message, and shows what a subscription gets.

import { call, follow } from "../api.js";
import { fill, h } from "../dom.js";
import { clock, count, counted } from "../format.js";
import {
  button,
  chip,
  empty,
  field,
  form,
  heading,
  input,
  panel,
  problem,
  qosSelect,
  select,
} from "../parts.js";
import { asJson, fromBase64, inBrief } from "../payload.js";
import { PayloadView } from "../payload_view.js";
import { topic } from "./common.js";

const kKept = 300; // messages

export function tryout({ signal }) {
  return [
    heading("Try out"),
    h("div", { class: "tryout" }, publishPanel(), subscribePanel(signal)),
  ];
}

function publishPanel() {
  const name = input({ placeholder: "demo/hello", required: true });
  const payload = h("textarea", { rows: "6", spellcheck: "false", placeholder: "hello" });
  const encoding = select([
    ["plain", "text"],
    ["base64", "base64"],
  ]);
  const qos = qosSelect();
  const retain = h("input", { type: "checkbox" });
  const result = h("div", { class: "answer", role: "status" });

  async function publish() {
    const body = {
      topic: name.value,
      payload: payload.value,
      encoding: encoding.value,
      qos: Number(qos.value),
      retain: retain.checked,
    };
    try {
      const { matched } = await call("POST", "/publish", { body });
      const whom =
        matched === 0
          ? "Published; nobody is subscribed to it."
          : `Published to ${counted(matched, "client")}.`;
      fill(result, h("p", { class: "answer-line" }, `${clock(Date.now())} `, whom));
    } catch (error) {
      fill(result, problem(error));
    }
  }
  return panel(
    "Publish",
    {},
    form(
      { class: "stack" },
      publish,
      field("Topic", name),
      field("Payload", payload),
      h(
        "div",
        { class: "row" },
        field("Encoding", encoding),
        field("QoS", qos),
        h("label", { class: "check" }, retain, "Retain"),
      ),
      button("Publish", null, { kind: "primary", type: "submit" }),
    ),
    result,
  );
}

function subscribePanel(signal) {
  const filter = input({ value: "#", required: true });
  const qos = qosSelect();
  const go = button("Subscribe", null, { kind: "primary", type: "submit" });
  const state = h("span", { class: "answer-line", role: "status" });
  const trouble = h("div");
  const messages = h("ol", { class: "messages" });
  const none = empty("No messages yet.", "Subscribe, then publish something.");
  let running = null; // the subscription
  let received = 0;

  function take(message) {
    received += 1;
    state.textContent = `${counted(received, "message")} of ${filter.value}`;
    none.hidden = true;
    messages.prepend(messageLine(message));
    if (messages.childElementCount > kKept) messages.lastChild.remove();
  }

  function stop() {
    running?.abort();
    running = null;
    go.textContent = "Subscribe";
    filter.disabled = qos.disabled = false;
    state.textContent = received ? `${counted(received, "message")}, stopped` : "";
  }

  async function start() {
    received = 0;
    fill(messages);
    fill(trouble);
    running = new AbortController();
    go.textContent = "Stop";
    filter.disabled = qos.disabled = true;
    const mine = AbortSignal.any([signal, running.signal]);
    await follow("/subscribe", {
      query: { filter: filter.value, qos: qos.value },
      handlers: {
        message: take,
        missed: ({ count: lost }) =>
          fill(trouble, problem(new Error(`${count(lost)} messages came too fast to be shown.`))),
      },
      opened: () => (state.textContent = `subscribed to ${filter.value}`),
      signal: mine,
      lost: () => (state.textContent = "interrupted; trying again"),
    }).catch((error) => {
      if (mine.aborted) return;
      stop();
      fill(trouble, problem(error));
    });
  }

  return panel(
    "Subscribe",
    {},
    form(
      { class: "ask" },
      () => (running ? stop() : start()),
      field("Filter", filter),
      field("QoS", qos),
      go,
    ),
    trouble,
    h(
      "div",
      { class: "toolbar tight" },
      state,
      button("Clear", () => fill(messages)),
    ),
    none,
    messages,
  );
}

function messageLine(message) {
  const bytes = fromBase64(message.payload);
  const whole = h("div", { class: "whole" });
  const line = h(
    "details",
    {
      ontoggle: () => {
        if (!line.open || whole.firstChild) return;
        const view = new PayloadView();
        view.show(bytes);
        whole.append(view.element);
      },
    },
    h(
      "summary",
      {},
      h("time", {}, clock(Date.now())),
      topic(message.topic),
      h(
        "span",
        { class: "badges" },
        chip("quiet", `QoS ${message.qos}`),
        message.retain && chip("quiet", "retained"),
        asJson(bytes) && chip("quiet", "JSON"),
      ),
      h("span", { class: "brief" }, inBrief(bytes.subarray(0, 400), bytes.length > 400)),
    ),
    whole,
  );
  return h("li", {}, line);
}
