// What mqtt.js does with the broker, the same in Node and in a browser. The test reads the lines
// that it reports: 'restart' asks for a restart of the broker, 'passed' or 'failed: ...' is the end.

const kLarge = 200 * 1024; // bytes
const kPatience = 60_000; // ms

function pattern(size, seed) {
  return Uint8Array.from({ length: size }, (_, i) => (i * 31 + (i >> 8) + seed) & 0xff);
}

function equal(one, other) {
  return one.length === other.length && one.every((byte, i) => byte === other[i]);
}

function check(condition, what) {
  if (!condition) throw new Error(what);
}

function once(emitter, event) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no '${event}' in time`)), kPatience);
    emitter.once(event, (...values) => {
      clearTimeout(timer);
      resolve(values);
    });
  });
}

// Publishes at each QoS and expects the same message back, small, large and empty.
async function echo(client, topic) {
  for (const qos of [0, 1, 2]) {
    for (const size of [5, kLarge, 0]) {
      const payload = pattern(size, qos);
      const message = once(client, "message");
      await client.publishAsync(`${topic}/${qos}`, payload, { qos });
      const [name, received, packet] = await message;
      check(name === `${topic}/${qos}` && packet.qos === qos, `QoS ${qos}: got ${name} ${packet.qos}`);
      check(equal(received, payload), `QoS ${qos}: ${size} bytes came back changed`);
    }
  }
}

async function run(mqtt, url, report) {
  const client = mqtt.connect(url, {
    clientId: "mqtt.js",
    clean: false,
    reconnectPeriod: 200,
    will: { topic: "echo/will", payload: "unused", qos: 1, retain: false },
  });
  await once(client, "connect");
  const [granted] = await client.subscribeAsync("echo/#", { qos: 2 });
  check(granted.qos === 2, `granted ${granted.qos}`);
  await echo(client, "echo/first");

  const again = once(client, "connect");
  const message = once(client, "message");
  report("restart");
  const [connack] = await again;
  check(connack.sessionPresent, "the session is gone after the reconnection");
  const [, will] = await message;
  check(new TextDecoder().decode(will) === "unused", "the will came changed");
  await echo(client, "echo/second");
  await client.endAsync();
}

export async function exchange(mqtt, url, report) {
  try {
    await run(mqtt, url, report);
    report("passed");
  } catch (error) {
    report(`failed: ${error.stack ?? error}`);
  }
}
