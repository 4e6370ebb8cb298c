"""Listeners behind proxies: PROXY headers of both versions, and X-Forwarded-For."""

import os
import socket
import struct
import tempfile
import unittest

import raw_client as mqtt
from godwit_daemon import NoDaemonTestCase
from raw_client import RawClients
from web_socket import WebSocketClient, frame, request

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"


def v1(source="192.0.2.7", port=4711):
    return f"PROXY TCP4 {source} 198.51.100.1 {port} 1883\r\n".encode()


def v2(source="192.0.2.7", port=4711, command=0x21, extra=b""):
    family = socket.AF_INET6 if ":" in source else socket.AF_INET
    body = socket.inet_pton(family, source) * 2 + struct.pack("!HH", port, 1883) + extra
    kind = 0x21 if family == socket.AF_INET6 else 0x11
    return SIGNATURE + bytes([command, kind]) + struct.pack("!H", len(body)) + body


class Proxies(RawClients, NoDaemonTestCase):
    loops = 4

    def start(self, bind="127.0.0.1:0", more="", **settings):
        keys = {"proxy_protocol": "true"} | settings
        text = "".join(f", {key}: {value}" for key, value in keys.items())
        self.daemon = self.start_daemon(
            config=f'listeners: [{{name: door, bind: "{bind}"{text}}}]\n{more}'
        )
        return self.daemon

    def connect_through(self, header, client_id, address=None):
        client = self.open(address)
        client.send(header + mqtt.connect(client_id))
        client.expect(mqtt.connack())
        return client

    def expect_address(self, client_id, address):
        line = self.daemon.log.wait_for(f'client connected client_id="{client_id}"')[0]
        self.assertIn(f"address={address} ", line)

    def expect_refused(self, data, detail, address=None, reason="proxy_header"):
        client = self.open(address)
        client.send(data)
        client.expect_closed()
        self.daemon.log.wait_for(f"connection refused .*reason={reason}.*{detail}")

    def test_the_client_has_the_address_that_the_header_names(self):
        self.start()
        for name, header, address in (
            ("v1", v1(), "192.0.2.7:4711"),
            ("v1six", b"PROXY TCP6 2001:db8::7 ::1 4711 1883\r\n", "[2001:db8::7]:4711"),
            ("v2", v2(), "192.0.2.7:4711"),
            ("v2six", v2("2001:db8::7"), "[2001:db8::7]:4711"),
            ("v2more", v2(extra=b"\x04\x07\xd0" + b"x" * 2000), "192.0.2.7:4711"),
        ):
            self.connect_through(header, name).publish("t", "x", 1)
            self.expect_address(name, address)

    def test_the_address_is_in_the_log_of_its_end_and_of_refusals(self):
        self.start()
        self.connect_through(v1(), "leaver").disconnect()
        self.daemon.log.wait_for(
            'client disconnected client_id="leaver" address=192.0.2.7:4711 reason=disconnect'
        )
        client = self.open()
        client.send(v2() + mqtt.PINGREQ_BYTES)
        client.expect_closed()
        self.daemon.log.wait_for(
            "connection refused .*address=192.0.2.7:4711 reason=protocol_violation"
        )

    def test_a_proxy_that_speaks_for_itself_keeps_its_address(self):
        self.start()
        for name, header in (("unknown", b"PROXY UNKNOWN\r\n"), ("local", v2(command=0x20))):
            client = self.connect_through(header, name)
            self.expect_address(name, "{}:{}".format(*client.socket.getsockname()))

    def test_nothing_behind_the_header_is_lost_however_it_is_cut(self):
        self.start()
        for header in (v1(), v2(extra=b"\x04\x00\x03abc")):
            data = header + mqtt.connect("cut")
            for cut in range(1, len(header) + 3):
                client = self.open()
                client.send(data[:cut])
                client.send(data[cut:])
                client.expect(mqtt.connack())
                client.disconnect()
            slow = self.open()
            for i in range(len(data)):
                slow.send(data[i : i + 1])
            slow.expect(mqtt.connack())

    def test_a_missing_or_broken_header_closes(self):
        self.start()
        for data, detail in (
            (mqtt.connect("bare"), "no PROXY header"),
            (b"PROXY TCP4 192.0.2.7 198.51.100.1 4711\r\n", "a broken address"),
            (b"PROXY TCP7 a b 1 2\r\n", "an unknown family"),
            (b"PROXY UNKNOWN " + b"x" * 200, "without an end"),
            (SIGNATURE + b"\x31\x11\x00\x00", "an unknown version"),
            (SIGNATURE + b"\x21\x11\x00\x04abcd", "too short"),
            (SIGNATURE + b"\x21\x11\xff\xff", "too long"),
        ):
            self.expect_refused(data, detail)

    def test_a_header_that_does_not_come_in_time_closes(self):
        self.start(more="mqtt: {connect_timeout: 200ms}")
        for data in (b"", b"PROXY TCP4", SIGNATURE):
            client = self.open()
            client.send(data)
            client.expect_closed()
        self.daemon.log.wait_for("connection refused .*reason=connect_timeout", 3)

    def test_only_trusted_proxies_may_send_it(self):
        self.start(trusted_proxies='["10.0.0.0/8", "127.0.0.2"]')
        self.expect_refused(v1(), "not among the trusted proxies")
        trusted = socket.create_connection(self.daemon.address, 20, ("127.0.0.2", 0))
        self.addCleanup(trusted.close)
        trusted.sendall(v1() + mqtt.connect("trusted"))
        self.assertEqual(trusted.recv(4), mqtt.connack())
        self.expect_address("trusted", "192.0.2.7:4711")

    def test_it_works_over_a_unix_socket(self):
        folder = tempfile.TemporaryDirectory(prefix="godwit-test-")
        self.addCleanup(folder.cleanup)
        path = os.path.join(folder.name, "mqtt.sock")
        self.start(f"unix:{path}", trusted_proxies="[10.0.0.0/8]")
        self.connect_through(v1(), "far", path)
        self.expect_address("far", "192.0.2.7:4711")
        self.connect_through(v2(command=0x20), "near", path)
        self.expect_address("near", path)

    def test_a_websocket_may_follow_the_header(self):
        self.start(transport="websocket")
        client = WebSocketClient(self.daemon.address, v2() + request() + frame(mqtt.connect("web")))
        self.addCleanup(client.close)
        client.expect(mqtt.connack())
        self.expect_address("web", "192.0.2.7:4711")


class Forwarded(RawClients, NoDaemonTestCase):
    def start(self, trusted, more=""):
        self.daemon = self.start_daemon(config=f"""
listeners:
  - {{name: web, bind: "127.0.0.1:0", transport: websocket, trusted_proxies: [{trusted}]{more}}}
""")

    def address_of(self, client_id, *forwarded, before=b""):
        lines = [f"X-Forwarded-For: {text}" for text in forwarded]
        client = WebSocketClient(self.daemon.address, before + request(lines=lines))
        self.addCleanup(client.close)
        client.connect(client_id)
        line = self.daemon.log.wait_for(f'client connected client_id="{client_id}"')[0]
        return line.split("address=")[1].split()[0]

    def test_a_trusted_proxy_names_the_client(self):
        self.start("127.0.0.1, 10.0.0.0/8")
        self.assertEqual(self.address_of("one", "192.0.2.7"), "192.0.2.7")
        self.assertEqual(self.address_of("v6", "2001:db8::7"), "2001:db8::7")
        self.assertEqual(self.address_of("chain", "203.0.113.1, 192.0.2.7, 10.0.0.1"), "192.0.2.7")
        self.assertEqual(self.address_of("lines", "203.0.113.1, 192.0.2.7", "10.0.0.1"), "192.0.2.7")
        self.assertTrue(self.address_of("none").startswith("127.0.0.1:"))
        self.assertTrue(self.address_of("broken", "192.0.2.7, what?").startswith("127.0.0.1:"))

    def test_nobody_else_is_believed(self):
        for number, trusted in enumerate(("", "10.0.0.0/8")):
            self.start(trusted)
            self.assertTrue(self.address_of(f"c{number}", "10.0.0.1").startswith("127.0.0.1:"))

    def test_behind_a_proxy_header_its_address_is_the_one_that_counts(self):
        self.start("127.0.0.1, 10.0.0.0/8", ", proxy_protocol: true")
        self.assertEqual(self.address_of("two", "192.0.2.7", before=v1("10.0.0.9")), "192.0.2.7")
        self.assertEqual(
            self.address_of("forged", "192.0.2.7", before=v2("203.0.113.5")), "203.0.113.5:4711"
        )


if __name__ == "__main__":
    unittest.main()
