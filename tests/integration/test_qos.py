"""QoS 0, 1 and 2 in both directions: delivery, acknowledgements, order, windows."""

import unittest

from godwit_daemon import DaemonTestCase, on_loops
from raw_client import (
    PUBLISH, PUBREC, RawClients, puback, pubcomp, publish, pubrec, pubrel,
    suback, subscribe,
)
from tools import MosquittoSub, PahoClient, mosquitto_pub


@on_loops(1, 4)
class Delivery(RawClients, DaemonTestCase):
    def test_a_message_comes_at_the_lower_of_published_and_granted_qos(self):
        publisher = self.client("publisher")
        for granted in (0, 1, 2):
            reader = self.client(f"reader-{granted}").subscribe(("t", granted))
            for qos in (0, 1, 2):
                publisher.publish("t", f"{qos}", qos)
                reader.expect_publish("t", f"{qos}", min(qos, granted))

    def test_each_subscriber_gets_one_copy_at_the_highest_qos_of_its_overlapping_filters(self):
        reader = self.client("reader")
        reader.subscribe(("a/#", 0), ("a/+", 2), ("a/b", 1), ("$local/#", 1))
        self.client("publisher").publish("a/b", "once", 2)
        reader.expect_publish("a/b", "once", 2)
        reader.expect_quiet()

    def test_messages_of_one_publisher_keep_their_order_at_each_qos(self):
        readers = [self.client(f"reader-{i}").subscribe(("order/#", 2)) for i in range(4)]
        publisher = self.client("publisher")
        answers = {0: lambda _: b"", 1: puback, 2: pubrec}
        for qos, answer in answers.items():
            ids = range(1, 101)
            publisher.send(*(publish("order/x", f"{i}", qos, i) for i in ids))
            publisher.expect(*(answer(i) for i in ids if qos))
            for reader in readers:
                self.assertEqual(reader.receive_payloads(len(ids)), [f"{i}" for i in ids])

    def test_paho_carries_a_large_payload_at_every_qos(self):
        payload = bytes(range(256)) * 3000
        reader = PahoClient(self, self.daemon, "reader")
        reader.subscribe("big", 2)
        writer = PahoClient(self, self.daemon, "writer")
        for qos in (0, 1, 2):
            writer.publish("big", payload, qos)
            self.assertEqual(reader.message().payload, payload)

    def test_mosquitto_tools_lose_and_repeat_nothing(self):
        lines = [f"line {i}" for i in range(300)]
        for qos in (1, 2):
            reader = MosquittoSub(self, self.daemon, topic=f"many/{qos}", qos=qos, count=len(lines))
            mosquitto_pub(
                self, self.daemon, "-l", topic=f"many/{qos}", qos=qos, stdin="\n".join(lines) + "\n"
            )
            wanted = [f"many/{qos} {qos} 0 {line}" for line in lines]
            self.assertEqual(reader.messages(), wanted)


@on_loops(1, 4)
class Acknowledgement(RawClients, DaemonTestCase):
    def test_publications_of_mixed_qos_are_answered_in_their_order(self):
        self.client("reader").subscribe(("#", 2))
        publisher = self.client("publisher")
        publisher.send(
            publish("a", "1", 1, 1), publish("b", "2", 2, 2), publish("c", "0"),
            publish("d", "3", 1, 3), publish("e", "4", 2, 4),
        )
        publisher.expect(puback(1), pubrec(2), puback(3), pubrec(4))

    def test_a_qos_2_message_sent_again_before_pubrel_is_delivered_once(self):
        reader = self.client("reader").subscribe(("t", 2))
        publisher = self.client("publisher")
        publisher.send(publish("t", "one", 2, 9))
        publisher.expect(pubrec(9))
        publisher.send(publish("t", "one", 2, 9, dup=True))
        publisher.expect(pubrec(9))
        publisher.send(pubrel(9))
        publisher.expect(pubcomp(9))
        publisher.send(publish("t", "two", 2, 9))  # After PUBREL the id is free.
        publisher.expect(pubrec(9))
        self.assertEqual(reader.receive_payloads(2), ["one", "two"])
        reader.expect_quiet()

    def test_a_pubrel_of_an_unknown_id_is_completed(self):
        publisher = self.client("publisher")
        publisher.send(pubrel(77), pubrel(77))
        publisher.expect(pubcomp(77), pubcomp(77))

    def test_a_repeated_pubrec_gets_pubrel_again(self):
        reader = self.client("reader").subscribe(("t", 2))
        self.client("publisher").publish("t", "x", 2)
        packet_id = reader.expect_publish("t", "x", 2)
        reader.send(pubrec(packet_id), pubrec(packet_id))
        reader.expect(pubrel(packet_id), pubrel(packet_id))
        reader.send(pubcomp(packet_id))
        reader.expect_quiet()

    def test_acknowledgements_of_nothing_are_ignored(self):
        client = self.client("client")
        client.send(puback(5), pubcomp(6))
        client.expect_quiet()
        client.publish("t", "still here", 1)

    def test_packet_ids_of_both_directions_do_not_meet(self):
        client = self.client("client").subscribe(("t", 2))
        client.send(publish("t", "mine", 2, 1))
        got = [client.receive(), client.receive()]
        self.assertEqual({one.type for one in got}, {PUBLISH, PUBREC})
        packet_id = next(one.packet_id for one in got if one.type == PUBLISH)
        client.send(pubrec(packet_id))
        client.expect(pubrel(packet_id))
        client.send(pubrel(1), pubcomp(packet_id))
        client.expect(pubcomp(1))


class Window(RawClients, DaemonTestCase):
    settings = ("session.max_inflight=2", "session.retry_interval=1s")

    def test_the_in_flight_window_opens_with_each_acknowledgement(self):
        reader = self.client("reader").subscribe(("t", 1))
        publisher = self.client("publisher")
        for i in range(4):
            publisher.publish("t", f"{i}", 1)
        first = reader.expect_publish("t", "0", 1)
        second = reader.expect_publish("t", "1", 1)
        reader.expect_quiet()
        reader.send(puback(second))
        third = reader.expect_publish("t", "2", 1)
        reader.expect_quiet()
        reader.send(puback(first), puback(third))
        reader.expect_publish("t", "3", 1)

    def test_what_stays_unacknowledged_is_sent_again_after_the_retry_interval(self):
        reader = self.client("reader").subscribe(("t", 2))
        publisher = self.client("publisher")
        publisher.publish("t", "one", 1)
        publisher.publish("t", "two", 2)
        first = reader.expect_publish("t", "one", 1)
        second = reader.expect_publish("t", "two", 2)
        self.assertEqual(reader.expect_publish("t", "one", 1, dup=True), first)
        self.assertEqual(reader.expect_publish("t", "two", 2, dup=True), second)
        reader.send(puback(first), pubrec(second))
        reader.expect(pubrel(second))
        reader.expect(pubrel(second))  # And so is PUBREL.
        reader.send(pubcomp(second))


class MaximumQos(RawClients, DaemonTestCase):
    settings = ("mqtt.max_qos=1",)

    def test_a_higher_subscribe_is_granted_the_maximum(self):
        client = self.client("client")
        client.send(subscribe(1, ("t", 2), ("u", 0)))
        client.expect(suback(1, 1, 0))

    def test_a_higher_publish_closes_that_connection_alone(self):
        other = self.client("other")
        client = self.client("client")
        client.send(publish("t", "x", 2, 1))
        client.expect_closed()
        self.daemon.log.wait_for('client_id="client".*reason=qos_not_supported')
        other.publish("t", "x", 1)


class ManyInFlight(RawClients, DaemonTestCase):
    settings = ("session.max_inflight=65535", "session.max_queued_messages=0")

    def test_packet_ids_wrap_around_and_skip_those_in_use(self):
        reader = self.client("reader").subscribe(("t", 1))
        publisher = self.client("publisher")
        publisher.publish("t", "kept", 1)
        kept = reader.expect_publish("t", "kept", 1)
        seen = set()
        for _ in range(70):
            publisher.send(*(publish("t", b"", 1, i) for i in range(1, 1001)))
            for i in range(1, 1001):
                publisher.expect(puback(i))
            ids = [reader.expect_publish("t", b"", 1) for _ in range(1000)]
            reader.send(*(puback(packet_id) for packet_id in ids))
            self.assertNotIn(kept, ids)
            self.assertNotIn(0, ids)
            seen.update(ids)
        self.assertEqual(len(seen), 65534)


if __name__ == "__main__":
    unittest.main()
