"""SIGHUP: the configuration changes, and nobody is disconnected who may stay."""

import os
import signal
import socket
import unittest

from godwit_daemon import NoDaemonTestCase, free_port, on_loops
from raw_client import RawClients, connack, connect, suback, subscribe
from tools import MosquittoSub
from web_socket import WebSocketClient


class Reloads(RawClients):
    """Writes the daemon's file anew and waits until it is in force, or refused."""

    def start(self, config):
        self.daemon = self.start_daemon(config=config)
        return self.daemon

    def reload(self, config, expect="configuration reloaded"):
        path = self.daemon.config_path
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(config)
        os.replace(path + ".new", path)
        seen = len(self.daemon.log.matching(expect))
        self.daemon.process.send_signal(signal.SIGHUP)
        return self.daemon.log.wait_for(expect, seen + 1)[-1]


def listening(*listeners, **sections):
    """YAML: listeners as (name, bind, more), sections as one-line maps."""
    lines = ["listeners:"]
    for name, bind, *more in listeners:
        lines.append(f"  - {{name: {name}, bind: '{bind}'{''.join(', ' + one for one in more)}}}")
    return "\n".join(lines + [f"{key}: {value}" for key, value in sections.items()]) + "\n"


@on_loops(1, 2)
class ReloadTest(Reloads, NoDaemonTestCase):
    def test_a_limit_changes_under_a_connected_client(self):
        self.start(listening(("a", "127.0.0.1:0")))
        early = self.client("early").subscribe(("t", 2))
        line = self.reload(listening(("a", "127.0.0.1:0"), mqtt="{max_qos: 1}"))
        self.assertIn(f"127.0.0.1:{self.daemon.port}", line)
        self.assertEqual(len(self.daemon.log.matching(
            "configuration changed key=mqtt.max_qos before=2 after=1")), 1)
        early.send(subscribe(7, ("u", 2)))
        early.expect(suback(7, 1))
        early.publish("v", "still there", 1)

    def test_listeners_come_and_go(self):
        ports = [free_port(), free_port()]
        first, second = (f"127.0.0.1:{port}" for port in ports)
        self.start(listening(("a", first)))
        stays = self.client("stays").subscribe(("t", 1))
        self.reload(listening(("a", first), ("b", second)))
        leaves = self.client("leaves", address=("127.0.0.1", ports[1])).subscribe(("t", 1))
        stays.publish("u", "x", 1)
        self.reload(listening(("a", first)))
        leaves.expect_closed()
        self.daemon.log.wait_for('client disconnected client_id="leaves".*reason=reconfigured')
        stays.publish("u", "x", 1)
        with self.assertRaises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", ports[1]))

    def test_a_listener_opens_to_the_network_on_the_same_port(self):
        port = free_port()
        self.start(listening(("a", f"127.0.0.1:{port}")))
        local = self.client("local")
        self.reload(listening(("a", f"*:{port}", "anonymous: allow")))
        local.expect_closed()
        self.client("again").publish("t", "x", 1)
        self.client("over v6", address=("::1", port)).publish("t", "x", 1)

    def test_a_renamed_listener_keeps_its_clients(self):
        self.start(listening(("a", "127.0.0.1:0")))
        client = self.client("c")
        self.reload(listening(("z", "127.0.0.1:0", "max_connections: 1")))
        client.publish("t", "x", 1)
        self.open().expect_closed()  # its new limit is reached

    def test_who_may_no_longer_come_is_closed(self):
        self.start(listening(("a", "127.0.0.1:0")))
        client = self.client("c")
        self.reload(listening(("a", "127.0.0.1:0", "anonymous: deny")))
        client.expect_closed()
        refused = self.open()
        refused.send(connect("d"))
        refused.expect(connack(5))

    def test_another_mount_point_is_another_place(self):
        self.start(listening(("a", "127.0.0.1:0")))
        client = self.client("c")
        self.reload(listening(("a", "127.0.0.1:0", "mount_point: plant/")))
        client.expect_closed()
        self.client("d").subscribe(("t", 0)).publish("t", "x").expect_publish("t", "x")

    def test_another_transport_is_for_those_who_come_from_now_on(self):
        self.start(listening(("a", "127.0.0.1:0")))
        stays = self.client("stays").subscribe(("t", 0))
        line = self.reload(listening(("a", "127.0.0.1:0", "transport: websocket")))
        self.assertIn(f"ws 127.0.0.1:{self.daemon.port}", line)
        web = WebSocketClient(self.daemon.address)
        self.addCleanup(web.close)
        web.connect("web").publish("t", "over both")
        stays.expect_publish("t", "over both")

    def test_a_broken_file_changes_nothing(self):
        good = listening(("a", "127.0.0.1:0"))
        self.start(good)
        client = self.client("c")
        line = self.reload(good + "mqtt: {max_qoss: 1}\n", "configuration not reloaded")
        self.assertIn("max_qos", line)
        self.assertRegex(line, r"godwit\.yaml:\d+:\d+")
        client.subscribe(("t", 2)).publish("v", "x", 1)

    def test_a_port_that_is_taken_changes_nothing(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = free_port()
            self.start(listening(("a", f"127.0.0.1:{port}")))
            client = self.client("c")
            line = self.reload(
                listening(("a", f"*:{port}"), ("b", f"127.0.0.1:{taken.getsockname()[1]}"),
                          mqtt="{max_qos: 0}"),
                "configuration not reloaded")
            self.assertIn("listener 'b'", line)
        client.subscribe(("t", 2)).publish("v", "x", 1)
        self.client("d")

    def test_what_waits_for_the_next_start_is_said(self):
        self.start(listening(("a", "127.0.0.1:0")))
        self.reload(listening(("a", "127.0.0.1:0"), node="{name: other}"))
        self.daemon.log.wait_for("change waits for the next start key=node.name .*after=other")

    def test_the_log_level_changes(self):
        self.start(listening(("a", "127.0.0.1:0")))
        self.reload(listening(("a", "127.0.0.1:0"), log="{level: warning}"))
        self.client("unseen")
        self.reload(listening(("a", "127.0.0.1:0"), log="{level: info}"))
        self.client("seen")
        self.daemon.log.wait_for('client connected client_id="seen"')
        self.assertEqual(self.daemon.log.matching("unseen"), [])


class ReloadUnderLoadTest(Reloads, NoDaemonTestCase):
    loops = 2

    def test_a_hundred_reloads_lose_nothing(self):
        self.start(listening(("a", "127.0.0.1:0")))
        subscriber = MosquittoSub(self, self.daemon, "-i", "sub", topic="t", qos=1, count=2000)
        publisher = self.client("pub")
        sent = 0
        for round_number in range(100):
            limit = "{max_connections: %d}" % (100 + round_number)
            self.daemon.process.send_signal(signal.SIGHUP)
            for _ in range(20):
                publisher.publish("t", str(sent), 1)
                sent += 1
            if round_number % 10 == 0:
                self.reload(listening(("a", "127.0.0.1:0"), limits=limit))
        self.assertEqual(subscriber.messages(), [f"t 1 0 {n}" for n in range(sent)])


if __name__ == "__main__":
    unittest.main()
