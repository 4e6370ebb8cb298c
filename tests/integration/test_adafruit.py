"""Adafruit's Arduino MQTT library 2.6.5, byte for byte, as an ESP8266 sends it.

Level 4, clean session, keep-alive 300, one SUBSCRIBE a filter, segments of at most 250 bytes. It
gives up on SUBACK, PUBACK and PINGRESP after 500 ms and sends a SUBSCRIBE up to three times, with a
new identifier each. Its UNSUBSCRIBE has the fixed header A1, which is malformed, and a QoS 2
PUBLISH never gets its PUBREL.
"""

import unittest

from godwit_daemon import DaemonTestCase, on_loops
from raw_client import RawClient, RawClients

ANSWER_MAX = 0.5  # seconds
SEGMENT_MAX = 250  # bytes

CONNECT_WITHOUT_ID = bytes.fromhex(
    "10 17 00 04 4d 51 54 54 04 c2 01 2c 00 00 00 04 75 73 65 72 00 03 6b 65 79"
)
CONNECT_WITH_USER_AS_ID = bytes.fromhex(
    "10 1b 00 04 4d 51 54 54 04 c2 01 2c 00 04 75 73 65 72 00 04 75 73 65 72 00 03 6b 65 79"
)
CONNECT_WITH_WILL = bytes.fromhex(
    "10 2a 00 04 4d 51 54 54 04 ce 01 2c 00 00"
    "00 0b 75 73 65 72 2f 73 74 61 74 75 73 00 04 4c 4f 53 54"  # user/status: LOST, QoS 1
    "00 04 75 73 65 72 00 03 6b 65 79"
)
CONNECT_WITH_KEY_ALONE = bytes.fromhex(
    "10 11 00 04 4d 51 54 54 04 42 01 2c 00 00 00 03 6b 65 79"
)
CONNACK = bytes.fromhex("20 02 00 00")
PINGREQ = bytes.fromhex("c0 00")
PINGRESP = bytes.fromhex("d0 00")
DISCONNECT = bytes.fromhex("e0 00")


def text(data):
    return len(data).to_bytes(2, "big") + data


def with_header(first, body):
    assert len(body) < 128 * 128
    high, low = divmod(len(body), 128)
    size = bytes([low + 128, high]) if high else bytes([low])
    return bytes([first]) + size + body


class Adafruit:
    """The library's own behaviour on one connection."""

    def __init__(self, case, connect):
        self.line = RawClient(case.daemon.address)
        case.addCleanup(self.line.close)
        self._packet_id = 0
        self.send(connect)

    def send(self, data):
        for at in range(0, len(data), SEGMENT_MAX):
            self.line.send(data[at : at + SEGMENT_MAX])

    def expect(self, data):
        got = self.line.receive(ANSWER_MAX)
        if got.raw != data:
            raise AssertionError(f"got {got}, not <{data.hex(' ')}>")

    def expect_connected(self):
        self.expect(CONNACK)
        return self

    def next_id(self):
        self._packet_id += 1
        return self._packet_id.to_bytes(2, "big")

    def send_subscribe(self, topic, qos):
        packet_id = self.next_id()
        self.send(with_header(0x82, packet_id + text(topic) + bytes([qos])))
        return packet_id

    def subscribe(self, topic, qos):
        packet_id = self.send_subscribe(topic, qos)
        self.expect(b"\x90\x03" + packet_id + bytes([qos]))

    def publish(self, topic, payload, qos=0):
        if qos == 0:
            self.send(with_header(0x30, text(topic) + payload))
            return None
        packet_id = self.next_id()
        self.send(with_header(0x30 | qos << 1, text(topic) + packet_id + payload))
        self.expect((b"\x40\x02" if qos == 1 else b"\x50\x02") + packet_id)
        return packet_id

    def ping(self):
        self.send(PINGREQ)
        self.expect(PINGRESP)


@on_loops(1, 4)
class AdafruitLibrary(RawClients, DaemonTestCase):
    def board(self, connect=CONNECT_WITH_USER_AS_ID):
        return Adafruit(self, connect).expect_connected()

    def test_its_example_runs(self):
        dashboard = self.client("dashboard").subscribe(("user/feeds/photocell", 0))
        for connect in (CONNECT_WITHOUT_ID, CONNECT_WITH_USER_AS_ID):
            board = self.board(connect)
            board.subscribe(b"user/feeds/onoff", 1)
            board.subscribe(b"user/feeds/slider", 0)
            board.subscribe(b"time/seconds", 0)

            dashboard.publish("user/feeds/onoff", "ON", 1)
            board.expect(bytes.fromhex("32 16 00 10") + b"user/feeds/onoff" + b"\x00\x01ON")
            board.send(bytes.fromhex("40 02 00 01"))
            dashboard.publish("user/feeds/slider", "127", 1)
            board.expect(bytes.fromhex("30 16 00 11") + b"user/feeds/slider127")
            dashboard.publish("time/seconds", "1700000000", 0)
            board.expect(bytes.fromhex("30 18 00 0c") + b"time/seconds1700000000")

            board.publish(b"user/feeds/photocell", b"42")
            dashboard.expect_publish("user/feeds/photocell", "42")
            board.publish(b"user/feeds/photocell", b"43", 1)
            dashboard.expect_publish("user/feeds/photocell", "43")
            board.ping()
            board.send(DISCONNECT)
            board.line.expect_closed()
        self.daemon.log.wait_for('connected client_id="user" .*keep_alive=300 clean_session=true')

    def test_long_packets_come_in_segments_of_250_bytes(self):
        dashboard = self.client("dashboard").subscribe(("user/feeds/text", 0))
        board = self.board()
        payload = bytes(range(32, 127)) * 10
        board.publish(b"user/feeds/text", payload, 1)
        dashboard.expect_publish("user/feeds/text", payload)

    def test_a_subscribe_sent_again_with_a_new_id_is_answered_each_time_and_delivers_once(self):
        board = self.board()
        ids = [board.send_subscribe(b"user/feeds/onoff", 1) for _ in range(3)]
        for packet_id in ids:
            board.expect(b"\x90\x03" + packet_id + b"\x01")
        self.client("dashboard").publish("user/feeds/onoff", "ON", 1)
        board.expect(bytes.fromhex("32 16 00 10") + b"user/feeds/onoff" + b"\x00\x01ON")
        board.ping()

    def test_its_unsubscribe_is_malformed_so_it_is_closed_and_its_will_published(self):
        dashboard = self.client("dashboard").subscribe(("user/status", 1))
        board = self.board(CONNECT_WITH_WILL)
        board.subscribe(b"user/feeds/onoff", 1)
        board.send(with_header(0xA1, board.next_id() + text(b"user/feeds/onoff")))
        board.line.expect_closed()
        dashboard.expect_publish("user/status", "LOST", 1)
        self.daemon.log.wait_for("client disconnected .*reason=malformed_packet")

    def test_its_disconnect_removes_the_will(self):
        dashboard = self.client("dashboard").subscribe(("user/status", 1))
        board = self.board(CONNECT_WITH_WILL)
        board.send(DISCONNECT)
        board.line.expect_closed()
        dashboard.expect_quiet()

    def test_a_key_without_a_user_name_is_closed_without_an_answer(self):
        board = Adafruit(self, CONNECT_WITH_KEY_ALONE)
        board.line.expect_closed()
        self.daemon.log.wait_for("connection refused .*reason=malformed_packet")

    def test_a_qos_2_publish_is_delivered_once_though_its_pubrel_never_comes(self):
        dashboard = self.client("dashboard").subscribe(("user/feeds/photocell", 0))
        board = self.board()
        for i in range(100):
            board.publish(b"user/feeds/photocell", b"%d" % i, 2)
            dashboard.expect_publish("user/feeds/photocell", f"{i}")
        dashboard.expect_quiet()
        board.ping()
        # session.max_awaiting_rel is 100: one more ends the connection, and with it the ids.
        board.send(with_header(0x34, text(b"user/feeds/photocell") + board.next_id() + b"x"))
        board.line.expect_closed()
        self.daemon.log.wait_for('client_id="user" .*reason=too_many_awaiting_rel')
        board = self.board()
        board.publish(b"user/feeds/photocell", b"again", 2)
        dashboard.expect_publish("user/feeds/photocell", "again")


if __name__ == "__main__":
    unittest.main()
