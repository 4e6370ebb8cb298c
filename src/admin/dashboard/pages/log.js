// The log as it is written.

import { follow } from "../api.js";
import { fill, h } from "../dom.js";
import { counted } from "../format.js";
import { button, empty, heading, input, problem, select } from "../parts.js";

const kKept = 2000; // lines
const kLevels = ["trace", "debug", "info", "warning", "error"];

export function log({ signal }) {
  let kept = []; // {text, level, element}
  let held = null; // lines that came during a pause
  const trouble = h("div");
  const state = h("span", { class: "beside", role: "status" }, "connecting");
  const lines = h("ol", { class: "log", tabindex: "0", "aria-label": "Log lines" });
  const none = empty("No lines yet.", "What the broker logs from now on appears here.");
  const pause = button("Pause", turn, { "aria-pressed": "false" });
  const search = input({
    type: "search",
    class: "search",
    placeholder: "Filter",
    "aria-label": "Filter the lines",
  });
  const level = select(
    [
      ["0", "all levels"],
      ["2", "info and above"],
      ["3", "warnings and errors"],
      ["4", "errors"],
    ],
    { "aria-label": "Level" },
  );

  const fits = ({ text, level: of }) =>
    of >= Number(level.value) && text.toLowerCase().includes(search.value.toLowerCase());

  function take({ text }) {
    if (held) {
      held.push(text);
      if (held.length > kKept) held.shift();
      state.textContent = `paused, ${counted(held.length, "new line")}`;
      return;
    }
    add(text);
  }

  function add(text) {
    const atEnd = lines.scrollHeight - lines.scrollTop - lines.clientHeight < 40;
    const line = { text, level: levelOf(text) };
    line.element = lineElement(line);
    line.element.hidden = !fits(line);
    kept.push(line);
    lines.append(line.element);
    if (kept.length > kKept) kept.shift().element.remove();
    none.hidden = true;
    if (atEnd) lines.scrollTop = lines.scrollHeight;
  }

  function turn() {
    if (held) {
      const late = held;
      held = null;
      late.forEach(add);
      state.textContent = "following";
    } else {
      held = [];
      state.textContent = "paused";
    }
    pause.textContent = held ? "Go on" : "Pause";
    pause.setAttribute("aria-pressed", String(held !== null));
  }

  function filter() {
    kept.forEach((line) => (line.element.hidden = !fits(line)));
    lines.scrollTop = lines.scrollHeight;
  }
  search.addEventListener("input", filter);
  level.addEventListener("change", filter);

  follow("/log", {
    signal,
    handlers: {
      line: take,
      missed: ({ count }) => add(`… ${counted(count, "line")} came too fast to be shown`),
    },
    opened: () => !held && (state.textContent = "following"),
    lost: () => (state.textContent = "interrupted; trying again"),
  }).catch((error) => !signal.aborted && fill(trouble, problem(error)));

  const clear = () => ((kept = []), fill(lines));
  return [
    heading("Log", state),
    h(
      "div",
      { class: "toolbar" },
      search,
      level,
      h("div", { class: "pager" }, pause, button("Clear", clear)),
    ),
    trouble,
    none,
    lines,
  ];
}

// Of a line as text or as JSON; what has no level, as the ready line, counts as info.
function levelOf(text) {
  const found = text.match(/^\S+\s+(\w+)\s/)?.[1] ?? text.match(/"level":\s*"(\w+)"/)?.[1];
  const at = kLevels.indexOf(found);
  return at < 0 ? 2 : at;
}

function lineElement({ text, level }) {
  const [, stamp, name, rest] = text.match(
    /^(\d{4}-\S+)\s+(?:(trace|debug|info|warning|error)\s+)?(.*)$/s,
  ) ?? [null, "", "", text];
  return h(
    "li",
    { class: `level-${kLevels[level]}` },
    stamp && h("time", { title: stamp }, stamp.slice(11, 23)),
    stamp && h("i", {}, name ?? ""),
    h("span", {}, rest),
  );
}
