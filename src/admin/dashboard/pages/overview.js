// The broker at a glance: what flows now and in the last minutes, and who comes and goes.

import { spark, timeChart } from "../charts.js";
import { fill, h, renew } from "../dom.js";
import { clock, count, duration, rate, size, traffic } from "../format.js";
import { live, total } from "../live.js";
import { empty, heading, panel } from "../parts.js";
import { closeReason, dropReason } from "../words.js";
import { clientLink, connectCommand } from "./common.js";

const kEventsShown = 16;

export function overview({ signal }) {
  const uptime = h("span", { class: "beside" });
  const tiles = kTiles.map(makeTile);
  const tables = kCounts.map(makeCounts);
  const events = h("ol", { class: "events" });
  const nobody = empty("Nobody has come or gone yet.", connectCommand());

  function draw() {
    const { stats, samples } = live;
    if (!stats) return;
    uptime.textContent = `up ${duration(stats.uptime)}`;
    tiles.forEach((tile) => tile.draw(stats, samples));
    tables.forEach((table) => table.draw(stats));
    nobody.hidden = live.events.length > 0;
    renew(events, live.events.slice(0, kEventsShown).map(eventLine));
  }
  live.addEventListener("sample", draw);
  signal.addEventListener("abort", () => live.removeEventListener("sample", draw));
  draw();

  return [
    heading("Overview", uptime),
    h(
      "div",
      { class: "tiles" },
      tiles.map(({ element }) => element),
    ),
    h(
      "div",
      { class: "charts" },
      kCharts.map((chart) => chartPanel(chart, signal)),
    ),
    h(
      "div",
      { class: "overview" },
      h(
        "div",
        { class: "columns" },
        panel("Coming and going", {}, events, nobody),
        h(
          "div",
          { class: "side" },
          tables.map(({ element }) => element),
        ),
      ),
    ),
  ];
}

const kTiles = [
  {
    title: "Messages in",
    of: "received",
    value: rate,
    unit: "/s",
    more: (s) => `${count(total(s.messages_received))} in all`,
  },
  {
    title: "Messages out",
    of: "sent",
    value: rate,
    unit: "/s",
    more: (s) => `${count(total(s.messages_sent))} in all`,
  },
  {
    title: "Dropped",
    of: "dropped",
    value: rate,
    unit: "/s",
    more: (s) => `${count(total(s.messages_dropped))} in all`,
  },
  {
    title: "Connections",
    of: "connections",
    value: count,
    more: (s) => `${count(s.sessions.persistent)} persistent`,
  },
  {
    title: "Queued",
    of: "queued",
    value: count,
    more: (s) => `${count(s.inflight_messages)} in flight`,
  },
  {
    title: "Subscriptions",
    now: (s) => count(s.subscriptions),
    more: (s) => `${count(s.shared_subscriptions)} shared`,
  },
  { title: "Retained", now: (s) => count(s.retained_messages), more: () => "messages" },
  { title: "Memory", now: (s) => size(s.resident_memory), more: () => "resident" },
];

function makeTile({ title, of, now, value, unit, more }) {
  const figure = h("span", { class: "figure" }, "–");
  const below = h("span", { class: "tile-more" }, "\u00a0");
  const line = of ? spark() : null;
  function draw(stats, samples) {
    const last = of ? samples.at(-1)?.[of] : null;
    if (now) figure.textContent = now(stats);
    else
      fill(
        figure,
        last === null || last === undefined ? "–" : value(last),
        unit && h("small", {}, ` ${unit}`),
      );
    below.textContent = more(stats);
    line?.draw(samples.map((sample) => sample[of]));
  }
  return {
    draw,
    element: h(
      "div",
      { class: "tile" },
      h("span", { class: "tile-title" }, title),
      figure,
      below,
      line?.element,
    ),
  };
}

const perSecond = (value) => `${rate(value)}/s`;

const kCharts = [
  {
    label: "Messages",
    format: perSecond,
    series: [
      { label: "in", tone: "accent", of: (sample) => sample.received },
      { label: "out", tone: "second", of: (sample) => sample.sent },
      { label: "dropped", tone: "bad", of: (sample) => sample.dropped },
    ],
  },
  {
    label: "Traffic",
    format: traffic,
    series: [
      { label: "in", tone: "accent", of: (sample) => sample.bytesReceived },
      { label: "out", tone: "second", of: (sample) => sample.bytesSent },
    ],
  },
  {
    label: "Connections",
    format: count,
    series: [{ label: "open", tone: "accent", of: (sample) => sample.connections }],
  },
  {
    label: "Waiting messages",
    format: count,
    series: [
      { label: "queued", tone: "accent", of: (sample) => sample.queued },
      { label: "in flight", tone: "second", of: (sample) => sample.inflight },
    ],
  },
];

function chartPanel(chart, signal) {
  const { element, legend } = timeChart({ ...chart, signal });
  return panel(chart.label, { beside: legend }, element);
}

const kCounts = [
  {
    title: "Dropped, by reason",
    of: (stats) => stats.messages_dropped,
    name: dropReason,
    nothing: "Nothing has been dropped.",
  },
  {
    title: "Connections closed, by reason",
    of: (stats) => stats.closed,
    name: closeReason,
    nothing: "No client has left.",
  },
  {
    title: "Connects, by result",
    of: (stats) => stats.connects,
    name: (name) => (name === "accepted" ? "accepted" : closeReason(name)),
    nothing: "Nobody has connected.",
  },
];

// What has been counted, most first.
function makeCounts({ title, of, name, nothing }) {
  const body = h("dl", { class: "counts" });
  const none = h("p", { class: "quiet-line" }, nothing);
  function draw(stats) {
    const found = Object.entries(of(stats)).filter(([, value]) => value > 0);
    found.sort(([, one], [, other]) => other - one);
    none.hidden = found.length > 0;
    renew(
      body,
      found.map(([reason, value]) =>
        h("div", {}, h("dt", { title: reason }, name(reason)), h("dd", {}, count(value))),
      ),
    );
  }
  return { draw, element: panel(title, {}, body, none) };
}

function eventLine({ kind, time, client_id, address, reason }) {
  const came = kind === "connected";
  return h(
    "li",
    {},
    h("time", {}, clock(time)),
    h("i", { class: `dot ${came ? "live" : "off"}` }),
    h("span", { class: "event-who" }, clientLink(client_id)),
    h("span", { class: "event-what" }, came ? `connected from ${address}` : closeReason(reason)),
  );
}
