"""Clients that do not read, do not answer, or take their time."""

import time

from attack import attack, ends_without_connack
from raw_client import (
    PINGREQ_BYTES, PINGRESP, PUBLISH, PUBREL, connack, connect, publish, pubrec, pubrel, suback,
    subscribe,
)


@attack
def slow_reader(attacker):
    """Subscribes to a flood at QoS 0 and never reads: what exceeds limits.outbound_buffer is
    dropped, whole messages at a time, and the publisher does not wait for it."""
    slow = attacker.client(receive_buffer=4096)
    slow.subscribe((attacker.topic("flood"), 0))
    fast = attacker.client().subscribe((attacker.topic("flood"), 0))
    writer = attacker.client()
    for number in range(200):  # more than the kernel keeps for it
        writer.publish(attacker.topic("flood"), bytes([number]) * 50_000, 1)
        assert fast.receive().payload[0] == number
    slow.send(PINGREQ_BYTES)
    received = 0
    while (got := slow.receive()).type != PINGRESP:
        assert len(got.payload) == 50_000 and len(set(got.payload)) == 1
        received += 1
    assert received < 200, received


@attack
def never_reads_qos_1(attacker):
    """Subscribes to a flood at QoS 1 and never reads: its queue is bounded, others are served."""
    slow = attacker.client(receive_buffer=4096)
    slow.subscribe((attacker.topic("flood"), 1))
    writer = attacker.client()
    for _ in range(200):
        writer.publish(attacker.topic("flood"), bytes(20_000), 1)


@attack
def never_acknowledges_qos_1(attacker):
    """Reads and never sends PUBACK: it gets session.max_inflight messages, and not one more."""
    never_acknowledges(attacker, 1)


@attack
def never_acknowledges_qos_2(attacker):
    """The same with PUBREC."""
    never_acknowledges(attacker, 2)


def never_acknowledges(attacker, qos):
    client = attacker.client().subscribe((attacker.topic("t"), qos))
    writer = attacker.client()
    for _ in range(100):
        writer.publish(attacker.topic("t"), "x", qos)
    window = attacker.target.settings["max_inflight"]
    for _ in range(window):
        assert client.receive().type == PUBLISH
    client.expect_quiet()


@attack
def never_completes_qos_2(attacker):
    """Sends PUBREC and never PUBCOMP: each takes its place in the window, and no more come."""
    client = attacker.client().subscribe((attacker.topic("t"), 2))
    writer = attacker.client()
    for _ in range(100):
        writer.publish(attacker.topic("t"), "x", 2)
    window = attacker.target.settings["max_inflight"]
    for _ in range(window):
        client.send(pubrec(client.receive().packet_id))
    released = [client.receive().type for _ in range(window)]
    assert released == [PUBREL] * window, released
    client.expect_quiet()


@attack
def one_byte_segments(attacker):
    """A whole exchange in segments of one byte: served like any other."""
    client = attacker.open()
    exchange = [
        connect(attacker.new_id()), subscribe(1, (attacker.topic("t"), 2)),
        publish(attacker.topic("t"), "payload", 2, 2), pubrel(2),
    ]
    for byte in b"".join(exchange):
        client.send(bytes([byte]))
    client.expect(connack(), suback(1, 2))
    got = [client.receive() for _ in range(3)]
    assert pubrec(2) in [one.raw for one in got]
    assert sum(one.type == PUBLISH and one.payload == b"payload" for one in got) == 1


@attack
def trickled_publish(attacker):
    """Sends a large PUBLISH a few bytes at a time and leaves before its end: it reaches nobody."""
    witness = attacker.client().subscribe((attacker.topic("t"), 0))
    client = attacker.client()
    whole = publish(attacker.topic("t"), bytes(20_000))
    for at in range(0, len(whole) - 1, 200):
        client.send(whole[at : min(at + 200, len(whole) - 1)])
    client.close()
    witness.expect_quiet()


@attack
def keep_alive_not_kept(attacker):
    """Promises a packet a second and sends none: closed at one and a half times that."""
    begin = time.monotonic()
    client = attacker.client(keep_alive=1)
    client.expect_closed()
    assert time.monotonic() - begin >= 1.4


@attack
def keep_alive_of_never(attacker):
    """Asks for no keep-alive, to stay for ever: mqtt.max_keep_alive is put in its place, and with it
    the client is served."""
    attacker.client(keep_alive=0).expect_quiet()


@attack
def tiny_window(attacker):
    """Reads through the smallest window there is, a byte at a time: it gets whole messages."""
    client = attacker.client(receive_buffer=4096)
    client.subscribe((attacker.topic("t"), 1))
    attacker.client().publish(attacker.topic("t"), bytes(3000), 1)
    received = b""
    while len(received) < 3000:
        received += client.socket.recv(1)


@attack
def leaves_unread(attacker):
    """Subscribes to everything that is retained and leaves without having read it."""
    for _ in range(5):
        client = attacker.client()
        client.send(subscribe(1, ("#", 2)), publish(attacker.topic("t"), bytes(10_000), 1, 2))
        client.close()


@attack
def connection_hoard(attacker):
    """Ninety connections that do nothing but exist: served, and cheap."""
    clients = [attacker.client(keep_alive=60) for _ in range(90)]
    for client in clients[::10]:
        client.expect_quiet()


@attack
def large_connects_never_finished(attacker):
    """Sends the largest part of a CONNECT and stops: what is kept of it is bounded, and it is closed
    at mqtt.connect_timeout."""
    clients = [attacker.open() for _ in range(20)]
    for client in clients:
        client.send(connect("x", user="u" * 30_000, password="p" * 30_000)[:-1])
    for client in clients:
        assert ends_without_connack(client, attacker.target.settings["connect_timeout"] + 10)
