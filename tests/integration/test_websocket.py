"""MQTT over WebSocket: the upgrade, frames however they are cut, close codes, what is refused."""

import pathlib
import queue
import re
import ssl
import tempfile
import unittest

import paho.mqtt.client as paho

import raw_client as mqtt
from certificates import Authority
from godwit_daemon import DEADLINE, DaemonTestCase, NoDaemonTestCase, on_loops
from raw_client import RawClients
from web_socket import (
    ACCEPT, BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, WebSocketClient, close_payload, frame,
    http_answer, request,
)

LISTENERS = """
listeners:
  - {name: web, bind: "127.0.0.1:0", transport: websocket}
  - {name: tcp, bind: "127.0.0.1:0"}
"""


class WebSockets(RawClients):
    """Mixin of test cases whose daemon listens for WebSockets, and on a plain port behind that."""

    def setUp(self):
        self.daemon = self.start_daemon(config=LISTENERS)

    tls = None

    def web(self, upgrade=None, address=None, first=b""):
        client = WebSocketClient(address or self.daemon.address, upgrade, first=first, tls=self.tls)
        self.addCleanup(client.close)
        return client

    @property
    def plain(self):
        return ("127.0.0.1", self.daemon.ports[1])

    def expect_refusal(self, reason="websocket_error", detail=""):
        self.daemon.log.wait_for(f"connection refused .*reason={reason}.*{re.escape(detail)}")


class Upgrade(WebSockets, DaemonTestCase):
    def test_the_ready_line_names_the_listener(self):
        self.assertIn(f"ws 127.0.0.1:{self.daemon.port}", self.daemon.ready_line)
        self.assertIn(f"tcp 127.0.0.1:{self.daemon.ports[1]}", self.daemon.ready_line)

    def test_it_is_accepted_by_the_standard(self):
        head = self.web().answer_head
        self.assertTrue(head.startswith("HTTP/1.1 101 "), head)
        self.assertIn(f"Sec-WebSocket-Accept: {ACCEPT}\r\n", head)
        self.assertIn("Sec-WebSocket-Protocol: mqtt\r\n", head)
        self.assertNotIn("Extensions", head)

    def test_it_chooses_a_subprotocol_of_the_list(self):
        for offered, chosen in (
            ("mqttv3.1", "mqttv3.1"), ("chat, mqttv3.1", "mqttv3.1"), ("mqttv3.1, mqtt", "mqtt"),
        ):
            client = self.web(request(Sec_WebSocket_Protocol=offered))
            self.assertIn(f"Sec-WebSocket-Protocol: {chosen}\r\n", client.answer_head)
            client.connect("c").disconnect()

    def test_what_it_refuses_gets_one_answer_of_http(self):
        for data, status, detail in (
            (request(method="POST"), 405, "no GET"),
            (request("/"), 404, "another path"),
            (request(version="HTTP/1.0"), 505, "not HTTP/1.1"),
            (request(Host=None), 400, "Host"),
            (request(Upgrade=None, Connection="close"), 426, "no WebSocket"),
            (request(Sec_WebSocket_Version="8"), 426, "not 13"),
            (request(Sec_WebSocket_Key="c2hvcnQ="), 400, "Key"),
            (request(Sec_WebSocket_Protocol=None), 400, "subprotocol"),
            (request(Sec_WebSocket_Protocol="chat, MQTT"), 400, "subprotocol"),
            (request(lines=["no header"]), 400, "header line"),
            (request(lines=["X: " + "x" * 9000]), 431, "8 KiB"),
        ):
            answer = http_answer(self.daemon.address, data)
            self.assertTrue(answer.startswith(f"HTTP/1.1 {status} "), answer)
            self.assertIn("\r\nConnection: close\r\n", answer)
            self.assertIn(detail, answer.split("\r\n\r\n")[1])
            self.expect_refusal(detail=detail)
            if "not 13" in detail:
                self.assertIn("\r\nSec-WebSocket-Version: 13\r\n", answer)

    def test_a_client_without_websocket_is_refused_at_once(self):
        answer = http_answer(self.daemon.address, mqtt.connect("plain"))
        self.assertTrue(answer.startswith("HTTP/1.1 405 "), answer)

    def test_packets_may_follow_the_request_at_once(self):
        client = self.web(request() + frame(mqtt.connect("eager")))
        client.expect(mqtt.connack())

    def test_it_takes_a_request_byte_by_byte(self):
        client = self.open()
        data = request() + frame(mqtt.connect("slow"))
        for i in range(len(data)):
            client.socket.sendall(data[i : i + 1])
        received = b""
        while not received.endswith(mqtt.connack()):
            received += client.socket.recv(4096)
        self.assertTrue(received.startswith(b"HTTP/1.1 101 "))


class FrameTests(WebSockets):
    """Mixin of test cases."""

    def test_clients_of_both_transports_reach_each_other(self):
        web = self.web().connect("web").subscribe(("t/#", 2))
        plain = self.client("plain", address=self.plain).subscribe(("t/#", 2))
        for qos in (0, 1, 2):
            self.web().connect("").publish(f"t/{qos}", "from the web", qos)
            self.client("", address=self.plain).publish(f"t/{qos}", "plain", qos)
            for reader in (web, plain):
                self.assertEqual(sorted(reader.receive_payloads(2)), ["from the web", "plain"])

    def test_packets_may_be_split_and_joined_over_frames(self):
        client = self.web()
        data = mqtt.connect("cut") + mqtt.subscribe(1, ("t", 0)) + mqtt.publish("t", "x" * 300)
        for i in range(0, len(data), 7):
            client.send_wire(frame(data[i : i + 7]), frame())
        client.expect(mqtt.connack(), mqtt.suback(1, 0))
        client.expect_publish("t", "x" * 300)

    def test_fragments_of_a_message_may_have_pings_between_them(self):
        client = self.web()
        data = mqtt.connect("parts")
        client.send_wire(
            frame(data[:5], final=False), frame(b"one", PING),
            frame(b"", CONTINUATION, final=False), frame(data[5:], CONTINUATION),
        )
        client.expect(mqtt.connack())
        client.expect_frame(PONG, b"one")

    def test_every_byte_may_come_alone(self):
        client = self.web()
        data = frame(mqtt.connect("bytes")) + frame(b"?" * 125, PING) + frame(mqtt.PINGREQ_BYTES)
        for i in range(len(data)):
            client.send_wire(data[i : i + 1])
        client.expect(mqtt.connack(), mqtt.PINGRESP_BYTES)
        client.expect_frame(PONG, b"?" * 125)

    def test_large_messages_pass_both_ways(self):
        reader = self.web().connect("reader").subscribe(("large", 1))
        payload = bytes(range(256)) * 3000
        writer = self.web().connect("writer").publish("large", payload, 1)
        self.assertEqual(reader.receive_messages(1)[0].payload, payload)
        writer.publish("large", payload[:70000], 2)
        self.assertEqual(reader.receive_messages(1)[0].payload, payload[:70000])

    def test_a_slow_reader_gets_whole_frames(self):
        reader = self.web().connect("reader").subscribe(("flood", 1))
        writer = self.client("writer", address=self.plain)
        payloads = [f"{i}." + "x" * 20_000 for i in range(400)]  # more than two sockets hold
        for i, payload in enumerate(payloads):
            writer.send(mqtt.publish("flood", payload, 1, i + 1))
        for i in range(len(payloads)):
            writer.expect(mqtt.puback(i + 1))
        self.assertEqual(reader.receive_payloads(len(payloads)), payloads)

    def test_it_answers_pings_and_ignores_pongs(self):
        client = self.web().connect("ping")
        client.send_wire(frame(b"unasked", PONG), frame(b"hello", PING))
        client.expect_frame(PONG, b"hello")
        client.expect_quiet()

    def test_a_ping_is_answered_before_connect(self):
        client = self.web()
        client.send_wire(frame(b"early", PING))
        client.expect_frame(PONG, b"early")
        client.connect("late")

    def test_the_will_of_a_client_that_closes_is_published(self):
        reader = self.client("reader", address=self.plain).subscribe(("will", 0))
        client = self.web().connect("lost", will=mqtt.Will("will", "closed"))
        client.send_wire(frame(close_payload(1001), CLOSE))
        client.expect_close(1001)
        reader.expect_publish("will", "closed")
        self.daemon.log.wait_for('client disconnected client_id="lost".*reason=peer_closed')


@on_loops(1, 4)
class Frames(FrameTests, DaemonTestCase):
    pass


class FramesOverTls(FrameTests, DaemonTestCase):
    loops = 4

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="godwit-test-")
        self.addCleanup(folder.cleanup)
        Authority(pathlib.Path(folder.name), "root").issue("server")
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.tls.load_verify_locations(f"{folder.name}/root.pem")
        files = f"certificate: {folder.name}/server.pem, private_key: {folder.name}/server.key"
        self.daemon = self.start_daemon(config=f"""
listeners:
  - {{name: web, bind: "127.0.0.1:0", transport: websocket, tls: {{{files}}}}}
  - {{name: tcp, bind: "127.0.0.1:0"}}
  - name: proxied
    bind: "127.0.0.1:0"
    transport: websocket
    proxy_protocol: true
    tls: {{{files}}}
""")

    def test_the_ready_line_names_the_listener(self):
        self.assertIn(f"wss 127.0.0.1:{self.daemon.port}", self.daemon.ready_line)

    def test_a_proxy_header_comes_before_the_handshake(self):
        header = b"PROXY TCP4 192.0.2.7 198.51.100.1 4711 8083\r\n"
        client = self.web(address=("127.0.0.1", self.daemon.ports[2]), first=header)
        client.connect("proxied").publish("t", "x", 2)
        self.daemon.log.wait_for('client_id="proxied" address=192.0.2.7:4711')

    def test_a_bad_frame_closes_with_its_code(self):
        client = self.web().connect("c")
        client.send_wire(frame(b"x", TEXT))
        client.expect_close(1003)


class Endings(WebSockets, DaemonTestCase):
    def test_a_close_frame_is_answered_with_its_code(self):
        for payload, code in ((close_payload(1000) + b"bye", 1000), (close_payload(4001), 4001)):
            client = self.web().connect("c")
            client.send_wire(frame(payload, CLOSE), frame(mqtt.PINGREQ_BYTES))
            client.expect_close(code)
        client = self.web().connect("c")
        client.send_wire(frame(b"", CLOSE))
        client.expect_close(None)

    def test_disconnect_closes_normally(self):
        client = self.web().connect("c")
        client.send(mqtt.DISCONNECT_BYTES)
        client.expect_close(1000)

    def test_what_a_frame_must_not_be_closes_with_its_code(self):
        packet = mqtt.PINGREQ_BYTES
        for bad, code, detail in (
            (frame(packet, TEXT), 1003, "a text frame"),  # [MQTT-6.0.0-1]
            (frame(packet, masked=False), 1002, "not masked"),
            (frame(packet, reserved=0x40), 1002, "a reserved bit"),
            (frame(packet, 3), 1002, "an unknown kind"),
            (frame(packet, 15), 1002, "an unknown kind"),
            (frame(b"x", PING, final=False), 1002, "fragmented"),
            (frame(b"x" * 126, PING), 1002, "too long"),
            (frame(packet, CONTINUATION), 1002, "a continuation of no message"),
            (frame(final=False) + frame(packet), 1002, "inside a fragmented one"),
            (frame(packet, size=2), 1002, "more bytes than it needs"),
            (frame(packet, size=8), 1002, "more bytes than it needs"),
            (b"\x82\xff" + b"\xff" * 8 + b"mask", 1002, "highest bit"),
            (frame(b"x", CLOSE), 1002, "half a close code"),
            (frame(close_payload(1005), CLOSE), 1002, "an invalid close code"),
        ):
            with self.subTest(detail):
                newcomer = self.web()
                newcomer.send_wire(bad)
                newcomer.expect_close(code)
                self.expect_refusal(detail=detail)
                client = self.web().connect("c")
                client.send_wire(bad)
                client.expect_close(code)
                self.daemon.log.wait_for(
                    f'client disconnected client_id="c".*reason=websocket_error.*{detail}'
                )

    def test_what_mqtt_forbids_closes_with_a_fitting_code(self):
        client = self.web()
        client.send(mqtt.PINGREQ_BYTES)
        client.expect_close(1002)
        client = self.web().connect("c")
        client.send(b"\xf0\x00")
        client.expect_close(1002)
        client = self.web().connect("c")
        client.send(b"\x30\xff\xff\xff\x7f")
        client.expect_close(1009)
        client = self.web().connect("c")
        self.web().connect("c")
        client.expect_close(1008)

    def test_a_refused_connect_gets_its_connack_first(self):
        client = self.web()
        client.send(mqtt.connect("c", level=5))
        client.expect(mqtt.connack(1))
        client.expect_close(1002)

    def test_a_stop_says_that_the_broker_goes_away(self):
        clients = [self.web().connect("c"), self.web()]
        self.daemon.stop()
        for client in clients:
            client.expect_close(1001)


class Elsewhere(RawClients, NoDaemonTestCase):
    def test_the_path_is_the_listeners(self):
        self.daemon = self.start_daemon(config="""
listeners: [{name: web, bind: "127.0.0.1:0", transport: websocket, path: /a/b}]
""")
        WebSocketClient(self.daemon.address, request("/a/b?token=1")).connect("c").close()
        self.assertIn(" 404 ", http_answer(self.daemon.address, request("/mqtt")))

    def test_who_sends_no_whole_request_in_time_is_closed(self):
        self.daemon = self.start_daemon(config=LISTENERS + "mqtt: {connect_timeout: 200ms}")
        for data in (b"", b"GET /mqtt HTTP/1.1\r\n", request()):
            client = self.open()
            client.send(data)
            while client.socket.recv(4096):
                pass
        self.daemon.log.wait_for("connection refused .*reason=connect_timeout", 3)


class Paho(WebSockets, DaemonTestCase):
    def test_it_exchanges_messages_at_every_qos(self):
        messages, granted = queue.Queue(), queue.Queue()
        client = paho.Client("paho", transport="websockets", protocol=paho.MQTTv311)
        client.on_message = lambda _c, _u, message: messages.put(message)
        client.on_subscribe = lambda _c, _u, _mid, qos: granted.put(qos)
        client.connect("127.0.0.1", self.daemon.port)
        client.loop_start()
        self.addCleanup(client.loop_stop)
        self.addCleanup(client.disconnect)
        client.subscribe("paho/#", 2)
        self.assertEqual(granted.get(timeout=DEADLINE), (2,))
        for qos in (0, 1, 2):
            payload = bytes([qos]) * 50_000 * qos
            client.publish(f"paho/{qos}", payload, qos).wait_for_publish(DEADLINE)
            message = messages.get(timeout=DEADLINE)
            self.assertEqual((message.topic, message.qos), (f"paho/{qos}", qos))
            self.assertEqual(message.payload, payload)


if __name__ == "__main__":
    unittest.main()
