"""Whoever walks past: connections that never become clients, or leave as soon as they are."""

import socket
import time

from attack import attack, is_closed_within, reset, send_all
from raw_client import DISCONNECT_BYTES, connack, connect


@attack
def port_scan(attacker):
    """Connects and closes at once, as scanners do; nothing comes of it."""
    for _ in range(20):
        attacker.open().close()


@attack
def reset_scan(attacker):
    """Connects and resets, so that the connection may be gone before it is accepted."""
    for _ in range(20):
        reset(attacker.open())


@attack
def half_open(attacker):
    """Ends its direction before a single byte: closed."""
    client = attacker.open()
    client.socket.shutdown(socket.SHUT_WR)
    client.expect_closed()


@attack
def idle_after_accept(attacker):
    """Connects twenty times and says nothing: all are closed at mqtt.connect_timeout."""
    clients = [attacker.open() for _ in range(20)]
    for client in clients:
        assert is_closed_within(client, attacker.target.settings["connect_timeout"] + 10)


@attack
def slow_loris(attacker):
    """Sends its CONNECT a byte at a time: closed at mqtt.connect_timeout, whatever trickles in."""
    begin = time.monotonic()
    client = attacker.open()
    for byte in connect(attacker.new_id() + "x" * 100):
        send_all(client, bytes([byte]))
        if is_closed_within(client, 0.1):
            assert time.monotonic() - begin >= attacker.target.settings["connect_timeout"] - 0.1
            return
    raise AssertionError("it could take its time")


@attack
def truncated_connect(attacker):
    """Leaves in the midst of its CONNECT, cut at every place."""
    whole = connect(attacker.new_id(), user="user", password="password")
    for end in range(1, len(whole)):
        client = attacker.open()
        client.send(whole[:end])
        client.close()


@attack
def connect_storm(attacker):
    """Connects and disconnects properly without a pause: each time it is served."""
    for _ in range(20):
        attacker.client().disconnect()


@attack
def reset_after_connect(attacker):
    """Resets right behind its CONNECT, while the connection travels to its shard."""
    for _ in range(20):
        client = attacker.open()
        client.send(connect(attacker.new_id()))
        reset(client)


@attack
def burst_before_connack(attacker):
    """Sends thousands of packets behind CONNECT without waiting: CONNACK is the first answer."""
    client = attacker.open()
    client.send(connect(attacker.new_id()), b"\xc0\x00" * 5000, DISCONNECT_BYTES)
    client.expect(connack())
    for _ in range(5000):
        client.expect(b"\xd0\x00")
    client.expect_closed()


@attack
def half_closed(attacker):
    """Ends its direction after CONNACK: the connection ends too, and nothing lingers."""
    client = attacker.client()
    client.socket.shutdown(socket.SHUT_WR)
    client.expect_closed()
