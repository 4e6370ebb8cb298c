"""Packets do not care how TCP cuts the stream."""

import unittest

from godwit_daemon import DaemonTestCase, on_loops
from raw_client import (
    DISCONNECT_BYTES, PINGREQ_BYTES, PINGRESP_BYTES, PUBLISH, RawClients, Will, connack, connect,
    puback, pubcomp, publish, pubrec, pubrel, suback, subscribe, unsuback, unsubscribe,
)


def conversation(client_id):
    """One of each packet that a client sends, and all answers it gets."""
    sent = (
        connect(client_id, will=Will("w", "x", 1), user="u", password="p"),
        subscribe(1, ("a/#", 0), ("b", 2)),
        publish("none", "0"),
        publish("none", "1", 1, 2),
        publish("none", "2", 2, 3),
        pubrel(3),
        PINGREQ_BYTES,
        unsubscribe(4, "a/#"),
    )
    answers = (
        connack(), suback(1, 0, 2), puback(2), pubrec(3), pubcomp(3), PINGRESP_BYTES, unsuback(4),
    )
    return sent, answers


@on_loops(1, 4)
class Segments(RawClients, DaemonTestCase):
    def test_one_byte_at_a_time(self):
        sent, answers = conversation("bytes")
        client = self.open()
        for byte in b"".join(sent):
            client.send(bytes([byte]))
        client.expect(*answers)

    def test_split_at_each_byte(self):
        sent, answers = conversation("split")
        stream = b"".join(sent)
        for at in range(1, len(stream)):
            client = self.open()
            client.send(stream[:at])
            if at >= len(sent[0]):
                client.expect(connack())  # So the rest is a segment of its own.
            client.send(stream[at:], DISCONNECT_BYTES)
            client.expect(*answers[1 if at >= len(sent[0]) else 0 :])
            client.expect_closed()
            client.close()

    def test_all_in_one_segment(self):
        sent, answers = conversation("whole")
        client = self.open()
        client.send(*sent, DISCONNECT_BYTES)
        client.expect(*answers)
        client.expect_closed()

    def test_many_packets_in_one_segment(self):
        client = self.client("client").subscribe(("t", 0))
        count = 5000
        client.send(*(publish("t", f"{i}") for i in range(count)), PINGREQ_BYTES)
        for i in range(count):
            client.expect_publish("t", f"{i}")
        client.expect(PINGRESP_BYTES)

    def test_a_large_packet_over_many_segments_amid_small_ones(self):
        reader = self.client("reader").subscribe(("t", 0))
        publisher = self.client("publisher")
        large = bytes(range(256)) * 4000
        stream = publish("t", "before") + publish("t", large) + publish("t", "after")
        for at in range(0, len(stream), 1448):
            publisher.send(stream[at : at + 1448])
        for payload in ("before", large, "after"):
            reader.expect_publish("t", payload)

    def test_connect_subscribe_and_publish_in_one_segment_from_many_client_ids(self):
        # Many ids, so that the loop that accepts is often not the one that the session lives on.
        for number in range(100):
            client = self.open()
            client.send(
                connect(f"id-{number}"), subscribe(1, (f"t/{number}", 2)),
                publish(f"t/{number}", "first", 1, 2), publish(f"t/{number}", "second", 2, 3),
                publish(f"t/{number}", "third", 0), PINGREQ_BYTES,
            )
            client.expect(connack(), suback(1, 2))
            got = [client.receive() for _ in range(6)]
            payloads = [one.payload for one in got if one.type == PUBLISH]
            self.assertEqual(payloads, [b"first", b"second", b"third"])
            answers = [one.raw for one in got if one.type != PUBLISH]
            self.assertEqual(answers, [puback(2), pubrec(3), PINGRESP_BYTES])

    def test_bytes_that_come_while_the_connection_travels_are_kept(self):
        # Each in its own segment, without waiting for any answer.
        for number in range(100):
            client = self.open()
            stream = connect(f"id-{number}") + subscribe(1, ("t", 0)) + publish("u", "x", 1, 2)
            for at in range(0, len(stream), 7):
                client.send(stream[at : at + 7])
            client.expect(connack(), suback(1, 0), puback(2))
            client.close()


if __name__ == "__main__":
    unittest.main()
