// Shared groups, and how evenly their messages fall on the members.

import { list } from "../api.js";
import { fill, h, renew } from "../dom.js";
import { count, counted, percent } from "../format.js";
import { bar, chip, code, empty, heading, problem } from "../parts.js";
import { repeat } from "../refresh.js";
import { clientLink, connectCommand, topic } from "./common.js";

const kGroups = 200;
const kMembers = 100; // shown of each
const kSeconds = 2;

export function groups({ signal }) {
  const trouble = h("div");
  const summary = h("span", { class: "beside", role: "status" });
  const cards = h("div", { class: "groups" });

  async function load() {
    const { items, next } = await list("/shared", { cursor: null, wanted: kGroups, signal });
    fill(trouble);
    summary.textContent =
      next === null ? counted(items.length, "group") : `the first ${kGroups} groups`;
    renew(cards, items.length ? items.map(card) : nothing());
  }
  repeat(
    load,
    kSeconds,
    signal,
    (error) => error.code !== "unreachable" && fill(trouble, problem(error)),
  );
  return [heading("Shared groups", summary), trouble, cards];
}

function card({ group, filter, local, strategy, members }) {
  const deliveries = members.reduce((sum, member) => sum + member.deliveries, 0);
  const sorted = [...members].sort((one, other) =>
    one.client_id.localeCompare(other.client_id, "en", { numeric: true }),
  );
  return h(
    "section",
    { class: "panel group" },
    h(
      "header",
      { class: "panel-head" },
      h("h2", {}, group === "" ? "$queue" : group),
      topic(filter),
      h(
        "span",
        { class: "badges" },
        local && chip("quiet", "this node only"),
        chip("quiet", strategy.replaceAll("_", " ")),
      ),
    ),
    h(
      "ul",
      { class: "members" },
      sorted.slice(0, kMembers).map((member) => memberLine(member, deliveries)),
    ),
    h(
      "p",
      { class: "quiet-line" },
      `${counted(members.length, "member")}, ${counted(deliveries, "delivery", "deliveries")} since the broker started`,
      members.length > kMembers && `; the first ${kMembers} members are shown`,
    ),
  );
}

function memberLine({ client_id, connected, qos, deliveries, inflight_messages: inflight }, all) {
  return h(
    "li",
    {},
    h(
      "span",
      { class: "member" },
      h("i", { class: `dot ${connected ? "live" : "off"}` }),
      clientLink(client_id),
      h("span", { class: "sr" }, connected ? "connected" : "absent"),
    ),
    bar(deliveries, all, `${percent(deliveries, all)} of the deliveries`),
    h("span", { class: "share" }, percent(deliveries, all)),
    h("span", { class: "deliveries" }, count(deliveries)),
    h("span", { class: "member-more" }, `QoS ${qos} · ${count(inflight)} in flight`),
  );
}

function nothing() {
  return empty(
    "No shared groups yet.",
    "Of a group's members, one gets each message. Start two: ",
    connectCommand("mosquitto_sub", "-t '$share/workers/jobs/#'"),
    " or ",
    code("$queue/jobs/#"),
  );
}
