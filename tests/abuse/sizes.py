"""Things that are too large, too long, too deep or too many."""

import itertools

from attack import attack
from raw_client import (
    PUBLISH, SUBACK, connack, connect, publish, suback, subscribe,
)


@attack
def packet_over_the_maximum(attacker):
    """One byte over mqtt.max_packet_size: closed at its header."""
    limit = attacker.target.settings["max_packet_size"]
    attacker.closes(publish(attacker.topic("t"), bytes(limit)))


@attack
def packets_of_the_maximum(attacker):
    """Messages of the largest size, one after the other: all are delivered."""
    size = attacker.target.settings["max_packet_size"] - 200
    reader = attacker.client().subscribe((attacker.topic("large"), 1))
    writer = attacker.client()
    for number in range(20):
        payload = bytes([number]) * size
        writer.publish(attacker.topic("large"), payload, 1)
        [message] = reader.receive_messages(1)
        assert message.payload == payload


@attack
def huge_client_id(attacker):
    """A client id of 60,000 bytes: CONNACK 2, and no session of that name."""
    attacker.refuses(connect("x" * 60_000), connack(2))


@attack
def huge_credentials(attacker):
    """A user name and a password of 64 KiB each, more than a packet may have: closed unread."""
    attacker.refuses(connect("x", user="u" * 65_535, password="p" * 65_535))


@attack
def long_topics(attacker):
    """Topics beyond mqtt.max_topic_length: a PUBLISH closes, a filter gets 0x80."""
    attacker.closes(publish("x" * 60_000, "x"))
    client = attacker.client()
    client.send(subscribe(1, ("x" * 60_000, 0), (attacker.topic("t"), 1)))
    client.expect(suback(1, 0x80, 1))


@attack
def deep_topics(attacker):
    """Topics of hundreds of levels: a PUBLISH closes, a filter gets 0x80."""
    attacker.closes(publish("/".join("x" * 400), "x"))
    attacker.closes(publish("/" * 400, "x"))
    client = attacker.client()
    client.send(subscribe(1, ("+/" * 400 + "#", 0), ("/" * 400, 0)))
    client.expect(suback(1, 0x80, 0x80))


@attack
def a_hundred_thousand_subscriptions(attacker):
    """Subscribes to 100,000 filters: limits.max_subscriptions are granted, the others get 0x80."""
    limit = attacker.target.settings["max_subscriptions"]
    client = attacker.client()
    granted = 0
    for first in range(0, 100_000, 2000):
        filters = [(f"s/{number}/+", 0) for number in range(first, first + 2000)]
        client.send(subscribe(1, *filters))
        codes = client.receive().raw[-2000:]
        granted += sum(code == 0 for code in codes)
    assert granted == limit, granted


@attack
def wildcard_storm(attacker):
    """Every mixture of + and names down to the last level, and messages that match them all: each
    client gets each message once."""
    names = ["abuse", attacker.name, "c", "d", "e", "f"]
    mixtures = itertools.product(*(("+", name) for name in names))
    filters = ["/".join(mixture) for mixture in mixtures] + [attacker.topic("#")]
    clients = [attacker.client() for _ in range(3)]
    for client in clients:
        client.send(subscribe(1, *((one, 0) for one in filters)))
        client.expect(suback(1, *[0] * len(filters)))
    writer = attacker.client()
    for number in range(50):
        writer.publish("/".join(names), str(number), 1)
    for client in clients:
        got = []
        while len(got) < 50:
            message = client.receive()
            if message.topic == "/".join(names):
                got.append(int(message.payload))
        assert got == list(range(50)), got


@attack
def subscribes_to_everything(attacker):
    """Reads all there is with # and +/#: what begins with $ is not among it. [MQTT-4.7.2-1]"""
    client = attacker.client().subscribe(("#", 1), ("+/#", 1), ("+/+/+", 1))
    for _ in range(200):
        message = client.receive()
        if message.type == PUBLISH:
            client.answer(message)
            assert not message.topic.startswith("$"), message.topic


@attack
def a_subscribe_of_thousands(attacker):
    """One SUBSCRIBE with as many filters as fit, the same one over and over: one answer for each."""
    count = attacker.target.settings["max_packet_size"] // 40
    client = attacker.client()
    client.send(subscribe(9, *[(attacker.topic("same"), number % 3) for number in range(count)]))
    answer = client.receive()
    assert answer.type == SUBACK and len(answer.raw) >= count
    client.publish(attacker.topic("same"), "x")
    assert client.receive().payload == b"x"
    client.expect_quiet()
