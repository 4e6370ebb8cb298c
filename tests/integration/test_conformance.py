"""The statements of MQTT 3.1.1 about what happens before a session and about the network.

Each test is called after the statement that it shows: test_MQTT_3_1_0_1_... is [MQTT-3.1.0-1].
Those about sessions and messages are in tests/conformance, those of docs/conformance.md are read
from both.
"""

import socket
import struct
import time
import unittest

from godwit_daemon import DaemonTestCase, on_loops
from raw_client import (
    DISCONNECT_BYTES, PINGREQ_BYTES, PINGRESP_BYTES, RawClients, Will, connack, connect, packet,
    puback, pubcomp, publish, pubrec, pubrel, suback, subscribe, text, unsuback, unsubscribe,
)
from web_socket import TEXT, WebSocketClient, frame, request


def connect_packet(name=b"MQTT", level=4, flags=2, keep_alive=60, payload=None):
    """A CONNECT of any parts; the payload is a list of fields, by default a client id."""
    fields = [b"odd"] if payload is None else payload
    head = text(name) + bytes([level, flags]) + struct.pack("!H", keep_alive)
    return packet(0x10, head + b"".join(text(field) for field in fields))


USER, PASSWORD, WILL_RETAIN, WILL_QOS_1, WILL_QOS_2, WILL, CLEAN, RESERVED = (
    128, 64, 32, 8, 16, 4, 2, 1,
)


class Conformance(RawClients, DaemonTestCase):
    def expect_refused(self, *packets, answer=b""):
        """The broker closes the connection, after this answer alone, and the others stay."""
        for one in packets:
            with self.subTest(packet=one.hex(" ")):
                client = self.open()
                client.send(one)
                if answer:
                    client.expect(answer)
                client.expect_closed()
                client.close()

    def expect_accepted(self, *packets):
        for one in packets:
            with self.subTest(packet=one.hex(" ")):
                client = self.open()
                client.send(one)
                client.expect(connack())
                client.close()


@on_loops(1, 4)
class Connect(Conformance):
    def test_MQTT_3_1_0_1_the_first_packet_must_be_connect(self):
        self.expect_refused(
            PINGREQ_BYTES, DISCONNECT_BYTES, publish("t", "x"), publish("t", "x", 1, 1),
            subscribe(1, ("t", 0)), unsubscribe(1, "t"), puback(1), pubrel(1), connack(),
        )
        # Also in the segment of a CONNECT that follows.
        self.expect_refused(PINGREQ_BYTES + connect("late"), b"GET / HTTP/1.1\r\n\r\n", b"\x00\x00")

    def test_MQTT_3_1_2_1_another_protocol_name_is_not_mqtt(self):
        self.expect_refused(
            *(connect_packet(name=name) for name in (b"MQT", b"mqtt", b"MQTT ", b"MQTTX", b"")),
            connect_packet(name=b"MQIsdp", level=4), connect_packet(name=b"MQTT", level=3),
            answer=connack(1),
        )

    def test_MQTT_3_1_2_2_an_unsupported_level_gets_connack_1(self):
        # 5 is MQTT 5; bridges of mosquitto begin with the highest bit set.
        self.expect_refused(
            *(connect_packet(level=level) for level in (0, 1, 2, 3, 5, 6, 0x83, 0x84, 255)),
            packet(0x10, text("MQTT") + b"\x05\x02\x00\x3c\x00" + text("five")),
            answer=connack(1),
        )

    def test_MQTT_3_1_2_3_the_reserved_flag_must_be_zero(self):
        self.expect_refused(
            connect_packet(flags=CLEAN | RESERVED), connect_packet(flags=RESERVED),
        )

    def test_MQTT_3_1_2_9_a_will_has_topic_and_message(self):
        self.expect_refused(
            connect_packet(flags=CLEAN | WILL),
            connect_packet(flags=CLEAN | WILL, payload=[b"odd", b"topic"]),
        )
        self.expect_accepted(
            connect_packet(flags=CLEAN | WILL, payload=[b"odd", b"topic", b""]),
        )

    def test_MQTT_3_1_2_11_without_a_will_there_is_nothing_of_it(self):
        self.expect_refused(
            *(connect_packet(flags=CLEAN | flag) for flag in (WILL_QOS_1, WILL_QOS_2, WILL_RETAIN)),
            connect_packet(payload=[b"odd", b"topic", b"message"]),
        )

    def test_MQTT_3_1_2_13_without_a_will_its_qos_is_zero(self):
        self.expect_refused(
            *(connect_packet(flags=CLEAN | qos << 3) for qos in (1, 2, 3)),
        )

    def test_MQTT_3_1_2_14_the_qos_of_a_will_is_not_three(self):
        fields = [b"odd", b"topic", b"message"]
        self.expect_refused(connect_packet(flags=CLEAN | WILL | 3 << 3, payload=fields))
        self.expect_accepted(
            *(connect_packet(flags=CLEAN | WILL | qos << 3, payload=fields) for qos in (0, 1, 2)),
        )

    def test_MQTT_3_1_2_15_without_a_will_it_is_not_retained(self):
        self.expect_refused(connect_packet(flags=CLEAN | WILL_RETAIN))

    def test_MQTT_3_1_2_18_without_the_flag_there_is_no_user_name(self):
        self.expect_refused(connect_packet(payload=[b"odd", b"user"]))

    def test_MQTT_3_1_2_19_with_the_flag_there_is_a_user_name(self):
        self.expect_refused(connect_packet(flags=CLEAN | USER))
        self.expect_accepted(
            connect_packet(flags=CLEAN | USER, payload=[b"odd", b"user"]),
            connect_packet(flags=CLEAN | USER, payload=[b"odd2", b""]),
        )

    def test_MQTT_3_1_2_20_without_the_flag_there_is_no_password(self):
        self.expect_refused(
            connect_packet(flags=CLEAN | USER, payload=[b"odd", b"user", b"password"]),
        )

    def test_MQTT_3_1_2_21_with_the_flag_there_is_a_password(self):
        self.expect_refused(
            connect_packet(flags=CLEAN | USER | PASSWORD, payload=[b"odd", b"user"]),
        )
        self.expect_accepted(
            connect_packet(flags=CLEAN | USER | PASSWORD, payload=[b"odd", b"user", b"\x00\xff"]),
        )

    def test_MQTT_3_1_2_22_no_password_without_a_user_name(self):
        # What Adafruit's library sends for a key without a user name.
        self.expect_refused(connect_packet(flags=CLEAN | PASSWORD, payload=[b"odd", b"key"]))

    def test_MQTT_3_1_3_1_the_fields_are_in_their_order(self):
        reader = self.client("reader").subscribe(("topic", 1))
        everything = connect_packet(
            flags=CLEAN | WILL | WILL_QOS_1 | USER | PASSWORD,
            payload=[b"client", b"topic", b"message", b"user", b"password"],
        )
        client = self.open()
        client.send(everything)
        client.expect(connack())
        client.close()
        reader.expect_publish("topic", "message", 1)
        # The client id and the user name are what they should be.
        thief = self.open()
        thief.send(connect("client", user="user"))
        thief.expect(connack())
        self.expect_refused(connect("client", user="message"), answer=connack(5))

    def test_MQTT_3_1_3_3_the_client_id_must_be_there(self):
        self.expect_refused(
            connect_packet(payload=[]),
            packet(0x10, text("MQTT") + b"\x04\x02\x00\x3c\x00"),
            packet(0x10, text("MQTT") + b"\x04\x02\x00\x3c\x00\x05abc"),
        )

    def test_MQTT_3_1_3_4_the_client_id_must_be_utf8(self):
        self.expect_refused(
            *(connect_packet(payload=[bad]) for bad in (b"a\xff", b"\xed\xa0\x80", b"a\x00b")),
        )
        self.expect_accepted(connect_packet(payload=["größe €".encode()]))

    def test_MQTT_3_1_3_10_the_will_topic_must_be_utf8(self):
        self.expect_refused(
            *(
                connect_packet(flags=CLEAN | WILL, payload=[b"odd", bad, b"message"])
                for bad in (b"a\xff", b"\xed\xa0\x80", b"a\x00b", b"", b"a/#", b"+")
            ),
        )
        # Its message may be anything.
        self.expect_accepted(
            connect_packet(flags=CLEAN | WILL, payload=[b"odd", b"topic", b"\xff\x00\xfe"]),
        )

    def test_MQTT_3_1_3_11_the_user_name_must_be_utf8(self):
        self.expect_refused(
            *(
                connect_packet(flags=CLEAN | USER, payload=[b"odd", bad])
                for bad in (b"a\xff", b"\xed\xa0\x80", b"a\x00b")
            ),
        )

    def test_MQTT_3_1_4_1_a_malformed_connect_gets_no_connack(self):
        whole = connect("odd")
        self.expect_refused(
            bytes([0x11]) + whole[1:],  # flags of the fixed header
            b"\x10\x00",
            packet(0x10, whole[2:-1]),  # cut short
            packet(0x10, whole[2:] + b"x"),  # with a rest
            b"\x10\xff\xff\xff\xff\x01",  # a length of five bytes
        )

    def test_MQTT_3_1_4_4_a_client_may_send_on_before_connack(self):
        client = self.open()
        client.send(
            connect("eager"), subscribe(1, ("t", 0)), publish("t", "x", 1, 2), PINGREQ_BYTES,
        )
        client.expect(connack(), suback(1, 0), publish("t", "x"), puback(2), PINGRESP_BYTES)

    def test_MQTT_3_1_4_5_nothing_behind_a_rejected_connect_is_processed(self):
        reader = self.client("reader").subscribe(("#", 0))
        self.client("taken", clean=False, user="alice")
        behind = (publish("t", "x") + publish("t", "x", 1, 1, retain=True) + subscribe(2, ("t", 0)))
        for rejected, code in (
            (connect_packet(level=5), 1),
            (connect("", clean=False), 2),
            (connect("taken", user="bob"), 5),
        ):
            self.expect_refused(rejected + behind, answer=connack(code))
        self.expect_refused(connect_packet(flags=RESERVED) + behind)
        reader.expect_quiet()
        self.client("later").subscribe(("#", 0)).expect_quiet()

    def test_MQTT_3_2_0_1_connack_comes_first(self):
        client = self.open()
        client.send(connect("impatient"), PINGREQ_BYTES)
        client.expect(connack(), PINGRESP_BYTES)

    def test_MQTT_3_2_2_5_the_connection_is_closed_after_a_refusal(self):
        self.client("taken", user="alice")
        self.expect_refused(connect("", clean=False), answer=connack(2))
        self.expect_refused(connect("taken", user="bob"), answer=connack(5))


class Mqtt31Refused(Conformance):
    settings = ("mqtt.mqtt31=false",)

    def test_MQTT_3_1_2_2_an_old_level_gets_connack_1_where_it_is_turned_off(self):
        self.expect_refused(connect_packet(name=b"MQIsdp", level=3), answer=connack(1))
        self.expect_accepted(connect_packet())


class HighestQos(Conformance):
    settings = ("mqtt.max_qos=1",)

    def test_MQTT_3_2_2_6_without_a_fitting_code_there_is_no_connack(self):
        fields = [b"odd", b"topic", b"message"]
        self.expect_refused(connect_packet(flags=CLEAN | WILL | WILL_QOS_2, payload=fields))
        self.expect_accepted(connect_packet(flags=CLEAN | WILL | WILL_QOS_1, payload=fields))


@on_loops(1, 4)
class Packets(Conformance):
    def test_MQTT_2_2_2_1_reserved_flags_are_as_listed(self):
        """Every packet that the broker sends, byte by byte."""
        reader = self.client("reader", user="alice")
        self.expect_refused(connect("reader", user="bob"), answer=b"\x20\x02\x00\x05")
        reader.send(b"\x82\x06\x00\x01\x00\x01t\x02")
        reader.expect(b"\x90\x03\x00\x01\x02")
        reader.send(b"\x32\x06\x00\x01t\x00\x07x")
        got = reader.receive()
        self.assertEqual(got.raw, b"\x32\x06\x00\x01t" + struct.pack("!H", got.packet_id) + b"x")
        reader.send(b"\x40\x02" + struct.pack("!H", got.packet_id))
        reader.expect(b"\x40\x02\x00\x07")
        reader.send(b"\x34\x06\x00\x01t\x00\x08y")
        got = reader.receive()
        identifier = struct.pack("!H", got.packet_id)
        self.assertEqual(got.raw, b"\x34\x06\x00\x01t" + identifier + b"y")
        reader.expect(b"\x50\x02\x00\x08")
        reader.send(b"\x50\x02" + identifier)
        reader.expect(b"\x62\x02" + identifier)
        reader.send(b"\x70\x02" + identifier, b"\x62\x02\x00\x08")
        reader.expect(b"\x70\x02\x00\x08")
        reader.send(b"\x30\x04\x00\x01tz")
        reader.expect(b"\x30\x04\x00\x01tz")
        reader.send(b"\xa2\x05\x00\x09\x00\x01t")
        reader.expect(b"\xb0\x02\x00\x09")
        reader.send(b"\xc0\x00")
        reader.expect(b"\xd0\x00")

    def test_MQTT_3_14_4_2_nothing_behind_disconnect_is_read(self):
        reader = self.client("reader").subscribe(("#", 0))
        client = self.client("done")
        client.send(DISCONNECT_BYTES, publish("t", "x"), PINGREQ_BYTES, connect("again"))
        client.expect_closed()
        reader.expect_quiet()

    def test_MQTT_4_8_0_1_a_violation_closes_its_connection_alone(self):
        reader = self.client("reader").subscribe(("t", 0))
        for bad in (b"\xf0\x00", b"\x00\x00", connect("twice"), connack(), b"\x36\x05\x00\x01t\0\x01"):
            client = self.client("bad")
            client.send(bad, publish("t", "not to be read"))
            client.expect_closed()
        self.client("good").publish("t", "x", 1)
        reader.expect_publish("t", "x")

    def test_MQTT_7_1_1_1_bytes_may_come_in_any_pieces(self):
        """TCP carries them in order and without loss, not in packets."""
        whole = (
            connect("pieces"), subscribe(1, ("t", 2)), publish("t", "one", 1, 2),
            publish("t", "two", 0), pubrel(77), unsubscribe(3, "t"), PINGREQ_BYTES,
        )
        answers = (connack(), suback(1, 2))
        for size in (1, 2, 3, 7, 1000):
            with self.subTest(size=size):
                client = self.open()
                data = b"".join(whole)
                for at in range(0, len(data), size):
                    client.send(data[at : at + size])
                client.expect(*answers)
                identifier = client.expect_publish("t", "one", 1)
                client.expect(
                    puback(2), publish("t", "two"), pubcomp(77), unsuback(3), PINGRESP_BYTES,
                )
                self.assertNotEqual(identifier, 0)
                client.disconnect()

    def test_MQTT_7_1_1_1_a_large_payload_arrives_whole(self):
        payload = bytes(range(256)) * 4000
        reader = self.client("reader").subscribe(("large", 1))
        self.client("publisher").publish("large", payload, 2)
        got = reader.receive()
        self.assertEqual(got.payload, payload)

    def test_MQTT_7_0_0_2_a_client_needs_no_extension(self):
        """Everything the standard offers, with nothing but the standard and no settings."""
        sleeper = self.client("sleeper", clean=False).subscribe(("news/+", 2))
        sleeper.disconnect()
        publisher = self.client("publisher", will=Will("news/will", "gone", 1))
        publisher.publish("news/kept", "kept", 1, retain=True)
        publisher.publish("news/twice", "once", 2)
        publisher.close()
        sleeper = self.client("sleeper", True, clean=False)
        received = [sleeper.receive() for _ in range(3)]
        for got in received:
            sleeper.answer(got)
        self.assertEqual(
            sorted((got.topic, got.payload, got.qos, got.retain) for got in received),
            [
                ("news/kept", b"kept", 1, False), ("news/twice", b"once", 2, False),
                ("news/will", b"gone", 1, False),
            ],
        )
        self.client("new").subscribe(("#", 1)).expect_publish("news/kept", "kept", 1, retain=True)


class WebSockets(Conformance):
    def setUp(self):
        self.daemon = self.start_daemon(
            config='listeners: [{bind: "127.0.0.1:0", transport: websocket}]'
        )

    def web(self, **headers):
        client = WebSocketClient(self.daemon.address, request(**headers))
        self.addCleanup(client.close)
        return client

    def test_MQTT_6_0_0_1_a_frame_that_is_not_binary_closes_the_connection(self):
        client = self.web()
        client.send(connect("binary"))
        client.expect(connack())  # in a binary frame, as all that the client takes for data
        client.send_wire(frame(PINGREQ_BYTES, TEXT))
        client.expect_close(1003)

    def test_MQTT_6_0_0_2_packets_need_not_keep_to_frames(self):
        client = self.web()
        data = connect("frames") + subscribe(1, ("t", 0)) + publish("t", "x") + PINGREQ_BYTES
        client.send_wire(*(frame(data[i : i + 3]) for i in range(0, len(data), 3)))
        client.expect(connack(), suback(1, 0), publish("t", "x"), PINGRESP_BYTES)
        client.send(PINGREQ_BYTES, PINGREQ_BYTES, PINGREQ_BYTES)
        client.expect(PINGRESP_BYTES, PINGRESP_BYTES, PINGRESP_BYTES)

    def test_MQTT_6_0_0_4_the_subprotocol_is_mqtt(self):
        for offered in ("mqtt", "mqttv3.1, mqtt", "chat, mqtt"):
            answer = self.web(Sec_WebSocket_Protocol=offered).answer_head
            self.assertIn("\r\nSec-WebSocket-Protocol: mqtt\r\n", answer)


@on_loops(1, 4)
class KeepAlive(Conformance):
    def test_MQTT_3_1_2_24_silence_of_one_and_a_half_periods_ends_the_connection(self):
        reader = self.client("reader", keep_alive=0).subscribe(("will", 0))
        begin = time.monotonic()
        silent = self.client("silent", keep_alive=1, will=Will("will", "gone"))
        silent.expect_closed(deadline=10)
        lasted = time.monotonic() - begin
        self.assertGreaterEqual(lasted, 1.4)
        reader.expect_publish("will", "gone")

    def test_MQTT_3_1_2_24_any_packet_keeps_it_open(self):
        client = self.client("busy", keep_alive=1)
        packets = (
            (PINGREQ_BYTES, PINGRESP_BYTES), (publish("t", "x"), None), (puback(9), None),
            (subscribe(1, ("t", 0)), suback(1, 0)), (unsubscribe(2, "t"), unsuback(2)),
        )
        end = time.monotonic() + 4
        for sent, answer in packets:
            time.sleep(max(0.0, min(0.8, end - time.monotonic())))
            client.send(sent)
            if answer:
                client.expect(answer)
        client.expect_quiet()

    def test_MQTT_3_1_2_24_without_keep_alive_silence_is_no_end(self):
        quiet = self.client("quiet", keep_alive=0)
        self.client("silent", keep_alive=1).expect_closed(deadline=10)
        quiet.expect_quiet()


if __name__ == "__main__":
    unittest.main()
