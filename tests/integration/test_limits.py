"""Bad input and limits: each closes that connection alone, with its reason in the log."""

import contextlib
import resource
import select
import time
import unittest

from godwit_daemon import DaemonTestCase, NoDaemonTestCase, on_loops
from raw_client import (
    PINGREQ_BYTES, PINGRESP_BYTES, Closed, RawClients, Will, connack, connect, packet, publish,
    pubrec, suback, subscribe, text, unsubscribe,
)

# What a connected client sends, and the reason it is closed for.
BAD_PACKETS = {
    "a packet type of 0": (b"\x00\x00", "malformed_packet"),
    "a packet type of 15": (b"\xf0\x00", "malformed_packet"),
    "a second CONNECT": (connect("again"), "protocol_violation"),
    "CONNACK": (b"\x20\x02\x00\x00", "protocol_violation"),
    "SUBACK": (b"\x90\x03\x00\x01\x00", "protocol_violation"),
    "UNSUBACK": (b"\xb0\x02\x00\x01", "protocol_violation"),
    "PINGRESP": (b"\xd0\x00", "protocol_violation"),
    "a remaining length of five bytes": (b"\x30\x80\x80\x80\x80\x01", "malformed_packet"),
    "PUBLISH at QoS 3": (b"\x36\x05\x00\x01t\x00\x01", "malformed_packet"),
    "PUBLISH with packet id 0": (publish("t", "x", 1, 0), "malformed_packet"),
    "PUBLISH without a topic": (publish("", "x"), "malformed_packet"),
    "PUBLISH to +": (publish("a/+", "x"), "malformed_packet"),
    "PUBLISH to #": (publish("#", "x"), "malformed_packet"),
    "PUBLISH with NUL in its topic": (publish(b"a\0b", "x"), "malformed_packet"),
    "PUBLISH with a topic that is not UTF-8": (publish(b"a\xc0\x80", "x"), "malformed_packet"),
    "PUBLISH with a surrogate in its topic": (publish(b"\xed\xa0\x80", "x"), "malformed_packet"),
    "PUBLISH that is cut off": (b"\x30\x03\x00\x05t", "malformed_packet"),
    "PUBACK that is too short": (b"\x40\x01\x00", "malformed_packet"),
    "PUBACK that is too long": (b"\x40\x03\x00\x01\x00", "malformed_packet"),
    "PUBREL with flags 0": (b"\x60\x02\x00\x01", "malformed_packet"),
    "SUBSCRIBE with flags 0": (b"\x80\x06\x00\x01\x00\x01t\x00", "malformed_packet"),
    "SUBSCRIBE with packet id 0": (subscribe(0, ("t", 0)), "malformed_packet"),
    "SUBSCRIBE without a filter": (subscribe(1), "malformed_packet"),
    "SUBSCRIBE at QoS 3": (subscribe(1, ("t", 3)), "malformed_packet"),
    "SUBSCRIBE with reserved bits": (subscribe(1, ("t", 0x80)), "malformed_packet"),
    "UNSUBSCRIBE without a filter": (unsubscribe(1), "malformed_packet"),
    "UNSUBSCRIBE with flags 1": (b"\xa1\x05\x00\x01\x00\x01t", "malformed_packet"),
    "PINGREQ with a body": (b"\xc0\x01\x00", "malformed_packet"),
    "DISCONNECT with flags": (b"\xe1\x00", "malformed_packet"),
}

# What a newcomer sends, the answer, and the reason.
NAME = text("MQTT")
BAD_CONNECTS = {
    "no CONNECT first": (PINGREQ_BYTES, b"", "protocol_violation"),
    "a TLS hello": (b"\x16\x03\x01\x02\x00\x01", b"", "malformed_packet"),
    "an HTTP request": (b"GET / HTTP/1.1\r\n\r\n", b"", "protocol_violation"),
    "another protocol": (connect("x", name="MQTX"), connack(1), "unsupported_protocol"),
    "MQTT 5": (connect("x", level=5), connack(1), "unsupported_protocol"),
    "a bridge of MQTT 3.1.1": (connect("x", level=0x84), connack(1), "unsupported_protocol"),
    "a bridge of MQTT 3.1": (
        connect("x", level=0x83, name="MQIsdp"), connack(1), "unsupported_protocol"
    ),
    "level 0": (connect("x", level=0), connack(1), "unsupported_protocol"),
    "flags of the fixed header": (b"\x11" + connect("x")[1:], b"", "malformed_packet"),
    "the reserved flag": (packet(0x10, NAME + b"\4\3\0\0\0\1x"), b"", "malformed_packet"),
    "a will at QoS 3": (packet(0x10, NAME + b"\4\x1e\0\0\0\1x\0\1w\0\0"), b"", "malformed_packet"),
    "a will QoS without a will": (packet(0x10, NAME + b"\4\x0a\0\0\0\1x"), b"", "malformed_packet"),
    "a password without a user name": (connect("x", password="p"), b"", "malformed_packet"),
    "bytes behind the payload": (packet(0x10, NAME + b"\4\2\0\0\0\1xx"), b"", "malformed_packet"),
    "a client id that is not UTF-8": (connect(b"\xff"), b"", "malformed_packet"),
    "a will topic with a wildcard": (connect("x", will=Will("a/#", "")), b"", "malformed_packet"),
    "no client id for a persistent session": (
        connect("", clean=False), connack(2), "client_id_rejected"
    ),
}


@on_loops(1, 4)
class BadInput(RawClients, DaemonTestCase):
    def test_a_bad_packet_closes_that_connection_alone(self):
        witness = self.client("witness").subscribe(("t", 0), ("will/+", 0))
        for number, (name, (data, reason)) in enumerate(BAD_PACKETS.items()):
            with self.subTest(name):
                client = self.client(f"bad-{number}", will=Will(f"will/{number}", "gone"))
                # What came before it counts, what comes after it does not.
                client.send(publish("t", "before"), data, publish("t", "after"))
                with contextlib.suppress(ConnectionResetError):
                    client.expect_closed()
                witness.expect_publish("t", "before")
                witness.expect_publish(f"will/{number}", "gone")
                self.daemon.log.wait_for(f'client_id="bad-{number}" .*reason={reason}( |$)')
        witness.expect_quiet()

    def test_a_bad_connect_is_refused_and_nothing_else_disturbed(self):
        witness = self.client("witness").subscribe(("#", 0))
        for name, (data, answer, reason) in BAD_CONNECTS.items():
            with self.subTest(name):
                client = self.open()
                port = client.socket.getsockname()[1]
                client.send(data)
                if answer:
                    client.expect(answer)
                client.expect_closed()
                self.daemon.log.wait_for(
                    f"connection refused .*127.0.0.1:{port} reason={reason}( |$)"
                )
        witness.expect_quiet()

    def test_mqtt_3_1_is_spoken(self):
        client = self.client("old", level=3, name="MQIsdp").subscribe(("t", 1))
        self.client("new").publish("t", "x", 1)
        client.expect_publish("t", "x", 1)


class WithoutMqtt31(RawClients, DaemonTestCase):
    settings = ("mqtt.mqtt31=false",)

    def test_mqtt_3_1_is_refused_where_it_is_turned_off(self):
        client = self.open()
        client.send(connect("old", level=3, name="MQIsdp"))
        client.expect(connack(1))
        client.expect_closed()


@on_loops(1, 4)
class Sizes(RawClients, DaemonTestCase):
    settings = (
        "mqtt.max_packet_size=1KiB", "mqtt.max_topic_length=20", "mqtt.max_topic_levels=4",
        "mqtt.max_client_id_length=10", "session.max_awaiting_rel=2", "limits.max_subscriptions=2",
    )

    def closed_for(self, reason, client_id, *packets, **fields):
        client = self.client(client_id, **fields)
        client.send(*packets)
        client.expect_closed()
        self.daemon.log.wait_for(f'client_id="{client_id}" .*reason={reason}( |$)')

    def test_a_packet_over_the_maximum_closes_before_its_body_came(self):
        reader = self.client("reader").subscribe(("t", 0))
        publisher = self.client("publisher")
        largest = publish("t", bytes(1024 - 3 - 3))
        self.assertEqual(len(largest), 1024)
        publisher.send(largest)
        reader.expect(largest)
        self.closed_for("packet_too_large", "large", b"\x30" + b"\xff\xff\xff\x7f")
        self.closed_for("packet_too_large", "by-one", publish("t", bytes(1024 - 3 - 3 + 1)))
        publisher.publish("t", "x", 1)

    def test_a_connect_over_the_maximum_is_refused(self):
        client = self.open()
        client.send(b"\x10\xff\xff\x7f")
        client.expect_closed()
        self.daemon.log.wait_for("connection refused .*reason=packet_too_large")

    def test_topics_too_long_or_too_deep(self):
        self.closed_for("topic_too_long", "long", publish("x" * 21, ""))
        self.closed_for("topic_too_long", "deep", publish("a/b/c/d/e", ""))
        client = self.client("client").publish("x" * 20, "", 1).publish("a/b/c/d", "", 1)
        client.send(subscribe(9, ("x" * 21, 0), ("a/b/c/d/#", 0), ("a/b/c/#", 0)))
        client.expect(suback(9, 0x80, 0x80, 0))
        refused = self.open()
        refused.send(connect("w", will=Will("x" * 21, "")))
        refused.expect_closed()
        self.daemon.log.wait_for("connection refused .*reason=topic_too_long")

    def test_a_client_id_too_long_is_rejected(self):
        self.client("x" * 10)
        client = self.open()
        client.send(connect("x" * 11))
        client.expect(connack(2))
        client.expect_closed()
        self.daemon.log.wait_for("connection refused .*reason=client_id_rejected")

    def test_one_qos_2_message_too_many_without_pubrel(self):
        client = self.client("two")
        client.send(publish("t", "", 2, 1), publish("t", "", 2, 2))
        client.expect(pubrec(1), pubrec(2))
        client.send(publish("t", "", 2, 3))
        client.expect_closed()
        self.daemon.log.wait_for('client_id="two" .*reason=too_many_awaiting_rel')

    def test_one_subscription_too_many_is_refused_and_the_others_stay(self):
        client = self.client("client")
        client.send(subscribe(1, ("a", 0), ("b", 1), ("c", 2)))
        client.expect(suback(1, 0, 1, 0x80))
        client.subscribe(("a", 2)).unsubscribe("b").subscribe(("c", 0))


@on_loops(1, 4)
class SlowConnect(RawClients, DaemonTestCase):
    settings = ("mqtt.connect_timeout=500ms",)

    def test_who_sends_no_whole_connect_in_time_is_closed(self):
        begin = time.monotonic()
        silent, slow = self.open(), self.open()
        slow.send(connect("slow")[:-1])
        connected = self.client("connected")
        for client in (silent, slow):
            client.expect_closed()
        self.assertGreaterEqual(time.monotonic() - begin, 0.5)
        self.daemon.log.wait_for("connection refused .*reason=connect_timeout", count=2)
        connected.expect_quiet()


@on_loops(1, 4)
class MaxConnections(RawClients, DaemonTestCase):
    settings = ("limits.max_connections=3",)

    def test_beyond_the_limit_newcomers_are_turned_away_until_somebody_leaves(self):
        clients = [self.client(f"client-{i}") for i in range(3)]
        for _ in range(2):
            with contextlib.suppress(ConnectionResetError):
                self.open().expect_closed()
        self.daemon.log.wait_for("too many connections")
        for client in clients:
            client.expect_quiet()
        clients.pop().disconnect()
        self.wait_until(self.is_let_in, "the place of who left is free")


    def is_let_in(self):
        with self.open() as client:
            try:
                client.connect("next")
            except (Closed, OSError):
                return False
            return True


class ListenerLimits(RawClients, NoDaemonTestCase):
    def test_each_listener_has_its_own_limit(self):
        daemon = self.start_daemon(
            config="""
listeners:
  - {name: small, bind: "127.0.0.1:0", max_connections: 1}
  - {name: large, bind: "127.0.0.1:0"}
""",
        )
        small, large = [("127.0.0.1", port) for port in daemon.ports]
        first = self.client("first", address=small)
        with contextlib.suppress(ConnectionResetError):
            self.open(small).expect_closed()
        daemon.log.wait_for("listener 'small': too many connections")
        others = [self.client(f"other-{i}", address=large) for i in range(3)]
        for client in (first, *others):
            client.expect_quiet()

    def test_without_anonymous_access_connections_are_refused(self):
        daemon = self.start_daemon("auth.anonymous=deny")
        client = self.open(daemon.address)
        client.send(connect("x"))
        client.expect(connack(5))
        client.expect_closed()
        daemon.log.wait_for("connection refused .*reason=not_authorized")


@on_loops(1, 4)
class Descriptors(RawClients, DaemonTestCase):
    def test_out_of_descriptors_accepting_pauses_and_goes_on_and_clients_are_untouched(self):
        reader = self.client("reader").subscribe(("t", 0))
        publisher = self.client("publisher")
        self.daemon.log.wait_for('client connected client_id="publisher"')
        used = self.daemon.descriptors()
        before = resource.prlimit(self.daemon.pid, resource.RLIMIT_NOFILE)
        resource.prlimit(self.daemon.pid, resource.RLIMIT_NOFILE, (used + 2, before[1]))
        waiting = [self.open() for _ in range(6)]
        for client in waiting:
            client.send(connect(""))
        self.daemon.log.wait_for("accepting pauses")
        self.assertEqual(self.daemon.descriptors(), used + 2)
        publisher.publish("t", "still here", 1)
        reader.expect_publish("t", "still here")
        # Who leaves makes room for who waits.
        accepted = []
        while len(accepted) < 2:
            for client in select.select([one.socket for one in waiting], [], [], 20)[0]:
                accepted.append(client)
                waiting = [one for one in waiting if one.socket is not client]
        for one in accepted:
            one.close()
        for _ in range(2):
            [ready] = select.select([one.socket for one in waiting], [], [], 20)[0][:1]
            waiting = [one for one in waiting if one.socket is not ready]
        resource.prlimit(self.daemon.pid, resource.RLIMIT_NOFILE, before)
        for client in waiting:
            client.expect(connack())
        self.daemon.log.wait_for("accepting goes on")
        publisher.publish("t", "and here", 1)
        reader.expect_publish("t", "and here")

    def test_a_small_descriptor_limit_is_a_limit_on_connections(self):
        def few_descriptors():
            resource.setrlimit(resource.RLIMIT_NOFILE, (100, 100))

        daemon = self.start_daemon(before_start=few_descriptors)
        clients = [self.client(f"client-{i}", address=daemon.address) for i in range(36)]
        with contextlib.suppress(ConnectionResetError):
            self.open(daemon.address).expect_closed()
        daemon.log.wait_for("too many connections")
        for client in clients:
            client.expect_quiet()


@on_loops(1, 4)
class SlowReader(RawClients, DaemonTestCase):
    # Enough traffic to fill what the kernel keeps for a client that does not read.
    settings = (
        "limits.outbound_buffer=64KiB", "session.max_inflight=1000", "session.max_queued_bytes=0",
    )

    def test_qos_0_beyond_its_buffer_is_dropped_and_nobody_else_waits(self):
        slow = self.client("slow").subscribe(("t", 0))
        fast = self.client("fast").subscribe(("t", 0))
        publisher = self.client("publisher")
        payload = bytes(50_000)
        before = self.daemon.rss_bytes()
        count = 400
        for number in range(count):
            publisher.publish("t", payload, 1)
            self.assertEqual(fast.receive().payload, payload, number)
        self.assertLess(self.daemon.rss_bytes() - before, 10_000_000)
        # What comes is whole messages, as many as there was room for.
        slow.send(PINGREQ_BYTES)
        received = 0
        while (got := slow.receive()).raw != PINGRESP_BYTES:
            self.assertEqual(got.payload, payload)
            received += 1
        self.assertLess(received, count)
        publisher.publish("t", "next", 1)
        slow.expect_publish("t", "next")

    def test_qos_1_beyond_its_buffer_waits_and_all_of_it_comes(self):
        slow = self.client("slow").subscribe(("t", 1))
        publisher = self.client("publisher")
        count = 400
        for i in range(count):
            publisher.publish("t", f"{i}".ljust(50_000), 1)
        payloads = slow.receive_payloads(count)
        self.assertEqual([int(payload) for payload in payloads], list(range(count)))


if __name__ == "__main__":
    unittest.main()
