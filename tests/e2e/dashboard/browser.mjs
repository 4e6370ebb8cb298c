// The dashboard in a browser, MQTT clients beside it, and what must never happen: an error on the
// console, a request to another host, a page that is wider than the screen.

import fs from "node:fs";

import mqtt from "mqtt";
import { chromium } from "playwright-core";

const kPatience = 60_000; // ms; a browser on a busy machine is slow

export function check(condition, what) {
  if (!condition) throw new Error(what);
}

export class Browser {
  static async open(admin, broker, tokenFile) {
    const browser = await chromium.launch({
      executablePath: "/usr/bin/chromium",
      args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"],
      timeout: kPatience,
    });
    return new Browser(browser, admin, broker, tokenFile);
  }

  constructor(browser, admin, broker, tokenFile) {
    this._browser = browser;
    this._admin = admin;
    this._broker = broker;
    this._tokenFile = tokenFile;
    this._clients = [];
    this._faults = [];
    this._expected = [];
  }

  get token() {
    return fs.readFileSync(this._tokenFile, "utf8").trim();
  }

  // A fresh page that nobody has signed in on.
  async newPage(options = {}) {
    this.context = await this._browser.newContext({
      viewport: { width: 1280, height: 800 },
      ...options,
    });
    this.page = await this.context.newPage();
    this.page.setDefaultTimeout(kPatience);
    this.page.on(
      "console",
      (message) => message.type() === "error" && this._faults.push(`console: ${message.text()}`),
    );
    this.page.on("pageerror", (error) => this._faults.push(`page: ${error.stack}`));
    this.page.on("dialog", (dialog) => this._faults.push(`dialog: ${dialog.message()}`));
    this.page.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== this._admin && protocol !== "data:")
        this._faults.push(`request to ${request.url()}`);
    });
    await this.page.goto(this._admin);
    return this.page;
  }

  async signIn(options) {
    const page = await this.newPage(options);
    await page.getByLabel("Token").fill(this.token);
    await page.keyboard.press("Enter");
    await this.live();
    return page;
  }

  async live() {
    await this.page.locator(".state", { hasText: "live" }).waitFor({ state: "attached" });
  }

  // Shows a page by its address, as `clients` or `clients/sensor-1`.
  async go(place, title) {
    await this.page.evaluate((hash) => (location.hash = hash), `#/${place}`);
    await this.page.getByRole("heading", { level: 1, name: title, exact: true }).waitFor();
  }

  async sees(text, within = this.page) {
    await within.getByText(text).first().waitFor();
  }

  // A panel by its title.
  panel(title) {
    return this.page.locator("section", {
      has: this.page.getByRole("heading", { name: title, exact: true }),
    });
  }

  // A row of a table that holds the text.
  row(text) {
    return this.page.getByRole("row").filter({ hasText: text });
  }

  // A client that stays until the scenario ends.
  async client(clientId, options = {}) {
    const client = await mqtt.connectAsync(this._broker, {
      clientId,
      reconnectPeriod: 0,
      ...options,
    });
    client.received = [];
    client.on("message", (topic, payload) => client.received.push([topic, payload.toString()]));
    this._clients.push(client);
    return client;
  }

  // From now on errors that match are part of the scenario: browsers log each answer from 400 on.
  expect(pattern) {
    this._expected.push(pattern);
  }

  judge() {
    const faults = this._faults.filter(
      (fault) => !this._expected.some((pattern) => pattern.test(fault)),
    );
    check(faults.length === 0, `the page misbehaved:\n${faults.join("\n")}`);
  }

  // For the report of a failure.
  async describe() {
    const text = await this.page?.locator("body").innerText({ timeout: 2000 }).catch(String);
    return `${this._faults.join("\n")}\n--- ${this.page?.url()}\n${text}`;
  }

  async close() {
    await Promise.all(this._clients.map((client) => client.endAsync(true).catch(() => {})));
    await this._browser.close();
  }
}

// Until the function gives something true; for what no page shows.
export async function until(what, holds) {
  const end = Date.now() + kPatience;
  while (!(await holds())) {
    check(Date.now() < end, `not in ${kPatience} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
