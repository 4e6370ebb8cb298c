// Topics as a tree by their levels, walked with the arrow keys. Only what is unfolded is built.

import { fill, h } from "./dom.js";
import { count } from "./format.js";
import { icon } from "./icons.js";

const kUnfolded = 40; // rows that a fresh tree may unfold to

class Branch {
  constructor(level, parent) {
    this.level = level;
    this.parent = parent;
    this.depth = parent ? parent.depth + 1 : 0;
    this.children = new Map();
    this.item = null; // what is kept under this very topic
    this.topics = 0; // below, itself included
    this.open = false;
  }

  get path() {
    return this.parent?.parent ? `${this.parent.path}/${this.level}` : this.level;
  }
}

export class TopicTree {
  // `brief(item)` is the text beside a topic; `chosen(item)` is called when one is picked.
  constructor({ label, brief, chosen }) {
    this._brief = brief;
    this._chosen = chosen;
    this._root = new Branch("", null);
    this._rows = []; // branches on show
    this._current = null;
    this.element = h("ul", { class: "tree", role: "tree", "aria-label": label });
    this.element.addEventListener("keydown", (event) => this._key(event));
  }

  // Anew; what was unfolded before stays so.
  show(items) {
    const opened = new Set();
    visit(this._root, (branch) => branch.open && opened.add(branch.path));
    const fresh = this._root.children.size === 0;
    const current = this._current?.path;
    this._root = new Branch("", null);
    items.forEach((item) => this._add(item));
    visit(this._root, (branch) => (branch.open = opened.has(branch.path)));
    if (fresh) this._unfold();
    this._draw();
    this._current = this._rows.find((branch) => branch.path === current) ?? null;
    this._mark();
  }

  _add(item) {
    let branch = this._root;
    branch.topics += 1;
    for (const level of item.topic.split("/")) {
      if (!branch.children.has(level)) branch.children.set(level, new Branch(level, branch));
      branch = branch.children.get(level);
      branch.topics += 1;
    }
    branch.item = item;
  }

  // Level by level, as long as it stays a list for one look.
  _unfold() {
    let shown = this._root.children.size;
    for (let row = [...this._root.children.values()]; row.length;) {
      const below = row.flatMap((branch) => [...branch.children.values()]);
      shown += below.length;
      if (shown > kUnfolded) return;
      row.forEach((branch) => (branch.open = true));
      row = below;
    }
  }

  _draw() {
    this._rows = [];
    this._gather(this._root);
    fill(
      this.element,
      this._rows.map((branch) => this._row(branch)),
    );
    this._mark();
  }

  _gather(branch) {
    const sorted = [...branch.children.values()].sort((one, other) =>
      one.level.localeCompare(other.level, "en", { numeric: true }),
    );
    sorted.forEach((child, i) => {
      child.position = [i + 1, sorted.length];
      this._rows.push(child);
      if (child.open) this._gather(child);
    });
  }

  _row(branch) {
    const folds = branch.children.size > 0;
    const [position, among] = branch.position;
    const row = h(
      "li",
      {
        role: "treeitem",
        tabindex: "-1",
        "aria-level": branch.depth,
        "aria-posinset": position,
        "aria-setsize": among,
        "aria-expanded": folds && String(branch.open),
        onclick: () => this._pick(branch, true),
      },
      h("span", { class: "fold" }, folds && icon(branch.open ? "open" : "closed")),
      h("span", { class: branch.level ? "level" : "level none" }, branch.level || "(empty level)"),
      folds && h("span", { class: "tree-count" }, count(branch.topics)),
      branch.item && h("span", { class: "brief" }, this._brief(branch.item)),
    );
    row.style.paddingInlineStart = `${0.4 + (branch.depth - 1) * 1.1}rem`;
    return row;
  }

  _mark() {
    const rows = [...this.element.children];
    const at = Math.max(0, this._rows.indexOf(this._current));
    rows.forEach((row, i) => {
      row.tabIndex = i === at ? 0 : -1;
      row.setAttribute("aria-selected", String(this._rows[i] === this._current));
    });
  }

  _pick(branch, turn) {
    this._current = branch;
    if (turn && branch.children.size) branch.open = !branch.open;
    this._draw();
    this.element.children[this._rows.indexOf(branch)].focus({ preventScroll: true });
    if (branch.item) this._chosen(branch.item);
  }

  _focus(branch) {
    if (!branch) return;
    this._current = branch;
    this._mark();
    this.element.children[this._rows.indexOf(branch)].focus();
  }

  _key(event) {
    const at = [...this.element.children].indexOf(event.target);
    const branch = this._rows[at];
    if (!branch) return;
    const moves = {
      ArrowDown: () => this._focus(this._rows[at + 1]),
      ArrowUp: () => this._focus(this._rows[at - 1]),
      Home: () => this._focus(this._rows[0]),
      End: () => this._focus(this._rows.at(-1)),
      ArrowRight: () =>
        branch.children.size && !branch.open
          ? this._pick(branch, true)
          : this._focus(this._rows[at + 1]),
      ArrowLeft: () =>
        branch.open ? this._pick(branch, true) : branch.depth > 1 && this._focus(branch.parent),
      Enter: () => this._pick(branch, true),
      " ": () => this._pick(branch, true),
    };
    if (!moves[event.key]) return;
    event.preventDefault();
    moves[event.key]();
  }
}

function visit(branch, work) {
  work(branch);
  branch.children.forEach((child) => visit(child, work));
}
