// Lines over the last minutes, drawn by Chart.js, and the small ones within tiles.

import { h, svg } from "./dom.js";
import { live } from "./live.js";

const kSpans = [60, 120, 300]; // seconds
const kSparks = 60; // samples

// `series` are {label, of(sample), tone}; `format` turns a value into text. Lives until the
// signal ends it.
export function timeChart({ label, series, format, signal }) {
  const canvas = h("canvas", { role: "img", "aria-label": label });
  const figures = series.map(() => h("b", {}, "–"));
  const legend = h(
    "div",
    { class: "legend" },
    series.map(({ label: name, tone }, i) =>
      h("span", {}, h("i", { class: `swatch ${tone}` }), name, " ", figures[i]),
    ),
  );
  const chart = new Chart(canvas, {
    type: "line",
    data: { datasets: series.map(({ label: name }) => ({ label: name, data: [] })) },
    options: options(format),
  });

  function draw() {
    const now = live.samples.at(-1)?.time ?? Date.now();
    stretch(chart, (now - (live.samples[0]?.time ?? now)) / 1000);
    series.forEach(({ of }, i) => {
      chart.data.datasets[i].data = live.samples.map((sample) => ({
        x: (sample.time - now) / 1000,
        y: of(sample),
      }));
      const last = live.samples.length ? of(live.samples.at(-1)) : null;
      figures[i].textContent = last === null ? "–" : format(last);
    });
    canvas.setAttribute("aria-label", `${label}: ${legend.textContent}`);
    chart.update("none");
  }
  function dress() {
    paint(chart, series);
    chart.update("none");
  }

  const dark = matchMedia("(prefers-color-scheme: dark)");
  live.addEventListener("sample", draw);
  dark.addEventListener("change", dress);
  document.addEventListener("themechange", dress);
  signal.addEventListener("abort", () => {
    live.removeEventListener("sample", draw);
    dark.removeEventListener("change", dress);
    document.removeEventListener("themechange", dress);
    chart.destroy();
  });
  paint(chart, series);
  draw();
  return { element: h("div", { class: "chart" }, canvas), legend };
}

function options(format) {
  return {
    animation: false,
    parsing: false,
    normalized: true,
    responsive: true,
    maintainAspectRatio: false,
    interaction: { mode: "index", intersect: false },
    elements: { line: { borderWidth: 1.6, tension: 0.25 }, point: { radius: 0, hoverRadius: 3 } },
    scales: {
      x: {
        type: "linear",
        max: 0,
        ticks: {
          maxRotation: 0,
          align: "inner",
          callback: (value) => (value === 0 ? "now" : `\u2212${shortSpan(-value)}`),
        },
        grid: { drawTicks: false },
      },
      y: {
        beginAtZero: true,
        suggestedMax: 4,
        ticks: { maxTicksLimit: 5, precision: 0, callback: (value) => format(value) },
        grid: { drawTicks: false, drawBorder: false },
        // One width for all charts, so that they line up and none moves when its numbers grow.
        afterFit: (scale) => (scale.width = 74),
      },
    },
    plugins: {
      legend: { display: false },
      tooltip: {
        displayColors: true,
        boxWidth: 8,
        boxHeight: 8,
        callbacks: {
          title: ([{ parsed }]) => `${Math.round(-parsed.x)} s ago`,
          label: ({ dataset, parsed }) => ` ${dataset.label}: ${format(parsed.y)}`,
        },
      },
    },
  };
}

// Shows no more time than there are samples for, so that a fresh chart is not a bare field.
function stretch(chart, seconds) {
  const span = kSpans.find((one) => one >= seconds) ?? kSpans.at(-1);
  chart.options.scales.x.min = -span;
  chart.options.scales.x.ticks.stepSize = span / (span === 300 ? 5 : 4);
}

function shortSpan(seconds) {
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${seconds} s`;
}

// Takes the colours of the style sheet as they are now.
function paint(chart, series) {
  const text = colour("--muted");
  chart.data.datasets.forEach((dataset, i) => {
    dataset.borderColor = colour(`--${series[i].tone}`);
    dataset.backgroundColor = dataset.borderColor;
  });
  for (const scale of Object.values(chart.options.scales)) {
    scale.ticks.color = text;
    scale.grid.color = colour("--line");
    scale.ticks.font = { size: 11, family: getComputedStyle(document.body).fontFamily };
  }
  chart.options.scales.x.grid.color = "transparent";
  Object.assign(chart.options.plugins.tooltip, {
    backgroundColor: colour("--raised"),
    borderColor: colour("--edge"),
    borderWidth: 1,
    titleColor: text,
    bodyColor: colour("--text"),
    padding: 8,
  });
}

// A custom property as the browser resolves it, light-dark() included.
function colour(property) {
  const probe = h("span", { hidden: true });
  probe.style.color = `var(${property})`;
  document.body.append(probe);
  const resolved = getComputedStyle(probe).color;
  probe.remove();
  return resolved;
}

// The last minute as a line without axes.
export function spark() {
  const line = svg("polyline", { class: "spark-line" });
  const element = svg(
    "svg",
    { class: "spark", viewBox: "0 0 100 24", preserveAspectRatio: "none", "aria-hidden": "true" },
    line,
  );
  return {
    element,
    draw(values) {
      const shown = values.slice(-kSparks);
      const top = Math.max(1, ...shown);
      const at = (value, i) =>
        value !== null &&
        `${100 - ((shown.length - 1 - i) * 100) / (kSparks - 1)},${23 - (22 * value) / top}`;
      line.setAttribute("points", shown.map(at).filter(Boolean).join(" "));
    },
  };
}
