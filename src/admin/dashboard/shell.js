// The frame around the pages: where one is, where one can go, and how the broker is.

import { session, signOut } from "./api.js";
import { fill, h } from "./dom.js";
import { clock } from "./format.js";
import { icon } from "./icons.js";
import { live } from "./live.js";
import { button, iconButton } from "./parts.js";

const kBackShown = 8000; // ms

// `places` are {path, title, icon}.
export class Shell {
  constructor(places) {
    this.main = h("main", { id: "main" });
    this._links = places.map((place) =>
      h("a", { href: `#/${place.path}` }, icon(place.icon), h("span", {}, place.title)),
    );
    this._places = places;
    this._node = h("span", { class: "node-name" });
    this._state = h("span", { class: "state", role: "status" });
    this._banner = h("div", { class: "banner", role: "alert", hidden: true });
    this._theme = iconButton("moon", "Dark or light", toggleTheme);
    this._menu = iconButton(
      "menu",
      "Menu",
      () => this._open(!this._nav.classList.contains("open")),
      {
        class: "icon-button menu",
        "aria-expanded": "false",
        "aria-controls": "nav",
      },
    );
    this._nav = h("nav", { id: "nav", "aria-label": "Pages" }, this._links);
    this.element = h(
      "div",
      { class: "shell" },
      h(
        "button",
        { type: "button", class: "skip", onclick: () => this.main.querySelector("h1")?.focus() },
        "Skip to the page",
      ),
      h(
        "header",
        { class: "top" },
        this._menu,
        h(
          "a",
          { class: "brand", href: "#/" },
          h("img", { src: "logo.svg", alt: "", width: "28", height: "28" }),
          "Godwit",
        ),
        this._node,
        this._state,
        this._theme,
        iconButton("leave", "Sign out", leave),
      ),
      this._nav,
      this.main,
      this._banner,
    );
    this._gone = false;
    live.addEventListener("state", () => this._tell());
    this._nav.addEventListener("keydown", (event) => event.key === "Escape" && this._open(false));
    document.addEventListener("themechange", () => this._dress());
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this._dress());
    this._dress();
    this._tell();
  }

  // Another page is shown.
  mark(path) {
    this._places.forEach((place, i) => {
      if (place.path === path) this._links[i].setAttribute("aria-current", "page");
      else this._links[i].removeAttribute("aria-current");
    });
    this._open(false);
  }

  _open(open) {
    this._nav.classList.toggle("open", open);
    this._menu.setAttribute("aria-expanded", String(open));
    if (open) this._nav.querySelector("a").focus();
  }

  _dress() {
    const name = isDark() ? "sun" : "moon";
    const label = isDark() ? "Switch to light" : "Switch to dark";
    fill(this._theme, icon(name));
    this._theme.setAttribute("aria-label", label);
    this._theme.title = label;
  }

  _tell() {
    const words = { connecting: "connecting", live: "live", gone: "not answering" };
    fill(this._state, h("i", { class: `dot ${live.state}` }), h("span", {}, words[live.state]));
    if (live.node)
      fill(this._node, h("b", {}, live.node.name), h("span", {}, ` ${live.node.version}`));
    this.element.classList.toggle("stale", live.state === "gone");
    if (live.state === "gone") this._tellGone();
    else if (live.state === "live" && this._gone) this._tellBack();
  }

  _tellGone() {
    this._gone = true;
    clearTimeout(this._backTimer);
    this._show(
      "warn",
      icon("warning"),
      h(
        "span",
        {},
        h("b", {}, live.reachable ? live.error.message : "The broker does not answer"),
        ` since ${clock(live.since)}. What is shown may be out of date; it is tried again every few seconds.`,
      ),
      button("Try now", () => live.retry()),
    );
  }

  _tellBack() {
    this._gone = false;
    const how = live.restarted ? " It was restarted, so its counters begin anew." : "";
    this._show("good", icon("check"), h("span", {}, h("b", {}, "The broker is back."), how));
    this._backTimer = setTimeout(() => (this._banner.hidden = true), kBackShown);
  }

  _show(kind, ...children) {
    this._banner.className = `banner ${kind}`;
    fill(this._banner, children);
    this._banner.hidden = false;
  }
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function toggleTheme() {
  const theme = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = theme;
  localStorage.setItem("godwit.theme", theme);
  document.dispatchEvent(new Event("themechange"));
}

async function leave() {
  await signOut().catch(() => {}); // Without a cookie that works one is out as well.
  session.dispatchEvent(new CustomEvent("ended", { detail: "left" }));
}
