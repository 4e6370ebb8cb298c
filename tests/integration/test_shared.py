"""$share, $queue and $local in all their forms, and who gets a message when members come and go."""

import collections
import unittest

from godwit_daemon import DaemonTestCase, on_loops
from raw_client import (
    PINGREQ_BYTES, PINGRESP_BYTES, PUBLISH, RawClients, puback, publish, pubrec, suback, subscribe,
)

SHARED_FORMS = (
    "$share/g/t/+", "$queue/t/+", "$local/$share/g/t/+", "$share/g/$local/t/+", "$local/$queue/t/+",
    "$queue/$local/t/+",
)

MALFORMED = (
    "$share", "$share/", "$share/g", "$share/g/", "$share//t", "$share/g+/t", "$share/#/t",
    "$share/+/t", "$queue", "$queue/", "$local", "$local/", "$local/$share/g", "$share/g/$local/",
    "$local/$queue/", "$queue/$local/", "$share/g/$share/h/t", "$queue/$queue/t",
    "$local/$local/t", "$share/g/$queue/t", "$queue/$share/g/t", "$local/$share/g/$local/t",
    "$share/g/a#", "$queue/+a", "$local/#/a",
)


class Members(RawClients):
    def member(self, name, *filters, qos=1, present=False, **fields):
        return self.client(name, present, **fields).subscribe(*((one, qos) for one in filters))

    def publish_numbers(self, count, qos=1, topic="t/x", start=0):
        with self.open() as publisher:
            publisher.connect("publisher")
            for i in range(start, start + count):
                publisher.publish(topic, f"{i}", qos)

    def wait_until_gone(self, client_id, count=1):
        self.daemon.log.wait_for(f'client disconnected client_id="{client_id}"', count)


@on_loops(1, 4)
class Forms(Members, DaemonTestCase):
    def test_one_member_of_a_group_gets_each_message_whatever_its_form(self):
        for form in SHARED_FORMS:
            with self.subTest(form=form):
                members = [self.member(f"member-{i}", form) for i in range(3)]
                self.publish_numbers(9)
                received = [set(member.receive_payloads(3)) for member in members]
                self.assertEqual(set.union(*received), {f"{i}" for i in range(9)})
                for member in members:
                    member.expect_quiet()
                    member.disconnect()

    def test_the_order_of_prefixes_does_not_matter(self):
        one = self.member("one", "$local/$share/g/t/+")
        two = self.member("two", "$share/g/$local/t/+")
        self.publish_numbers(4)
        self.assertEqual(len(one.receive_payloads(2)), len(two.receive_payloads(2)))
        one.unsubscribe("$share/g/$local/t/+")
        self.publish_numbers(2)
        two.receive_payloads(2)
        one.expect_quiet()

    def test_each_group_gets_its_own_copy_and_an_ordinary_subscription_too(self):
        filters = ("$share/a/t/+", "$share/b/t/+", "$queue/t/+", "$share/a/t/#", "t/x")
        both = self.member("both", *filters)
        self.publish_numbers(1)
        self.assertEqual(both.receive_payloads(5), ["0"] * 5)
        both.expect_quiet()

    def test_a_local_subscription_sees_the_plain_topic(self):
        reader = self.member("reader", "$local/t/#")
        with self.open() as publisher:
            publisher.connect("publisher")
            publisher.publish("t/plain", "1", 1).publish("$local/t/local", "2", 1)
        self.assertEqual(
            [(m.topic, m.payload) for m in reader.receive_messages(2)],
            [("t/plain", b"1"), ("t/local", b"2")],
        )

    def test_a_local_publication_reaches_every_kind_of_subscription(self):
        reader = self.member("reader", "t", "$local/t/#", "$share/g/t")
        with self.open() as publisher:
            publisher.connect("publisher").publish("$local/t", "x", 2)
        self.assertEqual(reader.receive_payloads(2), ["x", "x"])
        reader.expect_quiet()

    def test_publications_to_groups_are_acknowledged_and_delivered_to_nobody(self):
        reader = self.member("reader", "#", "$share/g/t", "$queue/t", "t")
        with self.open() as publisher:
            publisher.connect("publisher")
            for topic in ("$share/g/t", "$queue/t", "$share"):
                for qos in (0, 1, 2):
                    publisher.publish(topic, "x", qos).publish(f"$local/{topic}", "x", qos)
        reader.expect_quiet()

    def test_sys_topics_are_not_for_clients_to_publish(self):
        # What the broker itself says there lies elsewhere.
        reader = self.member("reader", "$SYS/x", "$local/$SYS/x", "$SYS/x/#")
        with self.open() as publisher:
            publisher.connect("publisher")
            publisher.publish("$SYS/x", "x", 1).publish("$local/$SYS/x", "x", 2)
        reader.expect_quiet()

    def test_malformed_forms_are_refused_and_the_others_granted(self):
        client = self.client("client")
        client.send(subscribe(1, *((form, 1) for form in MALFORMED), ("t", 2)))
        client.expect(suback(1, *(0x80 for _ in MALFORMED), 2))

    def test_the_qos_is_the_members_own(self):
        members = [self.member(f"member-{qos}", "$share/g/t", qos=qos) for qos in (0, 1)]
        self.publish_numbers(2, qos=2, topic="t")
        for qos, member in enumerate(members):
            self.assertEqual(member.receive_messages(1)[0].qos, qos)


@on_loops(1, 4)
class Strategies(Members, DaemonTestCase):
    settings = (
        "shared_subscriptions.groups={sticky: sticky, topic: hash_topic, client: hash_client_id, "
        "load: least_inflight, random: random}",
    )

    def members(self, group):
        return [self.member(f"member-{i}", f"$share/{group}/t/+") for i in range(3)]

    def collect(self, members, count):
        """(member, topic, payload) of that many messages, from whichever member has them."""
        found = []
        while len(found) < count:
            for number, member in enumerate(members):
                member.send(PINGREQ_BYTES)
                while (got := member.receive()).raw != PINGRESP_BYTES:
                    member.send(puback(got.packet_id))
                    found.append((number, got.topic, got.payload.decode()))
        self.assertEqual(len(found), count)
        return found

    def test_round_robin_gives_each_member_its_turn(self):
        members = self.members("g")
        self.publish_numbers(30)
        shares = collections.Counter(number for number, _, _ in self.collect(members, 30))
        self.assertEqual(shares, {0: 10, 1: 10, 2: 10})

    def test_sticky_stays_with_one_member(self):
        members = self.members("sticky")
        self.publish_numbers(20)
        self.assertEqual(len({number for number, _, _ in self.collect(members, 20)}), 1)

    def test_hash_topic_gives_a_topic_to_one_member(self):
        members = self.members("topic")
        for i in range(20):
            self.publish_numbers(2, topic=f"t/{i}")
        found = self.collect(members, 40)
        owners = collections.defaultdict(set)
        for number, topic, _ in found:
            owners[topic].add(number)
        self.assertEqual({len(numbers) for numbers in owners.values()}, {1})
        self.assertGreater(len({number for number, _, _ in found}), 1)

    def test_hash_client_id_gives_a_publisher_to_one_member(self):
        members = self.members("client")
        for i in range(20):
            with self.open() as publisher:
                publisher.connect(f"publisher-{i}")
                publisher.publish("t/a", f"{i}", 1).publish("t/b", f"{i}", 1)
        found = self.collect(members, 40)
        owners = collections.defaultdict(set)
        for number, _, payload in found:
            owners[payload].add(number)
        self.assertEqual({len(numbers) for numbers in owners.values()}, {1})
        self.assertGreater(len({number for number, _, _ in found}), 1)

    def test_least_inflight_spares_who_does_not_answer(self):
        busy, idle = self.members("load")[:2]
        with self.open() as third:
            third.connect("member-2").disconnect()
        self.publish_numbers(2)
        busy.receive()
        for i in range(10):
            idle.receive_payloads(1)
            self.publish_numbers(1, start=i)
        idle.receive_payloads(1)
        busy.expect_quiet()

    def test_random_reaches_everybody(self):
        members = self.members("random")
        self.publish_numbers(100)
        self.assertEqual({number for number, _, _ in self.collect(members, 100)}, {0, 1, 2})


@on_loops(1, 4)
class HandOver(Members, DaemonTestCase):
    settings = ("session.max_inflight=2",)

    def test_a_leaving_members_messages_go_to_those_still_connected(self):
        for number, clean in enumerate((True, False)):
            leaver = self.member(f"leaver-{number}", "$share/g/t/+", clean=clean)
            self.publish_numbers(5)  # Two sent, three wait.
            for i in range(2):
                leaver.expect_publish("t/x", f"{i}", 1)
            stayer = self.member(f"stayer-{number}", "$share/g/t/+")
            stayer.expect_quiet()
            leaver.close()
            # New messages there: no DUP.
            got = stayer.receive_messages(5)
            self.assertEqual({m.payload for m in got}, {b"%d" % i for i in range(5)})
            self.assertFalse(any(m.dup for m in got))
            stayer.disconnect()
            self.client(f"leaver-{number}", present=not clean, clean=clean).expect_quiet()

    def test_who_only_unsubscribes_keeps_what_was_sent(self):
        leaver = self.member("leaver", "$share/g/t/+")
        self.publish_numbers(5)
        ids = [leaver.expect_publish("t/x", f"{i}", 1) for i in range(2)]
        stayer = self.member("stayer", "$share/g/t/+")
        leaver.unsubscribe("$share/g/t/+")
        self.assertEqual(set(stayer.receive_payloads(3)), {"2", "3", "4"})
        leaver.send(*map(puback, ids))
        leaver.expect_quiet()
        stayer.expect_quiet()

    def test_a_takeover_is_no_leaving(self):
        first = self.member("member", "$share/g/t/+", clean=False)
        self.publish_numbers(4)
        ids = [first.expect_publish("t/x", f"{i}", 1) for i in range(2)]
        other = self.member("other", "$share/g/t/+")
        second = self.client("member", present=True, clean=False)
        self.assertEqual(second.expect_publish("t/x", "0", 1, dup=True), ids[0])
        self.assertEqual(second.expect_publish("t/x", "1", 1, dup=True), ids[1])
        second.send(*map(puback, ids))
        self.assertEqual(second.receive_payloads(2), ["2", "3"])
        other.expect_quiet()

    def test_where_nobody_is_connected_messages_wait_for_whoever_comes_first(self):
        for name in ("one", "two"):
            self.member(name, "$share/g/t/+", clean=False).disconnect()
        self.publish_numbers(6)
        two = self.client("two", present=True, clean=False)
        self.assertEqual(set(two.receive_payloads(6)), {f"{i}" for i in range(6)})
        self.client("one", present=True, clean=False).expect_quiet()

    def test_waiting_messages_move_to_a_new_member_too(self):
        self.member("absent", "$queue/t/+", clean=False).disconnect()
        self.publish_numbers(4)
        new = self.client("new")
        new.send(subscribe(1, ("$queue/t/+", 1)))
        # Messages may come before SUBACK does.
        got = [new.receive() for _ in range(3)]
        new.send(*(puback(one.packet_id) for one in got if one.type == PUBLISH))
        got += [new.receive() for _ in range(2)]
        self.assertIn(suback(1, 1), [one.raw for one in got])
        payloads = {one.payload for one in got if one.type == PUBLISH}
        self.assertEqual(payloads, {b"%d" % i for i in range(4)})
        self.client("absent", present=True, clean=False).expect_quiet()

    def test_what_waited_in_a_wiped_session_goes_to_another_member(self):
        for name in ("wiped", "kept"):
            self.member(name, "$share/g/t/+", clean=False).disconnect()
        self.publish_numbers(6)
        self.client("wiped").expect_quiet()
        kept = self.client("kept", present=True, clean=False)
        self.assertEqual(set(kept.receive_payloads(6)), {f"{i}" for i in range(6)})

    def test_a_sent_qos_2_message_stays_with_its_session(self):
        leaver = self.member("leaver", "$share/g/t/+", qos=2, clean=False)
        self.publish_numbers(1, qos=2)
        packet_id = leaver.expect_publish("t/x", "0", 2)
        stayer = self.member("stayer", "$share/g/t/+", qos=2)
        leaver.close()
        self.wait_until_gone("leaver")
        stayer.expect_quiet()
        leaver = self.client("leaver", present=True, clean=False)
        self.assertEqual(leaver.expect_publish("t/x", "0", 2, dup=True), packet_id)
        leaver.send(pubrec(packet_id))
        stayer.expect_quiet()

    def test_a_connected_member_is_preferred(self):
        self.member("absent", "$share/g/t/+", clean=False).disconnect()
        present = self.member("present", "$share/g/t/+")
        self.publish_numbers(10)
        self.assertEqual(present.receive_payloads(10), [f"{i}" for i in range(10)])
        present.disconnect()
        self.client("absent", present=True, clean=False).expect_quiet()

    def test_qos_0_does_not_wait_for_absent_members(self):
        self.member("absent", "$share/g/t/+", clean=False).disconnect()
        self.publish_numbers(3, qos=0)
        self.publish_numbers(1, qos=1, start=9)
        self.assertEqual(
            self.client("absent", present=True, clean=False).receive_payloads(1), ["9"]
        )


@on_loops(1, 4)
class FullMembers(Members, DaemonTestCase):
    settings = ("session.max_inflight=1", "session.max_queued_messages=2")

    def test_a_member_with_a_full_queue_is_passed_over_while_another_has_room(self):
        full = self.member("full", "$share/g/t/+")
        self.publish_numbers(3)  # One sent, two wait.
        first = full.expect_publish("t/x", "0", 1)
        ready = self.member("ready", "$share/g/t/+")
        with self.open() as publisher:
            publisher.connect("publisher")
            for i in range(3, 23):
                publisher.publish("t/x", f"{i}", 1)
                self.assertEqual(ready.receive_payloads(1), [f"{i}"])
        full.send(puback(first))
        self.assertEqual(full.receive_payloads(2), ["1", "2"])
        full.expect_quiet()


class Disabled(Members, DaemonTestCase):
    settings = ("shared_subscriptions.enabled=false",)

    def test_shared_filters_are_refused_and_local_ones_granted(self):
        client = self.client("client")
        client.send(subscribe(1, *((form, 1) for form in SHARED_FORMS), ("$local/t", 1)))
        client.expect(suback(1, *(0x80 for _ in SHARED_FORMS), 1))
        client.send(publish("t", "x", 1, 1))
        client.expect_publish("t", "x", 1)


if __name__ == "__main__":
    unittest.main()
