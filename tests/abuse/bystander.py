"""The pair that has done nothing: a publisher and a subscriber at QoS 1, in a process of their own.

`bystander.py HOST PORT LOGIN` publishes numbered messages at a steady pace. It says `quiet` once it
has measured how long they take when nothing else happens, and `abused` is what it calls all that come
afterwards. It ends with its stdin; its last line is a report in JSON: how long messages took, and what
went wrong, which is nothing.
"""

import json
import pathlib
import selectors
import struct
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

from godwit_daemon import die_with_parent  # noqa: E402
from raw_client import PUBACK, PUBLISH, Closed, RawClient, puback, publish  # noqa: E402

TOPIC = "bystander/data"
INTERVAL = 0.01  # seconds between messages
QUIET = 300  # messages
DRAIN = 20.0  # for the last of them


class Pair:
    """Publishes on one connection, subscribes on the other, and counts what it sees."""

    def __init__(self, address, login):
        self.subscriber = RawClient(address).connect("bystander-subscriber", **login)
        self.subscriber.subscribe((TOPIC, 1))
        self.publisher = RawClient(address).connect("bystander-publisher", **login)
        self.sent = self.acknowledged = self.received = 0
        self.latencies = []
        self.faults = []

    def send(self):
        self.sent += 1
        payload = struct.pack("!Qd", self.sent, time.monotonic())
        self.publisher.send(publish(TOPIC, payload, 1, (self.sent - 1) % 65535 + 1))

    def read(self, client):
        self.take(client, client.receive())
        while packet := client.take_packet():
            self.take(client, packet)

    def take(self, client, packet):
        if client is self.publisher and packet.type == PUBACK:
            self.acknowledged += 1
            if packet.packet_id != (self.acknowledged - 1) % 65535 + 1:
                self.faults.append(f"acknowledgement {self.acknowledged} is {packet}")
        elif client is self.subscriber and packet.type == PUBLISH and packet.topic == TOPIC:
            client.send(puback(packet.packet_id))
            number, sent_at = struct.unpack("!Qd", packet.payload)
            self.received += 1
            if number != self.received or packet.dup:
                self.faults.append(f"message {number} came as the {self.received}th, DUP {packet.dup}")
            self.latencies.append(time.monotonic() - sent_at)
            if self.received == QUIET:
                print("quiet", flush=True)
        else:
            self.faults.append(f"nobody asked for {packet}")

    def is_complete(self):
        return self.sent == self.acknowledged == self.received


def run(pair, commands):
    """Until stdin ends and everything has arrived."""
    selector = selectors.DefaultSelector()
    for client in (pair.publisher, pair.subscriber):
        selector.register(client.socket, selectors.EVENT_READ, client)
    selector.register(commands, selectors.EVENT_READ)
    next_message = time.monotonic()
    give_up = None
    while give_up is None or (not pair.is_complete() and time.monotonic() < give_up):
        for key, _ in selector.select(max(0, next_message - time.monotonic())):
            if key.data:
                pair.read(key.data)
            else:
                selector.unregister(commands)
                give_up = time.monotonic() + DRAIN
        now = time.monotonic()
        if now >= next_message:
            next_message = max(next_message + INTERVAL, now)
            if give_up is None:
                pair.send()


def quantile(values, share):
    return sorted(values)[min(len(values) - 1, int(len(values) * share))] if values else None


def main():
    pair = Pair((sys.argv[1], int(sys.argv[2])), json.loads(sys.argv[3]))
    try:
        run(pair, sys.stdin)
    except (Closed, OSError, AssertionError) as error:
        pair.faults.append(f"the connection dropped: {error!r}")
    if not pair.is_complete():
        pair.faults.append(
            f"{pair.sent} sent, {pair.acknowledged} acknowledged, {pair.received} received"
        )
    print(json.dumps({
        "received": pair.received,
        "faults": pair.faults[:20],
        "p99": [quantile(pair.latencies[:QUIET], 0.99), quantile(pair.latencies[QUIET:], 0.99)],
    }))


class Bystander:
    """The pair, as the test drives it: when this is constructed, it has measured the quiet."""

    def __init__(self, address, login):
        self._process = subprocess.Popen(
            [sys.executable, __file__, address[0], str(address[1]), json.dumps(login)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, preexec_fn=die_with_parent,
        )
        if self._process.stdout.readline() != "quiet\n":
            raise AssertionError("the bystander is not served")

    def report(self):
        """Ends it; what it saw."""
        output, _ = self._process.communicate(timeout=2 * DRAIN)
        return json.loads(output)

    def destroy(self):
        if self._process.poll() is None:
            self._process.kill()
            self._process.communicate()


if __name__ == "__main__":
    main()
