// A payload on the page, with the way to look at it.

import { fill, h } from "./dom.js";
import { segments } from "./parts.js";
import { asHex, asJson, asText } from "./payload.js";

const kShown = 256 * 1024; // letters; more of it makes a page slow

// Keeps the way that was chosen while the payload changes.
export class PayloadView {
  constructor() {
    this._way = null;
    this._bytes = null;
    this._text = h("pre", { class: "payload", tabindex: "0", "aria-label": "Payload" });
    this._ways = h("div");
    this.element = h("div", { class: "payload-view" }, this._ways, this._text);
  }

  show(bytes) {
    if (this._bytes && same(this._bytes, bytes)) return;
    this._bytes = bytes;
    const json = asJson(bytes);
    const text = asText(bytes);
    const ways = [
      text !== null && ["text", "Text"],
      json !== null && ["json", "JSON"],
      ["hex", "Hex"],
    ].filter(Boolean);
    const best = json !== null ? "json" : ways[0][0];
    const way = ways.some(([name]) => name === this._way) ? this._way : best;
    fill(
      this._ways,
      segments("Show as", ways, way, (name) => this._draw((this._way = name))),
    );
    this._draw(way);
  }

  _draw(way) {
    const shown = { text: asText, json: asJson, hex: asHex }[way](this._bytes);
    this._text.textContent =
      shown.length > kShown ? `${shown.slice(0, kShown)}…` : shown || "(empty)";
  }
}

function same(one, other) {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}
