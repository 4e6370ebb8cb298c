"""Retained messages: kept, replaced, cleared, replayed, limited, expired."""

import unittest

from godwit_daemon import DaemonTestCase, on_loops
from raw_client import (
    PINGREQ_BYTES, PINGRESP_BYTES, RawClients, puback, pubcomp, publish, pubrec, pubrel, suback,
    subscribe,
)
from tools import MosquittoSub, mosquitto_pub


class RetainedTestCase(RawClients, DaemonTestCase):
    def retained(self, filter_text):
        """What a new subscriber of this filter is given, as {topic: payload}."""
        with self.open() as reader:
            reader.connect().subscribe((filter_text, 0))
            reader.send(PINGREQ_BYTES)
            found = {}
            while (got := reader.receive()).raw != PINGRESP_BYTES:
                self.assertTrue(got.retain)
                self.assertNotIn(got.topic, found)
                found[got.topic] = got.payload.decode()
            return found


@on_loops(1, 4)
class Retained(RetainedTestCase):
    def test_a_new_subscriber_gets_the_last_one_at_the_lower_qos(self):
        publisher = self.client("publisher")
        publisher.publish("t", "old", 2, retain=True).publish("t", "new", 1, retain=True)
        for granted in (0, 1, 2):
            reader = self.client(f"reader-{granted}").subscribe(("t", granted))
            reader.expect_publish("t", "new", min(1, granted), retain=True)
            reader.expect_quiet()

    def test_those_who_are_subscribed_already_get_it_as_an_ordinary_one(self):
        reader = self.client("reader").subscribe(("t", 1))
        self.client("publisher").publish("t", "x", 1, retain=True)
        reader.expect_publish("t", "x", 1)

    def test_an_empty_payload_clears_it_and_is_delivered(self):
        publisher = self.client("publisher").publish("t", "x", 1, retain=True)
        reader = self.client("reader").subscribe(("t", 1))
        reader.expect_publish("t", "x", 1, retain=True)
        publisher.publish("t", "", 1, retain=True)
        reader.expect_publish("t", "", 1)
        self.assertEqual(self.retained("t"), {})
        publisher.publish("never/there", "", 1, retain=True)
        self.assertEqual(self.retained("#"), {})

    def test_a_message_without_the_flag_changes_nothing(self):
        publisher = self.client("publisher").publish("t", "kept", 1, retain=True)
        publisher.publish("t", "passing", 1).publish("t", "", 1)
        self.assertEqual(self.retained("t"), {"t": "kept"})

    def test_wildcards_find_them_as_they_match_topics(self):
        publisher = self.client("publisher")
        for topic in ("a", "a/b", "a/b/c", "b/b", "$x/b"):
            publisher.publish(topic, topic, 1, retain=True)
        wanted = {
            "#": ["a", "a/b", "a/b/c", "b/b"], "a/#": ["a", "a/b", "a/b/c"], "+/b": ["a/b", "b/b"],
            "$x/#": ["$x/b"], "a/b": ["a/b"], "+": ["a"], "c/#": [],
        }
        for one, topics in wanted.items():
            with self.subTest(filter=one):
                self.assertEqual(self.retained(one), {topic: topic for topic in topics})

    def test_each_filter_of_a_subscribe_replays_and_so_does_a_repeated_one(self):
        self.client("publisher").publish("t", "x", 1, retain=True)
        reader = self.client("reader")
        for _ in range(2):
            reader.subscribe(("t", 1), ("#", 0))
            reader.expect_publish("t", "x", 1, retain=True)
            reader.expect_publish("t", "x", 0, retain=True)
        reader.expect_quiet()

    def test_shared_subscriptions_get_none_and_local_ones_do(self):
        self.client("publisher").publish("t", "x", 1, retain=True)
        reader = self.client("reader")
        reader.subscribe(("$share/g/t", 1), ("$queue/t", 1), ("$local/$share/g/#", 1))
        reader.expect_quiet()
        reader.subscribe(("$local/t", 1))
        reader.expect_publish("t", "x", 1, retain=True)

    def test_the_flag_of_a_local_publish_is_ignored(self):
        reader = self.client("reader").subscribe(("t", 1))
        self.client("publisher").publish("$local/t", "x", 1, retain=True)
        reader.expect_publish("t", "x", 1)
        self.assertEqual(self.retained("#"), {})

    def test_many_are_replayed_through_a_small_window_and_none_is_lost(self):
        topics = {f"many/{i}": f"{i}" for i in range(2000)}
        publisher = self.client("publisher")
        publisher.send(*(publish(t, p, 0, retain=True) for t, p in topics.items()))
        publisher.publish("done", "", 1)
        reader = self.client("reader").subscribe(("many/#", 1))
        # Replayed retained messages are at the QoS they came with.
        got = {message.topic: message.payload.decode() for message in reader.receive_messages(2000)}
        self.assertEqual(got, topics)
        publisher.send(*(publish(t, p, 1, 1, retain=True) for t, p in topics.items()))
        publisher.expect(*(puback(1) for _ in topics))
        second = self.client("second").subscribe(("many/#", 2))
        got = {message.topic: message.payload.decode() for message in second.receive_messages(2000)}
        self.assertEqual(got, topics)
        second.expect_quiet()

    def test_a_qos_2_replay_is_exactly_one_flow(self):
        self.client("publisher").publish("t", "x", 2, retain=True)
        reader = self.client("reader").subscribe(("t", 2))
        packet_id = reader.expect_publish("t", "x", 2, retain=True)
        reader.send(pubrec(packet_id))
        reader.expect(pubrel(packet_id))
        reader.send(pubcomp(packet_id))
        reader.expect_quiet()

    def test_mosquitto_tools_set_read_and_clear_it(self):
        mosquitto_pub(self, self.daemon, "-r", "-m", "value", topic="tool", qos=1)
        reader = MosquittoSub(self, self.daemon, topic="tool", qos=2)
        self.assertEqual(reader.messages(), ["tool 1 1 value"])
        mosquitto_pub(self, self.daemon, "-r", "-n", topic="tool", qos=1)
        self.assertEqual(self.retained("#"), {})


class Limits(RetainedTestCase):
    settings = ("retained.max_messages=2", "retained.max_payload=10")

    def test_a_publication_over_a_limit_is_routed_and_the_old_value_removed(self):
        reader = self.client("reader").subscribe(("#", 0))
        publisher = self.client("publisher")
        publisher.publish("a", "1", 1, retain=True).publish("b", "2", 1, retain=True)
        publisher.publish("c", "one too many", 1, retain=True)
        publisher.publish("a", "longer than ten", 1, retain=True)
        for topic, payload in (
            ("a", "1"), ("b", "2"), ("c", "one too many"), ("a", "longer than ten"),
        ):
            reader.expect_publish(topic, payload)
        self.assertEqual(self.retained("#"), {"b": "2"})
        publisher.publish("c", "room", 1, retain=True).publish("b", "new", 1, retain=True)
        self.assertEqual(self.retained("#"), {"b": "new", "c": "room"})


class Expiry(RetainedTestCase):
    settings = (
        "retained.expiry=1s",
        "retained.expiry_overrides=[{filter: 'keep/#', expiry: 0}, {filter: 'long/+', expiry: 1h}]",
    )

    def test_old_ones_are_removed_and_the_first_matching_override_counts(self):
        publisher = self.client("publisher")
        for topic in ("keep/a", "long/a", "short"):
            publisher.publish(topic, "x", 1, retain=True)
        self.assertEqual(len(self.retained("#")), 3)
        kept = {"keep/a": "x", "long/a": "x"}
        self.wait_until(lambda: self.retained("#") == kept, "'short' expires alone")


class Disabled(RetainedTestCase):
    settings = ("retained.enabled=false",)

    def test_messages_are_routed_and_none_is_kept(self):
        reader = self.client("reader").subscribe(("t", 0))
        self.client("publisher").publish("t", "x", 1, retain=True)
        reader.expect_publish("t", "x")
        self.assertEqual(self.retained("#"), {})


@on_loops(4)
class SubscribeDuringPublish(RetainedTestCase):
    def test_no_message_falls_between_replay_and_live_delivery(self):
        publisher = self.client("publisher")
        publisher.send(publish("t", "1", retain=True))
        readers = []
        for number in range(40):
            reader = self.client(f"reader-{number}")
            reader.send(subscribe(1, ("t", 0)))
            first = number * 10 + 2
            publisher.send(*(publish("t", f"{first + i}", retain=True) for i in range(10)))
            readers.append(reader)
        for reader in readers:
            reader.expect(suback(1, 0))
            replayed = live = None
            while live != 401 and (live or replayed != 401):
                got = reader.receive()
                value = int(got.payload)
                if got.retain:
                    self.assertIsNone(replayed)
                    replayed = value
                else:
                    # Every one up to the last, from the one behind the replayed value or earlier:
                    # some may still be on their way between loops when the value is read.
                    self.assertEqual(value, live + 1 if live else min(value, (replayed or value) + 1))
                    live = value


if __name__ == "__main__":
    unittest.main()
