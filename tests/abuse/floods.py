"""Things that are allowed, in quantities that are not meant."""

import itertools
import struct

from attack import attack, drain
from raw_client import (
    PINGREQ_BYTES, PINGRESP, PINGRESP_BYTES, SUBACK, UNSUBACK, Will, publish, subscribe, unsubscribe,
)


@attack
def ping_flood(attacker):
    """20,000 PINGREQ at once: each is answered."""
    client = attacker.client()
    for _ in range(10):
        client.send(PINGREQ_BYTES * 2000)
        for _ in range(2000):
            client.expect(PINGRESP_BYTES)


@attack
def subscription_churn(attacker):
    """Subscribes and unsubscribes without a pause: each is answered in order, nothing stays."""
    client = attacker.client()
    filters = [(f"churn/{number}/+/#", number % 3) for number in range(50)]
    for _ in range(20):
        client.send(subscribe(1, *filters), unsubscribe(2, *(one for one, _ in filters)))
        assert client.receive().type == SUBACK
        assert client.receive().type == UNSUBACK


@attack
def vanishing_groups(attacker):
    """Groups and filters that nobody ever used before, each for one message: nothing of them stays."""
    client = attacker.client()
    for _ in range(10):
        names = [attacker.new_id() for _ in range(40)]
        filters = [f"$share/{name}/{attacker.topic(name)}/+" for name in names]
        client.subscribe(*((one, 0) for one in filters))
        client.send(*(publish(attacker.topic(name) + "/x", "x") for name in names))
        client.receive_messages(len(names))
        client.unsubscribe(*filters)


@attack
def publish_flood(attacker):
    """QoS 0 as fast as the socket takes it: paused where a rate is set, and nothing else suffers."""
    client = attacker.client()
    burst = publish(attacker.topic("flood"), bytes(100)) * 500
    for _ in range(10):
        client.send(burst)
    client.expect_quiet()


@attack
def unread_acknowledgements(attacker):
    """Publishes at QoS 1 and never reads an acknowledgement: from some point on it is not read."""
    client = attacker.client(receive_buffer=4096)
    client.socket.settimeout(2)
    burst = b"".join(publish("abuse/t", b"", 1, packet_id) for packet_id in range(1, 60_001))
    try:
        for _ in range(60):  # more acknowledgements than the kernel keeps for us
            client.send(burst)
    except TimeoutError:
        return  # held back
    raise AssertionError("it was read without an end")


@attack
def talks_to_itself(attacker):
    """Subscribes to what it publishes, without a pause: it gets its own in order, and no other."""
    client = attacker.client().subscribe((attacker.topic("self"), 0))
    for first in range(0, 1000, 100):
        numbers = [str(number).encode() for number in range(first, first + 100)]
        client.send(*(publish(attacker.topic("self"), number) for number in numbers))
        assert [message.payload for message in client.receive_messages(100)] == numbers


@attack
def retained_flood(attacker):
    """Thousands of retained topics: kept up to retained.max_messages, delivered beyond it."""
    client = attacker.client()
    payload = bytes(200)
    for number in range(2000):
        client.send(publish(attacker.topic(f"{attacker.new_id()}"), payload, 0, retain=True))
    client.expect_quiet()
    reader = attacker.client().subscribe((attacker.topic("#"), 0))
    kept = drain_retained(reader)
    assert kept <= attacker.target.settings["retained_messages"], kept


def drain_retained(reader):
    """How many retained messages come before the answer to a PINGREQ that follows the last."""
    count = 0
    while True:
        reader.send(PINGREQ_BYTES)
        before = count
        while (got := reader.receive()).type != PINGRESP:
            count += 1
            assert got.retain
        if count == before:
            return count


@attack
def replay_storm(attacker):
    """Asks for all retained messages again and again, and leaves before they have come."""
    for _ in range(10):
        client = attacker.client()
        client.send(*[subscribe(number, ("abuse/#", number % 3)) for number in range(1, 20)])
        client.receive()
        client.close()


@attack
def replay_hoard(attacker):
    """Asks for all retained messages in thousands of SUBSCRIBEs and reads nothing: only so many
    replays wait for it at a time, and when it does read, each SUBSCRIBE is answered in its turn."""
    client = attacker.client(receive_buffer=4096)
    attacker.client().publish(attacker.topic("kept"), bytes(3000), 1, retain=True)
    client.send(*[subscribe(1, (attacker.topic("kept"), 0))] * 3000)
    unread = [attacker.client(receive_buffer=4096) for _ in range(3)]
    for one in unread:
        one.socket.settimeout(1)
        try:
            for _ in range(1000):
                one.send(subscribe(1, *[(attacker.topic("kept"), 0)] * 1000))
        except TimeoutError:
            continue  # held back
        raise AssertionError("it was read without an end")
    answers = sum(client.receive().type == SUBACK for _ in range(6000))
    assert answers == 3000, answers


@attack
def will_bombs(attacker):
    """Connects with a will and drops the connection, again and again: each will is published."""
    witness = attacker.client().subscribe((attacker.topic("will"), 1))
    for number in range(30):
        attacker.client(will=Will(attacker.topic("will"), str(number), 1)).close()
    got = {message.payload for message in witness.receive_messages(30)}
    assert len(got) == 30, got


@attack
def retained_will_bombs(attacker):
    """Wills as large as CONNECT may carry, retained and on one topic: one of them is kept."""
    size = min(attacker.target.settings["retained_payload"], 16_000)
    witness = attacker.client().subscribe((attacker.topic("last"), 0))
    for number in range(10):
        will = Will(attacker.topic("last"), bytes([number]) * size, 1, True)
        attacker.client(will=will).close()
    drain(witness, lambda message, seen=itertools.count(1): next(seen) == 10)
    late = attacker.client().subscribe((attacker.topic("last"), 0))
    assert len(late.receive().payload) == size
    late.expect_quiet()


@attack
def takeover_ping_pong(attacker):
    """Two devices with one client id throw each other out again and again: the last one is served."""
    previous = None
    name = attacker.new_id()
    for _ in range(10):
        client = attacker.open()
        client.connect(name, clean=True)
        if previous:
            previous.expect_closed()
        previous = client
    previous.expect_quiet()


@attack
def takeover_of_persistent_sessions(attacker):
    """The same with a persistent session that has messages in flight: they stay with it."""
    name = attacker.new_id()
    attacker.client(name, clean=False).subscribe((attacker.topic(name), 1)).disconnect()
    attacker.client().publish(attacker.topic(name), "kept", 1)
    for _ in range(10):
        client = attacker.client(name, present=True, clean=False)
        assert client.receive().payload == b"kept"
    client.close()
    attacker.client(name, clean=True).disconnect()


@attack
def session_storm(attacker):
    """Persistent sessions by the hundred, each with a subscription and a queue, and never back: they
    end at session.expiry."""
    for _ in range(50):
        client = attacker.client(clean=False, keep_alive=600)
        client.subscribe((attacker.topic("absent"), 1)).disconnect()
    writer = attacker.client()
    for _ in range(5):
        writer.publish(attacker.topic("absent"), bytes(1000), 1)


@attack
def shared_group_churn(attacker):
    """Members that join a group and vanish with what they were sent: who stays gets it."""
    name = attacker.new_id()
    group = (f"$share/group/{attacker.topic(name)}", 1)
    keeper = attacker.client().subscribe(group)
    writer = attacker.client()
    wanted, vanishing = set(), []
    for number in range(10):
        vanishing.append(attacker.client().subscribe(group))  # and acknowledges nothing
        wanted.add(str(number).encode())
        writer.publish(attacker.topic(name), str(number), 1)
    for member in vanishing:
        member.close()
    got = set()
    while got != wanted:
        message = keeper.receive()
        keeper.answer(message)
        got.add(message.payload)


@attack
def many_groups(attacker):
    """A group of its own for each filter, up to the limit, and messages that match all of them."""
    name = attacker.new_id()
    count = attacker.target.settings["max_subscriptions"]
    client = attacker.client()
    groups = [(f"$share/g{number}/{attacker.topic(name)}", 0) for number in range(count)]
    client.subscribe(*groups)
    attacker.client().publish(attacker.topic(name), "x", 1)
    for _ in range(count):
        assert client.receive().payload == b"x"
    client.expect_quiet()


@attack
def qos_2_flood(attacker):
    """Publishes at QoS 2, as many at once as it may, and releases them in disorder."""
    client = attacker.client()
    count = attacker.target.settings["max_awaiting_rel"]
    for _ in range(5):
        client.send(*(publish(attacker.topic("t"), "x", 2, one) for one in range(1, count + 1)))
        for _ in range(count):
            client.receive()
        for one in range(count, 0, -1):
            client.send(b"\x62\x02" + struct.pack("!H", one))
        for _ in range(count):
            client.receive()


@attack
def amplifier(attacker):
    """One small message to many subscriptions of many clients: each gets it once."""
    clients = [attacker.client() for _ in range(30)]
    for client in clients:
        client.subscribe((attacker.topic("amplified"), 0), (attacker.topic("+"), 0))
    writer = attacker.client()
    for _ in range(10):
        writer.publish(attacker.topic("amplified"), bytes(1000), 1)
    for client in clients:
        for _ in range(10):
            assert len(client.receive().payload) == 1000
        client.expect_quiet()
