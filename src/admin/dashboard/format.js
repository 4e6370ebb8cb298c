// Numbers, sizes and times for people.

const kWhole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const kTenths = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });
const kClock = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});
const kDay = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });

export function count(value) {
  return kWhole.format(value);
}

// "1 client", "1,204 clients".
export function counted(value, one, many = `${one}s`) {
  return `${count(value)} ${value === 1 ? one : many}`;
}

// Per second: tenths where they tell something.
export function rate(value) {
  return value < 10 ? kTenths.format(value) : kWhole.format(value);
}

export function size(bytes) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? kTenths.format(value) : kWhole.format(value)} ${units[unit]}`;
}

// Bytes per second, in powers of ten as networks are measured.
export function traffic(bytes) {
  const units = ["B/s", "kB/s", "MB/s", "GB/s"];
  let value = bytes;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 10 && unit > 0 ? kTenths.format(value) : kWhole.format(value)} ${units[unit]}`;
}

export function percent(part, whole) {
  return `${kTenths.format(whole > 0 ? (100 * part) / whole : 0)} %`;
}

// The two biggest units: "3 d 4 h", "12 min 5 s".
export function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [
    [Math.floor(whole / 86400), "d"],
    [Math.floor(whole / 3600) % 24, "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ];
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return "0 s";
  return parts
    .slice(first, first + 2)
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(" ");
}

export function clock(time) {
  return kClock.format(new Date(time));
}

// Of today the time, of other days the day as well.
export function moment(time) {
  const date = new Date(time);
  const today = date.toDateString() === new Date().toDateString();
  return today ? kClock.format(date) : `${kDay.format(date)}, ${kClock.format(date)}`;
}

export function ago(time) {
  return `${duration((Date.now() - new Date(time)) / 1000)} ago`;
}
