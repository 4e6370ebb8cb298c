// What goes wrong, and what the dashboard says about it.

import { check, until } from "./browser.mjs";

export async function wrong_token(browser) {
  const page = await browser.newPage();
  browser.expect(/401/);
  await page.getByLabel("Token").fill("not the token");
  await page.keyboard.press("Enter");
  await browser.sees("That is not the token.");
  await page.getByLabel("Token").fill(browser.token);
  await page.keyboard.press("Enter");
  await browser.live();
  await page.reload();
  await browser.live();
  await page.getByRole("button", { name: "Sign out" }).click();
  await browser.sees("You are signed out.");
  await page.reload();
  await page.getByLabel("Token").waitFor();
}

// The broker comes back with another token, so that the cookie of before is worth nothing.
export async function expired(browser) {
  const page = await browser.signIn();
  const before = browser.token;
  await browser.go("clients", "Clients");
  browser.expect(/401|ERR_|Failed to load/);
  console.log("restart with another token");
  await browser.sees("Your session has ended. Please enter the token again.");
  check(browser.token !== before, "the token stayed the same");
  await page.getByLabel("Token").fill(browser.token);
  await page.keyboard.press("Enter");
  await browser.live();
  await page.getByRole("heading", { level: 1, name: "Clients" }).waitFor();
}

export async function gone(browser) {
  const page = await browser.signIn();
  await browser.go("clients", "Clients");
  await browser.sees("No clients yet.");
  browser.expect(/ERR_|Failed to load/);
  console.log("stop");
  const banner = page.locator(".banner");
  await browser.sees("The broker does not answer", banner);
  await page.locator(".state", { hasText: "not answering" }).waitFor();
  console.log("start");
  await browser.sees("The broker is back. It was restarted, so its counters begin anew.", banner);
  await browser.live();
  await browser.client("early");
  await browser.row("early").waitFor();
}

// Nothing that a client names becomes markup.
export async function hostile_names(browser) {
  const evil = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
  const one = await browser.client(evil, { username: evil });
  await one.subscribeAsync(`${evil}/#`);
  await one.subscribeAsync(`$share/${evil}/a/#`.replaceAll("/script", "script"));
  await one.publishAsync(`${evil}/t`, evil, { qos: 1, retain: true });
  const page = await browser.signIn();
  const places = [
    ["clients", "Clients"],
    [`clients/${encodeURIComponent(evil)}`, evil],
    ["subscriptions", "Subscriptions"],
    ["groups", "Shared groups"],
    ["retained", "Retained"],
  ];
  for (const [place, title] of places) {
    await browser.go(place, title);
    await browser.sees("onerror", page.locator("#main"));
    check((await page.locator("#main img, #main script").count()) === 0, `markup on ${place}`);
  }
  await browser.go("log", "Log");
  await browser.sees("following");
  await (await browser.client(`${evil}2`)).endAsync();
  await browser.sees("onerror", page.locator("ol.log"));
  check((await page.locator("#main img, #main script").count()) === 0, "markup in the log");
}

export async function nowhere(browser) {
  const page = await browser.signIn();
  await browser.go("no-such-page", "Not found");
  browser.expect(/404/);
  await browser.go("clients/nobody", "nobody");
  await browser.sees("There is no such client.");
  await page.getByRole("link", { name: "All clients" }).click();
  await until("the list is shown", async () => page.url().endsWith("#/clients"));
}
