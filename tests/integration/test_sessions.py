"""Sessions over several connections: what is kept, in which order it comes, when it ends."""

import unittest

from godwit_daemon import DaemonTestCase, NoDaemonTestCase, on_loops
from raw_client import (
    RawClients, connack, connect, puback, pubcomp, publish, pubrec, pubrel,
)
from tools import MosquittoSub, PahoClient, mosquitto_pub


@on_loops(1, 4)
class Sessions(RawClients, DaemonTestCase):
    def sleeper(self, present=True):
        return self.client("sleeper", present, clean=False)

    def wait_until_gone(self, client_id="sleeper", count=1):
        self.daemon.log.wait_for(f'client disconnected client_id="{client_id}"', count)

    def test_session_present_tells_whether_there_was_one(self):
        self.sleeper(present=False).disconnect()
        self.sleeper().disconnect()
        self.client("sleeper", clean=True).disconnect()  # Wipes it.
        self.sleeper(present=False).disconnect()

    def test_subscriptions_survive_and_messages_wait_in_their_order(self):
        sleeper = self.sleeper(present=False).subscribe(("a/#", 2), ("gone", 1))
        sleeper.unsubscribe("gone").disconnect()
        publisher = self.client("publisher")
        for i in range(100):
            publisher.publish("a/x", f"{i}", 1 + i % 2)
        publisher.publish("gone", "x", 1)
        sleeper = self.sleeper()
        self.assertEqual(sleeper.receive_payloads(100), [f"{i}" for i in range(100)])
        sleeper.expect_quiet()
        publisher.publish("a/y", "live", 1)
        self.assertEqual(sleeper.receive_payloads(1), ["live"])

    def test_a_clean_session_forgets_all(self):
        self.sleeper(present=False).subscribe(("t", 1)).disconnect()
        publisher = self.client("publisher").publish("t", "lost", 1)
        clean = self.client("sleeper")
        publisher.publish("t", "lost too", 1)
        clean.expect_quiet()
        clean.subscribe(("t", 1)).disconnect()
        self.sleeper(present=False).expect_quiet()

    def test_unacknowledged_messages_come_again_with_dup_in_the_order_first_sent(self):
        sleeper = self.sleeper(present=False).subscribe(("t", 2))
        publisher = self.client("publisher")
        ids = []
        for i in range(6):
            publisher.publish("t", f"{i}", 1 + i % 2)
            ids.append(sleeper.expect_publish("t", f"{i}", 1 + i % 2))
        sleeper.send(puback(ids[2]), pubrec(ids[3]))
        sleeper.expect(pubrel(ids[3]))
        sleeper.close()
        self.wait_until_gone()
        publisher.publish("t", "waited", 1)
        for attempt in range(2):  # And once more, since nothing is answered.
            sleeper = self.sleeper()
            self.assertEqual(sleeper.expect_publish("t", "0", 1, dup=True), ids[0])
            self.assertEqual(sleeper.expect_publish("t", "1", 2, dup=True), ids[1])
            sleeper.expect(pubrel(ids[3]))
            self.assertEqual(sleeper.expect_publish("t", "4", 1, dup=True), ids[4])
            self.assertEqual(sleeper.expect_publish("t", "5", 2, dup=True), ids[5])
            sleeper.expect_publish("t", "waited", 1, dup=attempt != 0)
            sleeper.expect_quiet()

    def test_a_qos_2_message_from_the_client_is_delivered_once_over_two_connections(self):
        reader = self.client("reader").subscribe(("t", 0))
        sleeper = self.sleeper(present=False)
        sleeper.send(publish("t", "once", 2, 7))
        sleeper.expect(pubrec(7))
        sleeper.close()
        self.wait_until_gone()
        sleeper = self.sleeper()
        sleeper.send(publish("t", "once", 2, 7, dup=True))
        sleeper.expect(pubrec(7))
        sleeper.send(pubrel(7))
        sleeper.expect(pubcomp(7))
        reader.expect_publish("t", "once")
        reader.expect_quiet()

    def test_qos_0_does_not_wait_for_an_absent_client(self):
        self.sleeper(present=False).subscribe(("t", 2), ("low", 0)).disconnect()
        publisher = self.client("publisher")
        publisher.publish("t", "zero", 0).publish("low", "x", 1).publish("t", "one", 1)
        sleeper = self.sleeper()
        sleeper.expect_publish("t", "one", 1)
        sleeper.expect_quiet()

    def test_without_an_id_only_a_clean_session_is_accepted(self):
        client = self.open()
        client.send(connect("", clean=False))
        client.expect(connack(2))
        client.expect_closed()
        self.daemon.log.wait_for("connection refused.*reason=client_id_rejected")
        first, second = self.client(""), self.client("")
        first.publish("t", "x", 1)
        second.publish("t", "x", 1)

    def test_a_session_belongs_to_its_user_name(self):
        holder = self.client("owned", clean=False, user="alice").subscribe(("t", 1))
        for user in (None, "bob"):
            other = self.open()
            other.send(connect("owned", clean=True, user=user))
            other.expect(connack(5))
            other.expect_closed()
        self.client("publisher").publish("t", "x", 1)
        holder.send(puback(holder.expect_publish("t", "x", 1)))
        holder.disconnect()
        other = self.open()  # Nor while its owner is away.
        other.send(connect("owned", clean=True))
        other.expect(connack(5))
        self.client("owned", present=True, clean=False, user="alice").expect_quiet()

    def test_a_subscription_may_change_its_qos_over_connections(self):
        self.sleeper(present=False).subscribe(("t", 2)).disconnect()
        self.sleeper().subscribe(("t", 1)).disconnect()
        self.client("publisher").publish("t", "x", 2)
        self.sleeper().expect_publish("t", "x", 1)

    def test_mosquitto_sub_gets_what_it_missed(self):
        persistent = ("-i", "tool", "-c")
        first = MosquittoSub(self, self.daemon, *persistent, topic="missed", qos=2)
        mosquitto_pub(self, self.daemon, "-m", "live", topic="missed", qos=2)
        self.assertEqual(first.messages(), ["missed 2 0 live"])
        self.wait_until_gone("tool")
        mosquitto_pub(self, self.daemon, "-l", topic="missed", qos=2, stdin="a\nb\n")
        second = MosquittoSub(self, self.daemon, *persistent, topic="missed", qos=2, count=2)
        self.assertEqual(second.messages(), ["missed 2 0 a", "missed 2 0 b"])

    def test_paho_gets_what_it_missed(self):
        first = PahoClient(self, self.daemon, "paho", clean=False)
        first.subscribe("missed", 1)
        first.leave()
        self.wait_until_gone("paho")
        self.client("publisher").publish("missed", "x", 2)
        second = PahoClient(self, self.daemon, "paho", clean=False)
        self.assertTrue(second.session_present)
        self.assertEqual(second.message().payload, b"x")


@on_loops(1, 4)
class Expiry(RawClients, DaemonTestCase):
    settings = ("session.expiry=1s",)

    def test_a_session_ends_some_time_after_its_client_left_and_not_before(self):
        self.client("away", clean=False).subscribe(("t", 1)).disconnect()
        self.client("away", present=True, clean=False).disconnect()
        staying = self.client("staying", clean=False).subscribe(("t", 1))
        self.daemon.log.wait_for('session expired client_id="away"')
        self.client("publisher").publish("t", "x", 1)
        self.client("away", present=False, clean=False).expect_quiet()
        staying.expect_publish("t", "x", 1)
        self.assertEqual(self.daemon.log.matching('session expired client_id="staying"'), [])


class QueuedQos0(RawClients, DaemonTestCase):
    settings = ("session.queue_qos0=true",)

    def test_qos_0_waits_for_an_absent_client_where_it_is_asked_for(self):
        self.client("sleeper", clean=False).subscribe(("t", 0)).disconnect()
        self.client("publisher").publish("t", "zero", 0).publish("t", "one", 1)
        sleeper = self.client("sleeper", present=True, clean=False)
        sleeper.expect_publish("t", "zero")
        sleeper.expect_publish("t", "one")


class Overflow(RawClients, NoDaemonTestCase):
    """A queue that is full, for every policy but 'hold'."""

    def messages_after_ten(self, *settings):
        daemon = self.start_daemon("session.max_queued_messages=3", *settings)
        with self.open(daemon.address) as sleeper:
            sleeper.connect("sleeper", clean=False).subscribe(("t", 1)).disconnect()
        with self.open(daemon.address) as publisher:
            publisher.connect("publisher")
            for i in range(10):
                publisher.publish("t", f"{i}", 1)
        daemon.log.wait_for('messages dropped client_id="sleeper" reason=queue_full')
        with self.open(daemon.address) as sleeper:
            sleeper.connect("sleeper", present=True, clean=False)
            payloads = sleeper.receive_payloads(3)
            sleeper.expect_quiet()
        return payloads

    def test_drop_oldest_keeps_the_newest(self):
        self.assertEqual(self.messages_after_ten(), ["7", "8", "9"])

    def test_drop_newest_keeps_the_oldest(self):
        self.assertEqual(
            self.messages_after_ten("session.overflow=drop_newest"), ["0", "1", "2"]
        )

    def test_what_was_already_sent_is_never_dropped(self):
        daemon = self.start_daemon("session.max_queued_messages=1", "session.max_inflight=2")
        with self.open(daemon.address) as reader, self.open(daemon.address) as publisher:
            reader.connect("reader").subscribe(("t", 1))
            publisher.connect("publisher")
            for i in range(6):
                publisher.publish("t", f"{i}", 1)
            self.assertEqual(reader.receive_payloads(3), ["0", "1", "5"])

    def test_the_limit_in_bytes_counts_too(self):
        daemon = self.start_daemon("session.max_queued_bytes=1000")
        with self.open(daemon.address) as sleeper:
            sleeper.connect("sleeper", clean=False).subscribe(("t", 1)).disconnect()
        with self.open(daemon.address) as publisher:
            publisher.connect("publisher")
            for i in range(10):
                publisher.publish("t", f"{i}" * 400, 1)
        with self.open(daemon.address) as sleeper:
            sleeper.connect("sleeper", present=True, clean=False)
            self.assertEqual(sleeper.receive_payloads(2), ["8" * 400, "9" * 400])
            sleeper.expect_quiet()


if __name__ == "__main__":
    unittest.main()
