"""$SYS/broker/#: what clients learn of the broker's state, as they would of mosquitto's."""

import os
import re
import subprocess
import tempfile
import unittest

from godwit_daemon import BINARY, DEADLINE, NoDaemonTestCase, Program, free_port, on_loops
from raw_client import RawClients, publish, suback, subscribe
from test_reload import Reloads, listening
from tools import MosquittoSub

LOADS = (
    "messages/received", "messages/sent", "publish/received", "publish/sent", "publish/dropped",
    "bytes/received", "bytes/sent", "sockets", "connections",
)  # fmt: skip

# What each topic below $SYS/broker/ says.
TOPICS = {
    "version": r"godwit version \d+\.\d+\.\d+",
    "uptime": r"\d+ seconds",
    **{
        name: r"\d+"
        for name in (
            "clients/connected", "clients/total", "clients/disconnected", "clients/maximum",
            "clients/expired", "messages/received", "messages/sent", "messages/stored",
            "publish/messages/received", "publish/messages/sent", "publish/messages/dropped",
            "bytes/received", "bytes/sent", "subscriptions/count", "shared_subscriptions/count",
            "retained messages/count", "heap/current",
        )
    },
    **{
        f"load/{name}/{window}": r"\d+\.\d\d"
        for name in LOADS for window in ("1min", "5min", "15min")
    },
}  # fmt: skip

OFTEN = "sys_topics.interval=100ms"


class SysTopics(RawClients, NoDaemonTestCase):
    def watch(self, *filters, client_id="watcher"):
        return self.client(client_id).subscribe(*((one, 0) for one in filters or ("$SYS/#",)))

    def wait_for(self, client, name, value):
        """Messages until one says so, that one included."""
        seen = []
        while not seen or (seen[-1].topic, seen[-1].payload) != ("$SYS/broker/" + name, value):
            seen.append(client.receive())
        return seen


@on_loops(1, 3)
class SysTopicsTest(SysTopics):
    def test_a_subscriber_is_told_all_at_once(self):
        daemon = self.start_daemon()  # whose next interval is far
        sub = MosquittoSub(self, daemon, topic="$SYS/#", count=len(TOPICS))
        values = {}
        for line in sub.messages():
            name, value = re.fullmatch(r"\$SYS/broker/(.+) 0 1 (.*)", line).groups()
            values[name] = value
        self.assertEqual(values.keys(), TOPICS.keys())
        for name, pattern in TOPICS.items():
            self.assertRegex(values[name], f"^{pattern}$", name)
        self.assertGreater(int(values["heap/current"]), 1_000_000)

    def test_clients_and_their_messages_show(self):
        self.daemon = self.start_daemon(OFTEN)
        watcher = self.watch()
        clients = [self.client(f"c{i}") for i in range(5)]
        self.wait_for(watcher, "clients/connected", b"6")
        clients[0].subscribe(("t", 0), ("$share/g/t", 0))
        self.wait_for(watcher, "shared_subscriptions/count", b"1")
        self.client("stays", clean=False).subscribe(("u", 1)).close()
        self.wait_for(watcher, "clients/disconnected", b"1")
        clients[1].publish("u", "kept", 1)
        clients[1].publish("r", "kept", 1, retain=True)
        self.wait_for(watcher, "messages/stored", b"2")
        clients[1].publish("$share/g/t", "to nobody", 1)
        self.wait_for(watcher, "publish/messages/dropped", b"1")
        for client in clients:
            client.close()
        self.wait_for(watcher, "clients/connected", b"1")

    def test_only_what_changes_is_published_again(self):
        self.daemon = self.start_daemon(OFTEN)
        watcher = self.watch()
        seen = []
        while sum(one.topic == "$SYS/broker/uptime" for one in seen) < 3:
            seen.append(watcher.receive())
        retained = [one.topic for one in seen if one.retain]
        live = {one.topic for one in seen if not one.retain}
        self.assertEqual(sorted(retained), sorted("$SYS/broker/" + name for name in TOPICS))
        self.assertNotIn("$SYS/broker/version", live)
        self.assertNotIn("$SYS/broker/clients/expired", live)

    def test_a_wildcard_at_the_front_does_not_reach_them(self):
        self.daemon = self.start_daemon(OFTEN)
        greedy = self.watch("#", "+/broker/uptime", client_id="greedy")
        watcher = self.watch("$SYS/+/uptime")
        for _ in range(3):
            watcher.receive()
        greedy.expect_quiet()

    def test_nobody_else_publishes_there(self):
        self.daemon = self.start_daemon()
        watcher = self.watch("$SYS/broker/version")
        self.assertRegex(watcher.receive().payload, rb"godwit version")
        self.client("forger").publish("$SYS/broker/version", "forged", 1, retain=True)
        watcher.expect_quiet()

    def test_without_them_there_are_none(self):
        self.daemon = self.start_daemon("sys_topics.enabled=false", "sys_topics.interval=100ms")
        watcher = self.watch()
        # A retained value would come in front of this one.
        watcher.subscribe(("t", 0)).publish("t", "own")
        watcher.expect(publish("t", "own"))

    def test_rules_have_to_allow_them(self):
        config = """
listeners: [{name: tcp, bind: "127.0.0.1:0"}]
acl:
  rules:
    - {permit: allow, action: subscribe, client_id: monitor, topics: ["$SYS/broker/clients/#"]}
    - {permit: allow, action: all, topics: ["t/#"]}
"""
        self.daemon = self.start_daemon(config=config)
        denied = self.client("denied")
        denied.send(subscribe(1, ("$SYS/#", 0)))
        denied.expect(suback(1, 0x80))
        monitor = self.watch("$SYS/#", client_id="monitor")
        topics = {monitor.receive().topic for _ in range(5)}
        self.assertEqual(
            topics,
            {f"$SYS/broker/clients/{name}"
             for name in ("connected", "disconnected", "total", "maximum", "expired")},
        )
        monitor.expect_quiet()

    def test_they_are_not_stored(self):
        with tempfile.TemporaryDirectory(prefix="godwit-test-") as state:
            self.daemon = self.start_daemon(OFTEN, state=state)
            self.watch("$SYS/broker/uptime").receive_messages(3)
            self.client("c").publish("kept", "x", 1, retain=True)
            self.daemon.stop()
            export = subprocess.run(
                [BINARY, "store", "export", "--data-dir", state], capture_output=True, text=True,
                timeout=DEADLINE, check=True,
            ).stdout
            self.assertIn("kept", export)
            self.assertNotIn("$SYS", export)


class ReloadedSysTopicsTest(Reloads, SysTopics):
    def test_they_go_and_come_back_with_the_configuration(self):
        here = listening(("a", "127.0.0.1:0"), sys_topics="{interval: 1h}")
        self.start(here)
        watcher = self.watch("$SYS/broker/version", "$SYS/broker/uptime")
        watcher.receive_messages(2)
        self.reload(listening(("a", "127.0.0.1:0"), sys_topics="{enabled: false}"))
        self.assertEqual([one.payload for one in watcher.receive_messages(2)], [b"", b""])
        self.reload(here)
        self.assertNotIn(b"", [one.payload for one in watcher.receive_messages(2)])


class NamesTest(NoDaemonTestCase):
    def test_mosquitto_has_all_of_these_topics(self):
        with tempfile.TemporaryDirectory(prefix="godwit-test-") as folder:
            port = free_port()
            path = os.path.join(folder, "mosquitto.conf")
            with open(path, "w", encoding="ascii") as file:
                file.write(f"listener {port} 127.0.0.1\nallow_anonymous true\nsys_interval 1\n")
            broker = Program(self, "mosquitto", "-c", path)
            broker.lines.wait_for(r"mosquitto version .* running")
            sub = Program(self, "mosquitto_sub", "-h", "127.0.0.1", "-p", port, "-t", "$SYS/#",
                          "-F", "%t")
            for name in TOPICS:
                sub.lines.wait_for("^" + re.escape("$SYS/broker/" + name) + "$")
            sub.terminate()
            broker.terminate()
            sub.wait()
            broker.wait()


if __name__ == "__main__":
    unittest.main()
