"""Which topics a filter matches, and that subscriptions come and go as they are asked for."""

import unittest

from godwit_daemon import DaemonTestCase, on_loops
from raw_client import RawClients, publish, suback, subscribe, unsuback, unsubscribe

TOPICS = (
    "sport", "sport/", "sport/tennis", "sport/tennis/player1", "sport/tennis/player1/ranking",
    "/sport", "/", "//", "finance", "Sport", "sport/ tennis", "sport//player1", "$data", "$data/x",
    "größe/日本", "a/b/c/d/e/f/g/h",
)

MATCHES = {
    "#": [topic for topic in TOPICS if not topic.startswith("$")],
    "+": ["sport", "finance", "Sport"],
    "/+": ["/sport", "/"],
    "+/+": ["sport/", "sport/tennis", "/sport", "/", "sport/ tennis", "größe/日本"],
    "+/+/+": ["sport/tennis/player1", "//", "sport//player1"],
    "sport": ["sport"],
    "sport/": ["sport/"],
    "sport/#": [
        "sport", "sport/", "sport/tennis", "sport/tennis/player1", "sport/tennis/player1/ranking",
        "sport/ tennis", "sport//player1",
    ],
    "sport/+": ["sport/", "sport/tennis", "sport/ tennis"],
    "sport/+/player1": ["sport/tennis/player1", "sport//player1"],
    "sport/tennis/player1/#": ["sport/tennis/player1", "sport/tennis/player1/ranking"],
    "+/tennis/#": ["sport/tennis", "sport/tennis/player1", "sport/tennis/player1/ranking"],
    "//#": ["/", "//"],
    "$data": ["$data"],
    "$data/#": ["$data", "$data/x"],
    "$data/+": ["$data/x"],
    "+/x": [],
    "größe/+": ["größe/日本"],
    "a/+/c/+/e/+/g/+": ["a/b/c/d/e/f/g/h"],
    "nothing/#": [],
}

MALFORMED = ("sport/tennis#", "sport/tennis/#/ranking", "sport+", "+sport/x", "##", "a/++")


@on_loops(1, 4)
class Wildcards(RawClients, DaemonTestCase):
    def test_each_filter_matches_its_topics_and_no_other(self):
        readers = {}
        for number, one in enumerate(MATCHES):
            readers[one] = self.client(f"reader-{number}").subscribe((one, 0), ("end/of/all", 0))
        publisher = self.client("publisher")
        publisher.send(*(publish(topic, topic) for topic in TOPICS), publish("end/of/all"))
        for one, reader in readers.items():
            received = []
            while True:
                got = reader.receive()
                if got.topic == "end/of/all":
                    break
                self.assertEqual(got.payload.decode(), got.topic)
                received.append(got.topic)
            with self.subTest(filter=one):
                self.assertEqual(received, MATCHES[one])
        # '#' matches the last one too, but a client gets one copy only.
        readers["#"].expect_quiet()

    def test_a_malformed_filter_is_refused_and_the_others_granted(self):
        client = self.client("client")
        client.send(subscribe(1, ("first", 1), *((one, 1) for one in MALFORMED), ("last", 2)))
        client.expect(suback(1, 1, *(0x80 for _ in MALFORMED), 2))

    def test_what_is_no_filter_at_all_closes_that_connection_alone(self):
        other = self.client("other").subscribe(("t", 0))
        for number, bad in enumerate((b"", b"a\xff", b"a\0b", b"\xed\xa0\x80")):
            client = self.client(f"bad-{number}")
            client.send(subscribe(1, ("good", 0), (bad, 0)))
            client.expect_closed()
            self.daemon.log.wait_for(f'client_id="bad-{number}".*reason=malformed_packet')
        other.publish("t", "x")
        other.expect_publish("t", "x")

    def test_return_codes_come_in_the_order_of_the_filters(self):
        client = self.client("client")
        client.send(subscribe(0x1234, ("a", 2), ("$share//x", 1), ("b/#", 0), ("c/+", 1)))
        client.expect(suback(0x1234, 2, 0x80, 0, 1))

    def test_unsubscribe_ends_that_filter_and_no_other(self):
        reader = self.client("reader").subscribe(("a/+", 1), ("a/b", 0))
        publisher = self.client("publisher")
        reader.unsubscribe("a/+")
        publisher.publish("a/b", "exact", 1).publish("a/c", "gone", 1)
        reader.expect_publish("a/b", "exact", 0)
        reader.expect_quiet()
        # Answered also where there is nothing to end, and twice in one packet.
        reader.send(unsubscribe(9, "a/+", "never", "a/b", "a/b"))
        reader.expect(unsuback(9))
        publisher.publish("a/b", "gone", 1)
        reader.expect_quiet()

    def test_a_repeated_subscription_replaces_the_qos(self):
        reader = self.client("reader").subscribe(("t", 0)).subscribe(("t", 1))
        self.client("publisher").publish("t", "x", 2)
        reader.expect_publish("t", "x", 1)
        reader.expect_quiet()


class WithoutWildcards(RawClients, DaemonTestCase):
    settings = ("mqtt.wildcard_subscriptions=false",)

    def test_filters_with_wildcards_are_refused_and_others_granted(self):
        client = self.client("client")
        client.send(subscribe(1, ("a/#", 1), ("a/b", 1), ("+", 0)))
        client.expect(suback(1, 0x80, 1, 0x80))


if __name__ == "__main__":
    unittest.main()
