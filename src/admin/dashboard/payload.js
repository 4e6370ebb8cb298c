// A payload for the eye: as text, as indented JSON, as a hex dump.

const kDumped = 16 * 1024; // bytes; a longer dump helps nobody

export function fromBase64(text) {
  const raw = atob(text);
  return Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
}

// Null for what is not UTF-8, or has control characters that no text has.
export function asText(bytes) {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return /[\x00-\x08\x0e-\x1f\x7f]/.test(text) ? null : text;
  } catch {
    return null;
  }
}

// Null for what is not an object or a list.
export function asJson(bytes) {
  const text = asText(bytes);
  if (text === null || !/^\s*[[{]/.test(text)) return null;
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  return indented(text);
}

// As it was written but for the space between its parts: a number keeps all its digits, a key its
// place.
function indented(json) {
  const parts = json.match(/"(?:[^"\\]|\\.)*"|[^\s{}[\],:"]+|[{}[\],:]/gs);
  let out = "";
  let depth = 0;
  const newLine = () => `\n${"  ".repeat(depth)}`;
  parts.forEach((part, i) => {
    const opens = part === "{" || part === "[";
    const closes = part === "}" || part === "]";
    const follows = i > 0 && (parts[i - 1] === "{" || parts[i - 1] === "[");
    if (closes) depth -= 1;
    if (follows !== closes) out += closes || follows ? newLine() : "";
    out += part === ":" ? ": " : part;
    if (opens) depth += 1;
    if (part === ",") out += newLine();
  });
  return out;
}

export function asHex(bytes) {
  const lines = [];
  for (let at = 0; at < Math.min(bytes.length, kDumped); at += 16) {
    const row = Array.from(bytes.subarray(at, at + 16));
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const letters = row
      .map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "."))
      .join("");
    lines.push(`${at.toString(16).padStart(6, "0")}  ${hex.padEnd(47)}  ${letters}`);
  }
  if (bytes.length > kDumped) lines.push("…");
  return lines.join("\n");
}

// One line of it, for lists; truncated ones may end amid a character.
export function inBrief(bytes, truncated) {
  if (bytes.length === 0) return "(empty)";
  const text = truncated ? asText(wholeCharacters(bytes)) : asText(bytes);
  if (text !== null) return text.replace(/\s+/g, " ") + (truncated ? "…" : "");
  const some = Array.from(bytes.subarray(0, 16), (byte) => byte.toString(16).padStart(2, "0")).join(
    " ",
  );
  return some + (bytes.length > 16 || truncated ? " …" : "");
}

// Without the beginning of a UTF-8 character at the end.
function wholeCharacters(bytes) {
  let end = bytes.length;
  while (end > 0 && bytes.length - end < 3 && (bytes[end - 1] & 0xc0) === 0x80) end -= 1;
  return end > 0 && bytes[end - 1] >= 0xc0 ? bytes.subarray(0, end - 1) : bytes;
}
