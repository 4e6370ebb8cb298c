// Icons of one stroke on a grid of 20, drawn in the colour of the text around them.

import { svg } from "./dom.js";

const kPaths = {
  overview: "M3 11.5 7 7l3.5 4L17 4.5M3 16.5h14",
  clients: "M4 4.5h12v8H4zM7.5 16h5M10 12.5V16",
  subscriptions: "M3.5 5h9M3.5 10h6M3.5 15h9M13 10h3.5M14.5 7.5 17 10l-2.5 2.5",
  retained: "M5 3.5h10v13l-5-3.5-5 3.5z",
  shared: "M4 10h3.5M7.5 10 12 5h3.5M7.5 10h8M7.5 10 12 15h3.5",
  tryout: "M3.5 9.5 16.5 4l-4 12.5-3.2-5z",
  node: "M4 4.5h12v4.5H4zM4 11h12v4.5H4zM7 6.75h.01M7 13.25h.01",
  log: "M4.5 3.5h11v13h-11zM7.5 7h5M7.5 10h5M7.5 13h3",
  sun: "M10 6.5a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7zM10 2v1.5M10 16.5V18M2 10h1.5M16.5 10H18M4.3 4.3l1.1 1.1M14.6 14.6l1.1 1.1M15.7 4.3l-1.1 1.1M5.4 14.6l-1.1 1.1",
  moon: "M15.5 12.2A6.2 6.2 0 0 1 7.8 4.5a6.2 6.2 0 1 0 7.7 7.7z",
  leave: "M8 3.5H4.5v13H8M12 6.5 15.5 10 12 13.5M15.5 10h-8",
  menu: "M3.5 6h13M3.5 10h13M3.5 14h13",
  closed: "M8 5.5l4.5 4.5L8 14.5",
  open: "M5.5 8l4.5 4.5L14.5 8",
  warning: "M10 3.5l7 12.5H3zM10 8.5v3.5M10 14h.01",
  check: "M4.5 10.5l3.5 3.5 7.5-8",
};

export function icon(name, attributes = {}) {
  return svg(
    "svg",
    {
      viewBox: "0 0 20 20",
      class: "icon",
      "aria-hidden": "true",
      focusable: "false",
      ...attributes,
    },
    svg("path", { d: kPaths[name] }),
  );
}
