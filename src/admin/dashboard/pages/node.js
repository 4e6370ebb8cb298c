// The node itself: where it listens, since when it runs, and the configuration in force.

import { call, get } from "../api.js";
import { fill, h, renew } from "../dom.js";
import { duration } from "../format.js";
import { live } from "../live.js";
import { button, chip, empty, facts, heading, input, panel, problem } from "../parts.js";
import { repeat } from "../refresh.js";
import { Table } from "../table.js";
import { time } from "./common.js";

const kSeconds = 5;

export function node({ signal }) {
  const trouble = h("div");
  const answer = h("div", { class: "answer", role: "status" });
  const about = h("div");
  const configuration = h("div", { class: "configuration" });
  const search = input({
    type: "search",
    placeholder: "Key or value",
    "aria-label": "Search the configuration",
  });
  const reload = button("Reload the configuration", read);
  const listeners = new Table({
    label: "Listeners",
    columns: [
      { title: "Name", cell: (one) => one.name },
      { title: "Address", cell: (one) => h("code", {}, one.address) },
      { title: "Transport", cell: (one) => one.transport },
      { title: "TLS", cell: (one) => chip(one.tls ? "good" : "quiet", one.tls ? "on" : "off") },
    ],
    key: (one) => `${one.name} ${one.address}`,
    nothing: empty("It listens nowhere.", "The configuration has no listeners."),
  });
  let known = null;

  async function load() {
    known = await get("/node", {}, signal);
    fill(trouble);
    renew(about, aboutFacts(known));
    listeners.show(known.listeners);
    drawConfiguration();
  }
  function drawConfiguration() {
    if (known)
      renew(configuration, sections(known.configuration, search.value.trim().toLowerCase()));
  }
  const again = repeat(
    load,
    kSeconds,
    signal,
    (error) => error.code !== "unreachable" && fill(trouble, problem(error)),
  );
  search.addEventListener("input", drawConfiguration);

  async function read() {
    reload.disabled = true;
    try {
      await call("POST", "/reload");
      fill(
        answer,
        h("p", { class: "verdict good" }, "Reloaded: the configuration file is in force."),
      );
      again();
    } catch (error) {
      const kept = error.code === "rejected" ? " The old configuration stays in force." : "";
      fill(answer, problem(new Error(error.message + kept)));
    } finally {
      reload.disabled = false;
    }
  }

  return [
    heading("Node", h("div", { class: "actions" }, reload)),
    answer,
    trouble,
    h(
      "div",
      { class: "columns" },
      panel("About", {}, about),
      panel("Listeners", {}, listeners.element),
    ),
    panel("Configuration in force", { beside: search }, configuration),
  ];
}

function aboutFacts({ name, version, uptime, started_at, threads }) {
  return facts([
    ["Name", name],
    ["Version", version],
    ["Up", duration(live.stats?.uptime ?? uptime)],
    ["Started", time(started_at)],
    ["Event loops", threads],
  ]);
}

function sections(configuration, text) {
  const shown = Object.entries(configuration)
    .map(([name, value]) => section(name, value, text))
    .filter(Boolean);
  return shown.length ? shown : empty("No key or value matches.");
}

function section(name, value, text) {
  const lines = name.toLowerCase().includes(text) ? entries(value, "") : entries(value, text);
  if (text && lines.length === 0) return null;
  return h(
    "section",
    {},
    h("h3", {}, name),
    lines.length ? h("dl", {}, lines) : h("p", { class: "quiet-line" }, "none"),
  );
}

// A line for each key, those within others further in.
function entries(value, text, depth = 0) {
  if (!isGroup(value)) return leaf("", value, text, depth);
  return Object.entries(value).flatMap(([key, inner]) => {
    const name = Array.isArray(value) ? `${Number(key) + 1}` : key;
    if (!isGroup(inner) || isPlainList(inner)) return leaf(name, inner, text, depth);
    const below = entries(inner, name.toLowerCase().includes(text) ? "" : text, depth + 1);
    return below.length || !text ? [line(name, below.length ? "" : "none", depth), ...below] : [];
  });
}

function leaf(name, value, text, depth) {
  const shown = value === "" ? '""' : Array.isArray(value) ? value.join(", ") : String(value);
  return `${name} ${shown}`.toLowerCase().includes(text) ? [line(name, shown, depth)] : [];
}

function line(name, value, depth) {
  const term = h("dt", {}, name);
  term.style.paddingInlineStart = `${depth}rem`;
  return h("div", {}, term, h("dd", {}, value));
}

function isPlainList(value) {
  return Array.isArray(value) && value.length > 0 && value.every((one) => !isGroup(one));
}

function isGroup(value) {
  return value !== null && typeof value === "object";
}
