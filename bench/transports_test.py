#!/usr/bin/python3
"""TLS, WebSocket and passwords: what godwit-bench and bench/compare make of them."""

import json
import os
import ssl
import subprocess
import sys
import tempfile
import types
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from comparison import brokers, measure, security, suite, transports
from relaying_broker import BENCH, RelayingBroker, run_bench
from wrapped_broker import ANSWER, WebSocket, frame, tls

FLOOR = os.environ.get("GODWIT_TLS_FLOOR", "build/release/bench/godwit-tls-floor")
P2P = "p2p --pairs 2 --messages 50"


def setUpModule():
    global FOLDER, CA, CERTIFICATE, KEY
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    FOLDER = folder.name
    security.make_certificates(FOLDER)
    CA, CERTIFICATE, KEY = (
        os.path.join(FOLDER, name)
        for name in (security.CA, security.CERTIFICATE, security.PRIVATE_KEY)
    )


def server_context(version=None, tickets=2):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE, KEY)
    context.num_tickets = tickets
    if version:
        context.minimum_version = context.maximum_version = version
    return context


class LoadTest(unittest.TestCase):
    def load(self, broker, scenario):
        with broker:
            return run_bench(*scenario.split(), "--port", str(broker.port), "--stall", "1",
                             "--linger", "50", "--timeout", "20")

    def exact(self, broker, scenario):
        result = self.load(broker, scenario)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return json.loads(result.stdout)

    def refused(self, broker, scenario):
        result = self.load(broker, scenario)
        self.assertEqual(result.returncode, 3, result.stdout + result.stderr)
        return result.stderr


class TlsTest(LoadTest):
    def broker(self, **settings):
        return RelayingBroker(wrap=tls(server_context(**settings)))

    def test_messages_pass_in_either_version(self):
        for version, name in ((ssl.TLSVersion.TLSv1_2, "TLSv1.2"), (ssl.TLSVersion.TLSv1_3, "TLSv1.3")):
            report = self.exact(self.broker(version=version), f"{P2P} --tls --ca {CA}")
            self.assertEqual(report["tls_version"], name)
            self.assertEqual((report["transport"], report["delivered"]), ("tls", 100))

    def test_a_version_can_be_asked_for(self):
        report = self.exact(self.broker(), f"{P2P} --tls --tls-version 1.2")
        self.assertEqual(report["tls_version"], "TLSv1.2")

    def test_packets_larger_than_a_record_pass(self):
        scenario = "p2p --pairs 2 --messages 20 --window 20 --payload 100000 --tls"
        self.assertEqual(self.exact(self.broker(), scenario)["delivered"], 40)

    def test_several_loops_count_the_same(self):
        scenario = "fanout --pubs 2 --subs 5 --messages 40 --threads 3 --tls"
        self.assertEqual(self.exact(self.broker(), scenario)["delivered"], 400)

    def test_a_lost_message_is_missing(self):
        broker = RelayingBroker(lambda n, packet: [] if n == 30 else [packet],
                                wrap=tls(server_context()))
        result = self.load(broker, f"{P2P} --tls")
        self.assertEqual((result.returncode, json.loads(result.stdout)["missing"]), (1, 1))

    def test_a_certificate_of_another_authority_is_refused(self):
        with tempfile.TemporaryDirectory() as other:
            security.make_certificates(other)
            scenario = f"{P2P} --tls --ca {other}/{security.CA}"
            self.assertIn("certificate verify failed", self.refused(self.broker(), scenario))

    def test_a_certificate_of_another_address_is_refused(self):
        scenario = f"{P2P} --tls --ca {CA} --host 127.0.0.9"
        broker = RelayingBroker(address="127.0.0.9", wrap=tls(server_context()))
        self.assertIn("certificate verify failed", self.refused(broker, scenario))

    def test_a_client_certificate_is_shown(self):
        context = server_context()
        context.load_verify_locations(CA)
        context.verify_mode = ssl.CERT_REQUIRED
        scenario = f"{P2P} --tls --ca {CA}"
        self.refused(RelayingBroker(wrap=tls(context)), scenario)
        self.exact(RelayingBroker(wrap=tls(context)), f"{scenario} --cert {CERTIFICATE} --key {KEY}")

    def test_a_broker_without_tls_ends_the_set_up(self):
        self.refused(RelayingBroker(), f"{P2P} --tls")


class HandshakeTest(LoadTest):
    SCENARIO = "handshake --messages 40 --conns 4 --tls"

    def test_handshakes_are_full_unless_asked_otherwise(self):
        report = self.exact(RelayingBroker(wrap=tls(server_context())), self.SCENARIO)
        self.assertEqual((report["tls_handshakes"], report["tls_resumed"]), (40, 0))

    def test_sessions_and_tickets_are_resumed(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            broker = RelayingBroker(wrap=tls(server_context(version=version)))
            report = self.exact(broker, f"{self.SCENARIO} --resume")
            self.assertEqual((report["tls_handshakes"], report["tls_resumed"]), (44, 40))

    def test_a_broker_that_does_not_resume_is_noticed(self):
        context = server_context(version=ssl.TLSVersion.TLSv1_3, tickets=0)
        result = self.load(RelayingBroker(wrap=tls(context)), f"{self.SCENARIO} --resume")
        self.assertEqual((result.returncode, json.loads(result.stdout)["tls_resumed"]), (1, 0))

    def test_clients_that_connect_again_resume_too(self):
        broker = RelayingBroker(wrap=tls(server_context()))
        report = self.exact(broker, "connect --messages 40 --conns 4 --tls --resume")
        self.assertEqual((report["tls_handshakes"], report["tls_resumed"]), (40, 36))


class WebSocketTest(LoadTest):
    def test_each_packet_is_a_masked_frame(self):
        websocket = WebSocket()
        self.exact(RelayingBroker(wrap=websocket), f"{P2P} --websocket --path /other")
        self.assertTrue(websocket.requests[0].startswith("GET /other HTTP/1.1\r\n"))
        self.assertIn("\r\nSec-WebSocket-Protocol: mqtt\r\n", websocket.requests[0])
        publishes = [each for each in websocket.received if each[2][0] >> 4 == 3]
        self.assertEqual(len(publishes), 100)
        self.assertGreater(len({mask for _, mask, _ in publishes}), 90)

    def test_frames_of_any_length_pass(self):
        for payload in (125, 130, 70_000):
            scenario = f"p2p --pairs 1 --messages 5 --payload {payload} --websocket"
            self.exact(RelayingBroker(wrap=WebSocket()), scenario)

    def test_frames_may_cut_packets_anywhere_and_control_frames_come_between(self):
        def in_pieces(data):
            yield frame(2, data[:1], final=False)
            yield frame(9, b"still there?")
            yield frame(0, b"", final=False)
            yield frame(0, data[1:], final=True)

        websocket = WebSocket(frames=in_pieces)
        self.exact(RelayingBroker(wrap=websocket), f"{P2P} --websocket")
        self.assertIn((10, b"still there?"), [(each[0], each[2]) for each in websocket.received])

    def test_what_no_server_may_send_loses_the_connection(self):
        wrong = {
            "masked": lambda data: b"\x82\x80\0\0\0\0",
            "text": lambda data: frame(1, data),
            "reserved bit": lambda data: frame(0x42, data),
            "long control frame": lambda data: frame(9, bytes(126)),
        }
        for name, spoiled in wrong.items():
            with self.subTest(name):
                broker = RelayingBroker(wrap=WebSocket(frames=lambda data: [spoiled(data)]))
                self.assertIn("closed", self.refused(broker, f"{P2P} --websocket"))

    def test_a_refused_upgrade_ends_the_set_up(self):
        wrong = {
            "404 Not Found": "HTTP/1.1 404 Not Found\r\n\r\n",
            "Sec-WebSocket-Accept": ANSWER.replace("s3pPL", "other"),
            "subprotocol": ANSWER.replace(": mqtt", ": chat"),
        }
        for reason, answer in wrong.items():
            broker = RelayingBroker(wrap=WebSocket(answer=answer))
            self.assertIn(reason, self.refused(broker, f"{P2P} --websocket"))

    def test_websocket_stands_on_tls(self):
        secure, websocket = tls(server_context()), WebSocket()
        broker = RelayingBroker(wrap=lambda client: websocket(secure(client)))
        report = self.exact(broker, f"{P2P} --websocket --tls --ca {CA}")
        self.assertEqual((report["transport"], report["delivered"]), ("wss", 100))


class LoginTest(LoadTest):
    def test_every_user_comes_once_and_again(self):
        with RelayingBroker() as broker:
            report = self.exact(broker, "login --users 3 --again 2 --user u%n --password secret%n")
        self.assertEqual((report["users"], report["delivered"]), (3, 9))
        ends = [body.split(b"MQTT\x04\xc2", 1)[1] for body in broker.connects]
        for number in (b"0", b"1", b"2"):
            credentials = b"\x00\x02u" + number + b"\x00\x07secret" + number
            self.assertEqual(sum(end.endswith(credentials) for end in ends), 3)

    def test_a_refused_user_ends_the_set_up(self):
        broker = RelayingBroker(connack=b"\x20\x02\x00\x05")
        self.assertIn("refused", self.refused(broker, "login --users 3 --user u%n"))


class UsageTest(unittest.TestCase):
    def test_options_that_say_nothing_together_are_refused(self):
        for arguments, word in (
            ("p2p --ca x", "--tls"),
            ("p2p --resume", "--tls"),
            ("p2p --tls=1", "no value"),
            ("p2p --tls --ca /nowhere", "/nowhere"),
            ("p2p --tls --tls-version 1.1", "1.3"),
            ("p2p --websocket --path mqtt", "'/'"),
            ("p2p --password x", "--user"),
            ("handshake", "--tls"),
            ("handshake --tls --websocket", "--websocket"),
            ("login", "--user"),
        ):
            result = run_bench(*arguments.split(), "--port", "1")
            self.assertEqual(result.returncode, 2, arguments)
            self.assertIn(word, result.stderr)
            self.assertEqual(result.stderr.count("\n"), 1)


class ComparisonTest(unittest.TestCase):
    def test_every_row_of_the_suite_is_accepted(self):
        options = types.SimpleNamespace(bench=BENCH, scale=1)
        for row in transports.ROWS:  # They get as far as connecting, where nobody answers.
            command = measure.load_command(options, row, brokers.Mosquitto(), os.getpid(), 1)
            result = subprocess.run(command + security.load_options(row, FOLDER), text=True,
                                    capture_output=True, check=False)
            self.assertIn("port 1:", result.stderr, row.name)

    def test_mosquitto_lets_its_users_in_by_tls_and_websocket(self):
        broker = brokers.Mosquitto()
        options = types.SimpleNamespace(bench=BENCH, scale=1, folder=None)
        for transport in ("tls", "websocket"):
            row = suite.Row("row", "login --again 1", (), transport=transport, users=2)
            with security.material([broker], [row]) as material:
                with open(f"{material}/mosquitto.passwords", encoding="ascii") as file:
                    self.assertIn("user1:$7$", file.read())
                report = measure.run_once(options, row, broker, material, None, None)
            self.assertTrue(report["ok"], report)

    def test_godwit_gets_a_listener_of_the_kind(self):
        godwit = brokers.Godwit("godwit", "godwit", [], 1)
        row = suite.Row("row", "login", (), transport="tls", users=2)
        command = godwit.command(1883, "/f", row)
        listener = {"name": "tls", "bind": "127.0.0.1:1883",
                    "tls": {"certificate": "/f/server.pem", "private_key": "/f/server.key"}}
        self.assertIn(f"listeners={json.dumps([listener])}", command)
        self.assertIn("auth.password_file=/f/godwit.passwords", command)
        self.assertNotIn("--listen", command)

    def test_the_floor_is_that_of_an_openssl_object(self):
        floor = security.openssl_floor(FLOOR, FOLDER, 50)
        self.assertEqual(floor["conns"], 50)
        self.assertGreater(floor["heap_bytes_per_conn"], 5_000)
        self.assertLess(floor["heap_bytes_per_conn"], 40_000)


if __name__ == "__main__":
    unittest.main()
