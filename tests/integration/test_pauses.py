"""overflow: hold. A publisher whose message finds a full queue waits, and what ends that works."""

import unittest

from godwit_daemon import DaemonTestCase, on_loops
from raw_client import (
    DISCONNECT_BYTES, PINGREQ_BYTES, PINGRESP_BYTES, PUBACK, PUBLISH, RawClients, Will, puback,
    pubcomp, publish, pubrec, pubrel, suback, subscribe, unsuback, unsubscribe,
)


class HoldTestCase(RawClients, DaemonTestCase):
    settings = (
        "session.overflow=hold", "session.max_inflight=1", "session.max_queued_messages=2",
    )

    def full_sleeper(self):
        """An absent client whose queue has no more room."""
        self.client("sleeper", clean=False).subscribe(("full", 1)).disconnect()
        publisher = self.client("filler")
        publisher.publish("full", "0", 1).publish("full", "1", 1)
        publisher.disconnect()

    def wake(self):
        return self.client("sleeper", present=True, clean=False)

    def held(self, **fields):
        """A client whose PUBLISH with packet id 1 waits for room, and an UNSUBSCRIBE behind it."""
        client = self.client("held", **fields)
        client.send(publish("full", "2", 1, 1))
        # It is held once the loop of the full queue has told its own: then UNSUBSCRIBE waits too.
        packet_id = 1
        while True:
            packet_id += 1
            client.send(unsubscribe(packet_id, "never"), PINGREQ_BYTES)
            if (got := client.receive()).raw == PINGRESP_BYTES:
                return client, (puback(1), unsuback(packet_id))
            self.assertEqual(got.raw, unsuback(packet_id))
            client.expect(PINGRESP_BYTES)


@on_loops(1, 4)
class Hold(HoldTestCase):
    def test_a_publisher_waits_and_nothing_is_lost_or_reordered(self):
        self.client("sleeper", clean=False).subscribe(("full", 2)).disconnect()
        publisher = self.client("held")
        ids = range(1, 101)
        publisher.send(*(publish("full", f"{i}", 1, i) for i in ids))
        publisher.expect(puback(1), puback(2))
        publisher.expect_quiet()
        self.assertEqual(self.wake().receive_payloads(100), [f"{i}" for i in ids])
        publisher.expect(*(puback(i) for i in ids if i > 2))

    def test_other_publishers_and_other_topics_go_on(self):
        self.full_sleeper()
        held, _ = self.held()
        reader = self.client("reader").subscribe(("other", 1))
        self.client("publisher").publish("other", "x", 1).publish("nobody", "x", 2)
        reader.expect_publish("other", "x", 1)
        held.expect_quiet()

    def test_a_held_client_still_receives_and_acknowledges(self):
        self.full_sleeper()
        held = self.client("held").subscribe(("to/held", 2))
        held.send(publish("full", "2", 1, 9))
        publisher = self.client("publisher")
        for qos in (0, 1, 2):
            publisher.publish("to/held", f"{qos}", qos)
        self.assertEqual(held.receive_payloads(3), ["0", "1", "2"])

    def test_its_pubrel_and_pingreq_are_answered(self):
        self.full_sleeper()
        held = self.client("held")
        held.send(publish("nobody", "x", 2, 7))
        held.expect(pubrec(7))
        held.send(publish("full", "2", 1, 8), publish("nobody", "y", 2, 9))
        held.send(pubrel(7), PINGREQ_BYTES)
        held.expect(pubcomp(7), PINGRESP_BYTES)
        self.assertEqual(self.wake().receive_payloads(3), ["0", "1", "2"])
        held.expect(puback(8), pubrec(9))
        held.send(pubrel(9))
        held.expect(pubcomp(9))

    def test_its_other_packets_wait_their_turn(self):
        self.full_sleeper()
        held, answers = self.held()
        held.send(subscribe(5, ("own", 1)), publish("own", "x", 0), DISCONNECT_BYTES)
        held.expect_quiet()
        self.assertEqual(self.wake().receive_payloads(3), ["0", "1", "2"])
        held.expect(*answers, suback(5, 1))
        held.expect_publish("own", "x")
        held.expect_closed()

    def test_a_parked_disconnect_still_removes_the_will_when_the_client_is_taken_over(self):
        self.full_sleeper()
        reader = self.client("reader").subscribe(("will", 0))
        held, _ = self.held(will=Will("will", "held"))
        held.send(DISCONNECT_BYTES)
        held.expect_quiet()
        successor = self.client("held", will=Will("will", "successor"))
        held.expect_closed()
        successor.close()
        reader.expect_publish("will", "successor")
        reader.expect_quiet()

    def test_a_parked_disconnect_still_removes_the_will_when_the_client_then_closes(self):
        self.full_sleeper()
        reader = self.client("reader").subscribe(("will", 0))
        held, _ = self.held(will=Will("will", "held"))
        held.send(DISCONNECT_BYTES)
        held.close()
        self.daemon.log.wait_for('client disconnected client_id="held"')
        reader.expect_quiet()

    def test_the_end_of_its_connection_cancels_what_was_not_placed(self):
        self.full_sleeper()
        held, _ = self.held()
        held.close()
        self.daemon.log.wait_for('client disconnected client_id="held"')
        sleeper = self.wake()
        self.assertEqual(sleeper.receive_payloads(2), ["0", "1"])
        sleeper.expect_quiet()

    def test_a_clean_receiver_that_leaves_lets_its_publishers_go(self):
        reader = self.client("reader").subscribe(("t", 1))
        publisher = self.client("held")
        publisher.send(*(publish("t", f"{i}", 1, i) for i in range(1, 11)))
        publisher.expect(puback(1), puback(2), puback(3))  # One in flight, two waiting.
        publisher.expect_quiet()
        reader.close()
        publisher.expect(*(puback(i) for i in range(4, 11)))

    def test_more_than_is_put_aside_is_left_unread_and_comes_later(self):
        self.full_sleeper()
        held, answers = self.held()
        payload = bytes(1000)
        ids = range(1000, 1300)
        held.send(*(publish("nobody", payload, 1, i) for i in ids))
        self.assertEqual(self.wake().receive_payloads(3), ["0", "1", "2"])
        held.expect(*answers, *(puback(i) for i in ids))


@on_loops(1, 4)
class FeedingQueues(HoldTestCase):
    def test_a_client_that_feeds_its_own_full_queue_is_never_held(self):
        client = self.client("self").subscribe(("t", 1))
        client.send(*(publish("t", f"{i}", 1, i) for i in range(1, 21)))
        # All are acknowledged, and those without room dropped.
        got = [client.receive() for _ in range(21)]
        self.assertEqual([m.packet_id for m in got if m.type == PUBACK], list(range(1, 21)))
        [first] = [m for m in got if m.type == PUBLISH]
        client.expect_quiet()
        client.send(puback(first.packet_id))
        self.assertEqual(client.receive_payloads(2), ["2", "3"])
        client.expect_quiet()
        self.daemon.log.wait_for('messages dropped client_id="self" reason=self_full')

    def test_two_that_feed_each_others_full_queues_go_on_as_soon_as_they_acknowledge(self):
        names = ("one", "two")
        one, two = [self.client(name).subscribe((f"to/{name}", 1)) for name in names]
        count = 30
        for client, other in ((one, "two"), (two, "one")):
            client.send(*(publish(f"to/{other}", f"{i}", 1, i) for i in range(1, count + 1)))
        received = {one: [], two: []}
        acknowledged = {one: [], two: []}
        # Both are held by now; each has something to acknowledge, in turns.
        while any(len(payloads) < count for payloads in received.values()):
            for client, payloads in received.items():
                if len(payloads) == count:
                    continue
                while (got := client.receive()).type != PUBLISH:
                    acknowledged[client].append(got.packet_id)
                payloads.append(int(got.payload))
                client.send(puback(got.packet_id))
        wanted = list(range(1, count + 1))
        for client in (one, two):
            self.assertEqual(received[client], wanted)
            while len(acknowledged[client]) < count:
                acknowledged[client].append(client.receive().packet_id)
            self.assertEqual(acknowledged[client], wanted)


if __name__ == "__main__":
    unittest.main()
