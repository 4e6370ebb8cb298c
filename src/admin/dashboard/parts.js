// What all pages are made of.

import { freshId, h } from "./dom.js";
import { icon } from "./icons.js";

export function heading(title, ...beside) {
  return h("header", { class: "heading" }, h("h1", { tabindex: "-1" }, title), beside);
}

export function panel(title, { beside, class: more = "" } = {}, ...children) {
  const id = freshId();
  return h(
    "section",
    { class: `panel ${more}`, "aria-labelledby": id },
    h("header", { class: "panel-head" }, h("h2", { id }, title), beside),
    children,
  );
}

export function button(label, onclick, { kind = "", ...attributes } = {}) {
  return h("button", { type: "button", class: `button ${kind}`, onclick, ...attributes }, label);
}

export function iconButton(name, label, onclick, attributes = {}) {
  return h(
    "button",
    {
      type: "button",
      class: "icon-button",
      "aria-label": label,
      title: label,
      onclick,
      ...attributes,
    },
    icon(name),
  );
}

// kind: good | bad | warn | quiet
export function chip(kind, text) {
  return h("span", { class: `chip ${kind}` }, text);
}

export function presence(connected) {
  return chip(connected ? "good" : "quiet", connected ? "connected" : "absent");
}

// A labelled control; the control gets the label's id.
export function field(label, control, hint) {
  const id = freshId();
  control.id = id;
  const about = hint ? h("span", { class: "hint", id: `${id}-hint` }, hint) : null;
  if (about) control.setAttribute("aria-describedby", about.id);
  return h("div", { class: "field" }, h("label", { for: id }, label), control, about);
}

export function input(attributes = {}) {
  return h("input", {
    type: "text",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    ...attributes,
  });
}

// `options` are [value, label].
export function select(options, attributes = {}) {
  return h(
    "select",
    attributes,
    options.map(([value, label]) => h("option", { value }, label)),
  );
}

export const qosSelect = () =>
  select([
    ["0", "0"],
    ["1", "1"],
    ["2", "2"],
  ]);

// Buttons of which one is pressed. `options` are [value, label].
export function segments(label, options, chosen, choose) {
  const buttons = options.map(([value, text]) =>
    h(
      "button",
      { type: "button", "aria-pressed": String(value === chosen), onclick: () => press(value) },
      text,
    ),
  );
  const press = (value) => {
    options.forEach(([other], i) =>
      buttons[i].setAttribute("aria-pressed", String(other === value)),
    );
    choose(value);
  };
  return h("div", { class: "segments", role: "group", "aria-label": label }, buttons);
}

// A form that a script handles: work() runs at Enter and at its button.
export function form(attributes, work, ...children) {
  const submitted = (event) => {
    event.preventDefault();
    work();
  };
  return h("form", { ...attributes, onsubmit: submitted }, children);
}

// Nothing to show, and what to do about it.
export function empty(title, ...advice) {
  return h(
    "div",
    { class: "empty" },
    h("p", { class: "empty-title" }, title),
    advice.length ? h("p", {}, advice) : null,
  );
}

export function code(text) {
  return h("code", {}, text);
}

export function problem(error) {
  return h(
    "div",
    { class: "problem", role: "alert" },
    icon("warning"),
    h("span", {}, error.message),
  );
}

// [term, value] by [term, value]; an empty value shows as a dash.
export function facts(pairs) {
  return h(
    "dl",
    { class: "facts" },
    pairs.map(([term, value]) =>
      h("div", {}, h("dt", {}, term), h("dd", {}, value === "" || value === null ? "–" : value)),
    ),
  );
}

// How much of a whole: a bar that is also a number for who cannot see it. The width is set by
// script, since the page's policy allows no style attribute.
export function bar(part, whole, label) {
  const filled = h("span", { class: "bar-part" });
  filled.style.width = `${whole > 0 ? Math.min(100, (100 * part) / whole) : 0}%`;
  return h("span", { class: "bar", role: "img", "aria-label": label }, filled);
}
