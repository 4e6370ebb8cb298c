"""Bytes that are no MQTT: other protocols that look for somebody to talk to, and noise."""

import random

from attack import attack, is_closed_within, send_all
from raw_client import packet

TLS_HELLO = bytes.fromhex("16030100300100002c0303") + bytes(32) + bytes.fromhex("000002c02f01000000")


@attack
def http_request(attacker):
    """Asks for a web page: closed at the first byte that is no CONNECT."""
    attacker.refuses(b"GET / HTTP/1.1\r\nHost: example\r\n\r\n")
    attacker.refuses(b"POST /login HTTP/1.0\r\nContent-Length: 100000\r\n\r\n" + b"a" * 100_000)


@attack
def ssh_banner(attacker):
    """Says it speaks SSH, which is a long way from CONNECT: closed."""
    attacker.refuses(b"SSH-2.0-OpenSSH_9.2p1\r\n")


@attack
def tls_at_the_plain_port(attacker):
    """A TLS hello at the plain port reads as CONNECT with flags: closed."""
    attacker.refuses(TLS_HELLO)


@attack
def rdp_cookie(attacker):
    """The first packet of a remote desktop: closed."""
    attacker.refuses(b"\x03\x00\x00\x2f\x2a\xe0\x00\x00\x00\x00\x00Cookie: mstshash=Administr\r\n\x01")


@attack
def zeros(attacker):
    """A megabyte of zeros: closed, and not read to its end."""
    attacker.refuses(bytes(1 << 20))


@attack
def noise(attacker):
    """Random bytes, half of them behind a valid CONNECT: closed, or refused, or waited for."""
    chance = random.Random(attacker.new_id())
    for _ in range(20):
        client = attacker.open() if chance.random() < 0.5 else attacker.client()
        send_all(client, chance.randbytes(chance.randrange(1, 2000)))
        client.close()


@attack
def endless_connect(attacker):
    """A CONNECT that promises 256 MiB: closed at its header, before anything is kept for it."""
    attacker.refuses(b"\x10\xff\xff\xff\x7f" + bytes(1000))


@attack
def noise_in_connect(attacker):
    """A CONNECT whose body is noise: closed or refused, never let in."""
    chance = random.Random(attacker.new_id())
    for _ in range(20):
        client = attacker.open()
        send_all(client, packet(0x10, b"\0\4MQTT\4" + chance.randbytes(chance.randrange(3, 200))))
        assert is_closed_within(client, 20)
