// node screenshots.mjs ADMIN_URL MQTT_URL TOKEN_FILE FOLDER
//
// A small plant at work, and the dashboard's pages as pictures of it, light and dark.
import path from "node:path";

import { Browser } from "./dashboard/browser.mjs";

const [admin, broker, tokenFile, folder] = process.argv.slice(2);
const kMinute = 57_000; // ms; until the charts are full
const kMachines = ["press", "oven", "packer", "robot"];
const kDesk = { viewport: { width: 1280, height: 800 } };
const kPhone = {
  viewport: { width: 360, height: 740 },
  deviceScaleFactor: 2,
  isMobile: true,
  hasTouch: true,
};

const browser = await Browser.open(admin, broker, tokenFile);
const pick = (list) => list[Math.floor(Math.random() * list.length)];
const timers = [];
const every = (milliseconds, work) => timers.push(setInterval(work, milliseconds));

async function sensors() {
  for (let line = 1; line <= 4; line += 1) {
    for (const machine of kMachines) {
      const place = `plant/line-${line}/${machine}`;
      const id = `${machine}-${line}`;
      const will = { topic: `${place}/state`, payload: '{"state":"lost"}', qos: 1, retain: true };
      const client = await browser.client(id, { username: "machines", will });
      await client.subscribeAsync(`${place}/command/#`, { qos: 1 });
      const state = {
        state: pick(["running", "running", "running", "idle"]),
        speed: 60 + line * 4,
        order: `A-${4700 + line}`,
        operator: "shift 2",
      };
      await client.publishAsync(`${place}/state`, JSON.stringify(state), { qos: 1, retain: true });
      let degrees = 40 + Math.random() * 40;
      const measure = (retain) =>
        client.publish(`${place}/temperature`, (degrees += Math.random() - 0.5).toFixed(1), {
          retain,
        });
      measure(true);
      every(
        120 + Math.random() * 160,
        () => Math.random() < 0.75 + 0.25 * Math.sin(Date.now() / 9000) && measure(false),
      );
      every(4000 + Math.random() * 4000, () =>
        client.publish("jobs/inspect", JSON.stringify({ machine: id }), { qos: 1 }),
      );
    }
  }
}

async function readers() {
  for (const [id, filter] of [
    ["historian", "plant/#"],
    ["scada", "plant/+/+/temperature"],
    ["alarms", "plant/+/+/state"],
  ]) {
    const client = await browser.client(id, { username: "office", clean: false });
    await client.subscribeAsync(filter, { qos: 1 });
    await client.subscribeAsync(`office/${id}/#`);
  }
  for (const id of ["inspector-1", "inspector-2", "inspector-3"]) {
    await (
      await browser.client(id, { username: "vision", clean: false })
    ).subscribeAsync("$share/inspectors/jobs/inspect", { qos: 1 });
  }
  for (const id of ["mailer-1", "mailer-2"]) {
    await (
      await browser.client(id, { username: "office" })
    ).subscribeAsync("$queue/plant/+/+/temperature");
  }
}

// Who is away, and loses what its queue has no room for.
async function absent() {
  const tablet = await browser.client("tablet-7", { username: "maintenance", clean: false });
  await tablet.subscribeAsync("maintenance/orders/#", { qos: 1 });
  await tablet.subscribeAsync("plant/line-2/+/state", { qos: 1 });
  await tablet.endAsync();
  const office = await browser.client("planner", { username: "office" });
  for (let i = 1; i <= 212; i += 1)
    await office.publishAsync(`maintenance/orders/${i}`, "due", { qos: 1 });
}

// Machines restart, visitors come and go.
function visitors() {
  let number = 0;
  every(1700, async () => {
    number += 1;
    const visitor = await browser.client(`handheld-${100 + number}`, { username: "shift-2" });
    setTimeout(() => visitor.endAsync(), 3000 + Math.random() * 6000).unref();
  });
}

async function shoot(name, options, place, title, prepare) {
  for (const colorScheme of ["light", "dark"]) {
    const page = await browser.signIn({ ...options, colorScheme });
    await browser.go(place, title);
    await prepare(page);
    const suffix = colorScheme === "dark" ? "-dark" : "";
    await page.screenshot({ path: path.join(folder, `${name}${suffix}.png`) });
    await browser.context.close();
  }
}

const topic = (page, name) =>
  page.getByRole("treeitem").filter({ has: page.getByText(name, { exact: true }) });

await sensors();
await readers();
await absent();
visitors();
await shoot("client", kDesk, "clients/tablet-7?topic=maintenance/orders/213", "tablet-7", () =>
  browser.sees(/^(Yes|No)\./),
);
await shoot("retained", kDesk, "retained?filter=plant/%23", "Retained", async (page) => {
  await topic(page, "oven").nth(1).click();
  await topic(page, "state").click();
  await browser.sees('"speed"', page.locator(".payload"));
});
await shoot("groups", kDesk, "groups", "Shared groups", () => browser.sees("inspector-1"));
await shoot("overview", kDesk, "", "Overview", (page) => page.waitForTimeout(kMinute));
await shoot("phone", kPhone, "", "Overview", (page) => page.waitForTimeout(kMinute / 2));
timers.forEach(clearInterval);
await browser.close();
process.exit();
