// What several pages show alike.

import { h } from "../dom.js";
import { clock, moment } from "../format.js";
import { live } from "../live.js";
import { code } from "../parts.js";
import { dropReason } from "../words.js";

function clientPath(id, topic) {
  return `#/clients/${encodeURIComponent(id)}${topic ? `?${new URLSearchParams({ topic })}` : ""}`;
}

export function clientLink(id, topic) {
  return h("a", { class: "id", href: clientPath(id, topic) }, id);
}

export function topic(name) {
  return h("span", { class: "topic" }, name);
}

// The time for the eye, the whole of it for who points at it.
export function time(value) {
  return value === null ? "–" : h("time", { datetime: value, title: value }, moment(value));
}

// How to get a first client, with the address of this broker's first plain listener.
export function connectCommand(command = "mosquitto_sub", rest = "-t '#' -v") {
  const listener = live.node?.listeners.find(({ transport, tls }) => transport === "tcp" && !tls);
  const [, host, port] = listener?.address.match(/^(.*):(\d+)$/) ?? [null, "127.0.0.1", "1883"];
  const anywhere = host === "*" || host === "0.0.0.0" || host === "[::]";
  return code(
    `${command} -h ${anywhere ? location.hostname : host.replace(/[[\]]/g, "")} -p ${port} ${rest}`,
  );
}

export function dropList(drops) {
  return h(
    "ol",
    { class: "drops" },
    [...drops]
      .reverse()
      .map((drop) =>
        h(
          "li",
          {},
          h("time", { title: drop.time }, clock(drop.time)),
          topic(drop.topic),
          h("span", {}, `QoS ${drop.qos}`),
          h("span", { class: "why", title: drop.reason }, dropReason(drop.reason)),
        ),
      ),
  );
}
