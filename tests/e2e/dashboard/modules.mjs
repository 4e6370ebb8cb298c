// What the pages reckon with, in the browser that will run it.

import { check } from "./browser.mjs";

export async function payloads(browser) {
  const page = await browser.newPage();
  const found = await page.evaluate(async () => {
    const { asHex, asJson, asText, fromBase64, inBrief } = await import("/payload.js");
    const bytes = (text) => new TextEncoder().encode(text);
    return {
      text: asText(bytes("20 °C\n")),
      binary: asText(Uint8Array.of(0, 65)),
      broken: asText(Uint8Array.of(0xc3)),
      json: asJson(
        bytes('{"id":12345678901234567890,"list":[1,{}],"none":[],"s":"a, \\"b\\": {"}'),
      ),
      scalar: asJson(bytes("21.5")),
      notJson: asJson(bytes("{not json}")),
      hex: asHex(fromBase64("AEH/")),
      cut: inBrief(bytes("grün").subarray(0, 3), true),
      brief: inBrief(Uint8Array.of(0, 255), false),
      empty: inBrief(bytes(""), false),
    };
  });
  equal(found, {
    text: "20 °C\n",
    binary: null,
    broken: null,
    json: '{\n  "id": 12345678901234567890,\n  "list": [\n    1,\n    {}\n  ],\n  "none": [],\n  "s": "a, \\"b\\": {"\n}',
    scalar: null,
    notJson: null,
    hex: `000000  ${"00 41 ff".padEnd(47)}  .A.`,
    cut: "gr…",
    brief: "00 ff",
    empty: "(empty)",
  });
}

export async function figures(browser) {
  const page = await browser.newPage();
  const found = await page.evaluate(async () => {
    const { count, counted, duration, percent, rate, size, traffic } = await import("/format.js");
    return [
      count(1234567),
      counted(1, "client"),
      counted(2, "client"),
      duration(0),
      duration(59.9),
      duration(3600),
      duration(90061),
      percent(1, 3),
      percent(0, 0),
      rate(0.25),
      rate(1234.5),
      size(1023),
      size(1536),
      size(64 * 1024 * 1024),
      traffic(999),
      traffic(1500),
    ];
  });
  equal(found, [
    "1,234,567",
    "1 client",
    "2 clients",
    "0 s",
    "59 s",
    "1 h",
    "1 d 1 h",
    "33.3 %",
    "0 %",
    "0.3",
    "1,235",
    "1,023 B",
    "1.5 KiB",
    "64 MiB",
    "999 B/s",
    "1.5 kB/s",
  ]);
}

function equal(found, wanted) {
  const [one, other] = [found, wanted].map((value) => JSON.stringify(value, null, 1));
  check(one === other, `got ${one}\nnot ${other}`);
}
