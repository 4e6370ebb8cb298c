// Narrow screens, the keyboard alone, light and dark.

import { check, until } from "./browser.mjs";

const kPlaces = [
  ["", "Overview"],
  ["clients", "Clients"],
  ["subscriptions?match=a/b", "Subscriptions"],
  ["retained", "Retained"],
  ["groups", "Shared groups"],
  ["tryout", "Try out"],
  ["node", "Node"],
  ["log", "Log"],
];

async function furnish(browser) {
  const id = "a-client-with-a-name-that-is-longer-than-a-phone-is-wide-0123456789abcdef";
  const topic =
    "a/topic/that/is/longer/than/a/phone/is/wide/and/goes/on/and/on/0123456789abcdef0123456789abcdef";
  const one = await browser.client(id);
  await one.subscribeAsync(`$share/workers/${topic}/#`);
  await one.subscribeAsync(topic);
  await one.publishAsync(topic, "x".repeat(500), { qos: 1, retain: true });
  return id;
}

export async function phone(browser) {
  const id = await furnish(browser);
  const page = await browser.signIn({
    viewport: { width: 360, height: 740 },
    hasTouch: true,
    isMobile: true,
  });
  for (const [place, title] of [...kPlaces, [`clients/${id}?topic=a/b`, id]]) {
    await browser.go(place, title);
    await page.locator("#main .panel, #main table, #main ol").first().waitFor();
    const over = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    check(over <= 0, `${title} is ${over} px too wide`);
  }
  await page.getByRole("button", { name: "Menu" }).click();
  await page.getByRole("link", { name: "Retained" }).click();
  await page.getByRole("heading", { level: 1, name: "Retained" }).waitFor();
  await page.getByRole("link", { name: "Groups" }).waitFor({ state: "hidden" });
}

// Signs in, finds a client and kicks it without a pointer, with the focus in sight all the way.
export async function keyboard(browser) {
  const victim = await browser.client("victim");
  const page = await browser.newPage();
  await page.getByLabel("Token").waitFor();
  await page.keyboard.type(browser.token);
  await page.keyboard.press("Enter");
  await browser.live();
  await tabTo(page, "Clients");
  await page.keyboard.press("Enter");
  await browser.row("victim").waitFor();
  await tabTo(page, "victim");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "victim" }).waitFor();
  await page.locator("button:enabled", { hasText: "Disconnect" }).waitFor();
  await tabTo(page, "Disconnect");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await page.getByRole("dialog").waitFor({ state: "detached" });
  check(victim.connected, "Escape kicked it");

  await tabTo(page, "Disconnect");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  const closed = new Promise((resolve) => victim.once("close", resolve));
  await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await closed;
}

async function tabTo(page, name) {
  for (let steps = 0; steps < 60; steps += 1) {
    await page.keyboard.press("Tab");
    const { text, visible } = await page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
      return {
        text: document.activeElement.textContent.trim(),
        visible: outlineStyle !== "none" && outlineWidth !== "0px",
      };
    });
    if (text !== name) continue;
    check(visible, `the focus on ${name} is not to be seen`);
    return;
  }
  throw new Error(`no way to ${name} by Tab`);
}

export async function colours(browser) {
  const shades = {};
  for (const colorScheme of ["light", "dark"]) {
    const page = await browser.signIn({ colorScheme });
    shades[colorScheme] = await background(page);
    for (const [place, title] of kPlaces) {
      await browser.go(place, title);
      const poor = await poorContrast(page);
      check(poor.length === 0, `${colorScheme} ${title}: hard to read: ${poor}`);
    }
    await browser.context.close();
  }
  check(shades.light > 200 && shades.dark < 60, `light is ${shades.light}, dark is ${shades.dark}`);

  const page = await browser.signIn({ colorScheme: "light" });
  await page.getByRole("button", { name: "Switch to dark" }).click();
  await until("it is dark", async () => (await background(page)) < 60);
  await page.reload();
  await browser.live();
  check((await background(page)) < 60, "the choice is forgotten");
  await page.getByRole("button", { name: "Switch to light" }).click();
  await until("it is light", async () => (await background(page)) > 200);
}

function background(page) {
  return page.evaluate(() =>
    Number(getComputedStyle(document.body).backgroundColor.match(/\d+/)[0]),
  );
}

// Texts with less than the contrast of 4.5 that WCAG asks for.
function poorContrast(page) {
  return page.evaluate(() => {
    const numbers = (colour) => colour.match(/[\d.]+/g).map(Number);
    const luminance = (rgb) => {
      const [r, g, b] = rgb.map((value) =>
        value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
      );
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const behind = (element) => {
      for (let one = element; one; one = one.parentElement) {
        const [r, g, b, alpha = 1] = numbers(getComputedStyle(one).backgroundColor);
        if (alpha === 1) return [r, g, b];
      }
      return [255, 255, 255];
    };
    const poor = [];
    for (const element of document.querySelectorAll("#app *")) {
      const text = [...element.childNodes].filter(
        (node) => node.nodeType === Node.TEXT_NODE && node.data.trim(),
      );
      if (!text.length || !element.checkVisibility() || element.closest(":disabled")) continue;
      const light = [
        luminance(numbers(getComputedStyle(element).color).slice(0, 3)),
        luminance(behind(element)),
      ].sort((one, other) => one - other);
      const contrast = (light[1] + 0.05) / (light[0] + 0.05);
      if (contrast < 4.5)
        poor.push(`'${element.textContent.trim().slice(0, 30)}' ${contrast.toFixed(2)}`);
    }
    return poor;
  });
}
