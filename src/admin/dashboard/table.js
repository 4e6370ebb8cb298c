// A table that can be shown anew each second without losing focus, selection or place.

import { fill, h } from "./dom.js";
import { empty } from "./parts.js";

export class Table {
  // `columns` are {title, cell(item), kind}: kind is CSS classes as `number` or `wide` (left out on
  // a phone). `key(item)` is unique among the items. `nothing` is an element that stands for an
  // empty table.
  constructor({ label, columns, key, nothing }) {
    this._columns = columns;
    this._key = key;
    this._rows = new Map();
    this._body = h("tbody");
    this._table = h(
      "table",
      { "aria-label": label },
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          columns.map(({ title, kind }) => h("th", { scope: "col", class: kind }, title)),
        ),
      ),
      this._body,
    );
    this._nothing = nothing ?? empty("Nothing here.");
    this._nothing.hidden = true;
    this.element = h("div", { class: "table" }, this._table, this._nothing);
  }

  show(items) {
    const rows = new Map();
    for (const item of items) {
      const key = this._key(item);
      rows.set(key, this._renewed(this._rows.get(key), item));
    }
    this._rows = rows;
    this._place([...rows.values()]);
    this._table.hidden = items.length === 0;
    this._nothing.hidden = items.length > 0;
  }

  // What stands for the empty table from now on.
  explain(nothing) {
    nothing.hidden = this._nothing.hidden;
    this._nothing.replaceWith(nothing);
    this._nothing = nothing;
  }

  // The row of before with new cells where they changed, or a new one.
  _renewed(row, item) {
    const cells = this._columns.map(({ cell, kind }) => h("td", { class: kind }, cell(item)));
    if (!row) return h("tr", {}, cells);
    cells.forEach((cell, i) => {
      if (!row.cells[i].isEqualNode(cell)) row.cells[i].replaceChildren(...cell.childNodes);
    });
    return row;
  }

  // Moves only what is not in its place: a moved row would lose the focus.
  _place(rows) {
    const staying = new Set(rows);
    for (const row of [...this._body.rows]) if (!staying.has(row)) row.remove();
    rows.forEach((row, i) => {
      const there = this._body.rows[i];
      if (there !== row) this._body.insertBefore(row, there ?? null);
    });
  }
}
