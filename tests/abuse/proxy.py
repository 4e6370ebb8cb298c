"""At the port behind a proxy: headers that lie, never end, or come from somebody else."""

import socket
import struct

from attack import attack, ends_without_connack, send_all
from raw_client import connack, connect

V1 = b"PROXY TCP4 192.0.2.1 192.0.2.2 4000 1883\r\n"
SIGNATURE = b"\r\n\r\n\0\r\nQUIT\n"


def v2(version_and_command=0x21, family=0x11, body=None):
    if body is None:
        body = socket.inet_aton("192.0.2.1") + socket.inet_aton("192.0.2.2") + struct.pack("!HH", 4, 5)
    return SIGNATURE + bytes([version_and_command, family]) + struct.pack("!H", len(body)) + body


def from_proxy(attacker):
    """A connection from an address that the listener trusts."""
    return attacker.open("proxy", source=attacker.source.replace("127.66.", "127.77."))


def closes(attacker, data):
    client = from_proxy(attacker)
    send_all(client, data)
    assert ends_without_connack(client), data[:100]


@attack
def proxy_header_garbage(attacker):
    """Anything but a header first, a CONNECT included: closed."""
    for data in (
        connect("x"), b"GET / HTTP/1.1\r\n\r\n", bytes(600), b"PROXY\r\n", b"PROXY TCP4 x y z\r\n",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 70000 1\r\n", b"PROXY TCP5 1.1.1.1 2.2.2.2 1 2\r\n",
        b"PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n", b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\n" + bytes(107),
        v2(0x11), v2(0x2F), v2(family=0x99), v2(body=b"short"),
    ):
        closes(attacker, data)


@attack
def endless_proxy_header(attacker):
    """Headers longer than a header may be: closed, and not kept."""
    closes(attacker, b"PROXY TCP4 " + b"1" * 100_000)
    closes(attacker, v2(body=bytes(65_535)) + bytes(100_000))


@attack
def proxy_header_of_a_stranger(attacker):
    """A header from an address that is none of trusted_proxies: closed, whatever it says."""
    for header in (V1, v2()):
        client = attacker.open("proxy")
        send_all(client, header + connect(attacker.new_id()))
        assert ends_without_connack(client)


@attack
def proxy_header_and_silence(attacker):
    """A header, half a header, or none, and then nothing: closed at mqtt.connect_timeout."""
    clients = [from_proxy(attacker) for _ in range(3)]
    clients[0].send(V1)
    clients[1].send(v2()[:14])
    for client in clients:
        assert ends_without_connack(client, attacker.target.settings["connect_timeout"] + 10)


@attack
def two_proxy_headers(attacker):
    """A second header behind the first, to name another address: it is no CONNECT, closed."""
    closes(attacker, V1 + V1 + connect("x"))
    closes(attacker, v2() + v2() + connect("x"))


@attack
def trickled_proxy_header(attacker):
    """A proper header in segments of one byte: served."""
    for header in (V1, v2(), v2(0x20, 0, b""), b"PROXY UNKNOWN\r\n"):
        client = from_proxy(attacker)
        for byte in header + connect(attacker.new_id()):
            client.send(bytes([byte]))
        client.expect(connack())
