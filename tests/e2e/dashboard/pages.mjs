// Each page does its job, with real clients.

import { check, until } from "./browser.mjs";

const tile = (page, title) =>
  page.locator(".tile").filter({ has: page.getByText(title, { exact: true }) });

export async function overview(browser) {
  const page = await browser.signIn();
  const walker = await browser.client("walker");
  await walker.subscribeAsync("paths/#");
  const traffic = setInterval(() => walker.publish("paths/north", "on"), 20);
  await browser.sees("walker", browser.panel("Coming and going"));
  await tile(page, "Connections").locator(".figure", { hasText: /^1$/ }).waitFor();
  await tile(page, "Subscriptions").locator(".figure", { hasText: /^1$/ }).waitFor();
  for (const title of ["Messages in", "Messages out"]) {
    await tile(page, title)
      .locator(".figure", { hasText: /^[1-9][\d.]* \/s$/ })
      .waitFor();
  }
  clearInterval(traffic);
  check((await page.locator("canvas").count()) === 4, "four charts");
  await page.locator("canvas[aria-label*='in']").first().waitFor();
  await walker.endAsync();
  await browser.sees("said goodbye", browser.panel("Coming and going"));
  await browser.sees("said goodbye", browser.panel("Connections closed, by reason"));
}

export async function clients(browser) {
  await browser.client("garden-1", { username: "alice" });
  await browser.client("garden-2", { username: "bob" });
  const absent = await browser.client("cellar", { clean: false });
  await absent.endAsync();
  const page = await browser.signIn();
  await browser.go("clients", "Clients");
  for (const id of ["garden-1", "garden-2", "cellar"]) await browser.row(id).waitFor();
  await browser.sees("alice", browser.row("garden-1"));
  await browser.sees("connected", browser.row("garden-1"));

  await page.getByRole("button", { name: "Absent" }).click();
  await browser.row("garden-1").waitFor({ state: "detached" });
  await browser.sees("absent", browser.row("cellar"));

  await page.getByRole("button", { name: "All" }).click();
  await page.getByLabel("Search clients").fill("BOB");
  await browser.row("cellar").waitFor({ state: "detached" });
  await browser.row("garden-2").waitFor();
  await page.getByLabel("Search clients").fill("nobody-like-this");
  await browser.sees("No client matches.");
}

export async function client(browser) {
  const one = await browser.client("gate 1/ä", {
    clean: false,
    will: { topic: "gates/gone", payload: "x", qos: 1, retain: true },
  });
  await one.subscribeAsync("gates/+/open", { qos: 1 });
  const page = await browser.signIn();
  await browser.go("clients", "Clients");
  await page.getByRole("link", { name: "gate 1/ä" }).click();
  await browser.sees("persistent", browser.panel("Session"));
  await browser.sees(/^127\.0\.0\.1:\d+$/, browser.panel("Session"));
  await browser.sees("gates/+/open", browser.panel("Subscriptions"));
  await browser.sees("gates/gone", browser.panel("Will"));
  await browser.sees("It has lost no message.");

  const closed = new Promise((resolve) => one.once("close", resolve));
  await page.getByRole("button", { name: "Disconnect" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Disconnect" }).click();
  await closed;
  await browser.sees("absent", page.locator(".heading"));

  browser.expect(/404/);
  await page.getByRole("button", { name: "End session" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "End session" }).click();
  await browser.sees("There is no such client.");
}

// The broker keeps two messages for an absent client.
export async function drops(browser) {
  const absent = await browser.client("absent", { clean: false });
  await absent.subscribeAsync("jobs/#", { qos: 1 });
  await absent.endAsync();
  const publisher = await browser.client("publisher");
  for (let i = 0; i < 5; i += 1) await publisher.publishAsync(`jobs/${i}`, "work", { qos: 1 });
  await browser.signIn();
  await browser.go("clients/absent", "absent");
  await browser.sees("jobs/0", browser.panel("Last drops"));
  await browser.sees("its queue was full", browser.panel("Last drops"));
  await browser.sees(/^2 \(/, browser.panel("Waiting for it"));
}

export async function explain(browser) {
  const one = await browser.client("reader");
  await one.subscribeAsync("books/#", { qos: 1 });
  const page = await browser.signIn();
  await browser.go("clients/reader", "reader");
  const panel = browser.panel("Would it get this topic?");
  await panel.getByLabel("Topic").fill("books/new");
  await panel.getByRole("button", { name: "Explain" }).click();
  await browser.sees(/^Yes\./, panel);
  await browser.sees("books/#", panel);
  await panel.getByLabel("Topic").fill("films/new");
  await page.keyboard.press("Enter");
  await browser.sees("No. None of its subscriptions matches the topic.", panel);
  browser.expect(/400/);
  await panel.getByLabel("Topic").fill("films/#");
  await page.keyboard.press("Enter");
  await panel.getByRole("alert").waitFor();
}

export async function subscriptions(browser) {
  for (const id of ["hall", "stairs"])
    await (await browser.client(id)).subscribeAsync("house/+/light");
  for (const id of ["worker-1", "worker-2"])
    await (await browser.client(id)).subscribeAsync("$share/workers/house/#");
  await (await browser.client("other")).subscribeAsync("garden/#");
  const page = await browser.signIn();
  await browser.go("subscriptions", "Subscriptions");
  await browser.sees("5 subscriptions");
  await page.getByLabel("Topic of a message").fill("house/hall/light");
  await page.keyboard.press("Enter");
  await browser.sees(
    "A message to house/hall/light goes to 2 clients, and one member of 1 shared group.",
  );
  check((await browser.row("other").count()) === 0, "a client that is not concerned");
  await page.getByRole("link", { name: "hall" }).click();
  await browser.sees(/^Yes\./);
}

export async function retained(browser) {
  const keeper = await browser.client("keeper");
  const keep = (topic, payload) => keeper.publishAsync(topic, payload, { qos: 1, retain: true });
  await keep("plant/line-1/state", '{"speed":72}');
  await keep("plant/line-1/temperature", "21.5");
  await keep("plant/line-2/picture", Buffer.from([0, 255, 1, 254]));
  await keep("plant//odd name", "x");
  const page = await browser.signIn();
  await browser.go("retained?filter=plant/%23", "Retained");
  const topic = (name) =>
    page.getByRole("treeitem").filter({ has: page.getByText(name, { exact: true }) });
  await browser.sees("21.5", topic("temperature"));

  await topic("state").click();
  const payload = page.locator(".payload");
  await browser.sees('"speed": 72', payload);
  await page.getByRole("button", { name: "Hex" }).click();
  await browser.sees("7b 22 73 70", payload);
  await topic("picture").click();
  await browser.sees("00 ff 01 fe", payload);

  await topic("temperature").click();
  await browser.sees("plant/line-1/temperature", browser.panel("Message"));
  await page.getByRole("button", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await topic("temperature").waitFor({ state: "detached" });
  const late = await browser.client("late");
  await late.subscribeAsync("#");
  await until("the other three arrive", () => late.received.length === 3);
  check(
    late.received.every(([name]) => name !== "plant/line-1/temperature"),
    "the deleted one came all the same",
  );

  // By keyboard: to the first row, into it and down.
  await topic("plant").focus();
  await page.keyboard.press("ArrowLeft");
  await topic("line-1").waitFor({ state: "detached" });
  await page.keyboard.press("ArrowRight");
  await topic("line-1").waitFor();
}

export async function groups(browser) {
  const workers = [];
  for (const id of ["worker-1", "worker-2", "worker-3"]) {
    const worker = await browser.client(id);
    await worker.subscribeAsync("$share/workers/jobs/#");
    workers.push(worker);
  }
  const boss = await browser.client("boss");
  for (let i = 0; i < 30; i += 1) await boss.publishAsync(`jobs/${i}`, "work");
  await until(
    "all jobs arrive",
    () => workers.reduce((sum, { received }) => sum + received.length, 0) === 30,
  );
  const page = await browser.signIn();
  await browser.go("groups", "Shared groups");
  const group = browser.panel("workers");
  await browser.sees("jobs/#", group);
  await browser.sees("round robin", group);
  await browser.sees("3 members, 30 deliveries since the broker started", group);
  check((await group.getByText("33.3 %").count()) === 3, "an even split");
  const widths = await group
    .locator(".bar-part")
    .evaluateAll((bars) => bars.map((bar) => bar.style.width));
  check(
    widths.every((width) => /^33\.3/.test(width)),
    `bars are ${widths}`,
  );
  await page.getByRole("link", { name: "worker-2" }).click();
  await browser.sees("$share/workers/jobs/#", browser.panel("Subscriptions"));
}

export async function tryout(browser) {
  const real = await browser.client("real");
  await real.subscribeAsync("demo/#");
  const page = await browser.signIn();
  await browser.go("tryout", "Try out");
  const subscribe = browser.panel("Subscribe");
  const publish = browser.panel("Publish");
  await subscribe.getByLabel("Filter").fill("demo/#");
  await subscribe.getByRole("button", { name: "Subscribe" }).click();
  await browser.sees("subscribed to demo/#", subscribe);

  await publish.getByLabel("Topic").fill("demo/hello");
  await publish.getByLabel("Payload").fill('{"a": "<b>ä</b>"}');
  await publish.getByRole("button", { name: "Publish" }).click();
  await browser.sees("Published to 2 clients.", publish);
  await until("the real client gets it", () => real.received.length === 1);
  check(real.received[0][1] === '{"a": "<b>ä</b>"}', `it got ${real.received[0]}`);
  await browser.sees("demo/hello", subscribe);
  await subscribe.locator("summary").first().click();
  await browser.sees('"a": "<b>ä</b>"', subscribe.locator(".payload"));

  await real.publishAsync("demo/back", "hello");
  await browser.sees("demo/back", subscribe);
  await subscribe.getByRole("button", { name: "Stop" }).click();
  browser.expect(/400/);
  await subscribe.getByLabel("Filter").fill("demo/#/more");
  await subscribe.getByRole("button", { name: "Subscribe" }).click();
  await subscribe.getByRole("alert").waitFor();
}

export async function node(browser) {
  const page = await browser.signIn();
  await browser.go("node", "Node");
  await browser
    .row("indoors")
    .getByText(/^127\.0\.0\.1:\d+$/)
    .waitFor();
  const configuration = page.locator(".configuration");
  await browser.sees("max_inflight", configuration);
  await page.getByLabel("Search the configuration").fill("max_inflight");
  await configuration.getByText("max_packet_size").waitFor({ state: "detached" });
  await browser.sees("17", configuration);
  await page.getByRole("button", { name: "Reload the configuration" }).click();
  await browser.sees("Reloaded: the configuration file is in force.");

  console.log("break the configuration");
  browser.expect(/422/);
  await until("the reload is refused", async () => {
    await page.getByRole("button", { name: "Reload the configuration" }).click();
    return page.getByText("The old configuration stays in force.").isVisible();
  });
  await browser.sees(/lisenters/);
}

export async function log(browser) {
  const page = await browser.signIn();
  await browser.go("log", "Log");
  await browser.sees("following");
  const lines = page.locator("ol.log li");
  await browser.client("first-visitor");
  await lines.filter({ hasText: "first-visitor" }).first().waitFor();
  await page.getByLabel("Filter the lines").fill("second");
  await lines.filter({ hasText: "first-visitor" }).first().waitFor({ state: "hidden" });
  await page.getByRole("button", { name: "Pause" }).click();
  await browser.client("second-visitor");
  await browser.sees(/^paused, [1-9]/);
  check(
    (await lines.filter({ hasText: "second-visitor" }).count()) === 0,
    "a line came during the pause",
  );
  await page.getByRole("button", { name: "Go on" }).click();
  await lines.filter({ hasText: "second-visitor" }).first().waitFor();
}

export async function nothing_yet(browser) {
  await browser.signIn();
  await browser.sees("Nobody has come or gone yet.");
  await browser.go("clients", "Clients");
  await browser.sees(/mosquitto_sub -h 127\.0\.0\.1 -p \d+/);
  await browser.go("retained", "Retained");
  await browser.sees(/mosquitto_pub -h 127\.0\.0\.1 -p \d+ .* -r/);
  await browser.go("groups", "Shared groups");
  await browser.sees("No shared groups yet.");
  await browser.go("subscriptions", "Subscriptions");
  await browser.sees("No subscriptions yet.");
}

// The test has left 10,000 sessions.
export async function many_clients(browser) {
  const page = await browser.signIn();
  await browser.go("clients", "Clients");
  await browser.row("many-").first().waitFor();
  await page.getByRole("button", { name: "Next" }).click();
  await browser.sees("page 2");
  const begun = Date.now();
  await page.getByLabel("Search clients").fill("many-07777");
  await page.getByText("1 client", { exact: true }).waitFor();
  await browser.row("many-07777").waitFor();
  const taken = Date.now() - begun;
  check(taken < 5000, `the search took ${taken} ms`);
}
