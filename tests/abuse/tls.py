"""At the TLS port: handshakes that lead nowhere, and records that are none."""

import contextlib
import random
import socket
import ssl
import subprocess

from attack import attack, ends_without_connack, is_closed_within, reset, send_all
from godwit_daemon import DEADLINE, die_with_parent
from raw_client import connack, connect, publish, suback, subscribe


def client_hello(attacker):
    """The bytes that begin a proper handshake."""
    out = ssl.MemoryBIO()
    handshake = attacker.target.tls_context().wrap_bio(ssl.MemoryBIO(), out)
    with contextlib.suppress(ssl.SSLWantReadError):
        handshake.do_handshake()
    return out.read()


def tls(attacker):
    """A connection whose handshake is done."""
    client = attacker.open("tls")
    client.socket = attacker.target.tls_context().wrap_socket(client.socket)
    return client


@attack
def noise_at_the_tls_port(attacker):
    """Random bytes instead of a handshake: closed at the first record that is none."""
    chance = random.Random(attacker.new_id())
    for _ in range(10):
        client = attacker.open("tls")
        send_all(client, b"\x01" + chance.randbytes(2000))
        assert ends_without_connack(client)


@attack
def plaintext_at_the_tls_port(attacker):
    """MQTT without TLS: closed, and no CONNACK in clear text."""
    client = attacker.open("tls")
    send_all(client, connect(attacker.new_id()))
    assert ends_without_connack(client)


@attack
def handshakes_never_finished(attacker):
    """Twenty hellos and then silence: all are closed at mqtt.connect_timeout."""
    hello = client_hello(attacker)
    clients = [attacker.open("tls") for _ in range(20)]
    for client in clients:
        client.send(hello)
    for client in clients:
        assert ends_without_connack(client, attacker.target.settings["connect_timeout"] + 10)


@attack
def truncated_hello(attacker):
    """Half a hello, cut at several places, and silence or the end behind it: closed."""
    hello = client_hello(attacker)
    silent = attacker.open("tls")
    silent.send(hello[: len(hello) // 2])
    for size in range(1, len(hello), 20):
        client = attacker.open("tls")
        client.send(hello[:size])
        client.close()
    assert ends_without_connack(silent, attacker.target.settings["connect_timeout"] + 10)


@attack
def huge_hello(attacker):
    """A hello that promises 16 MiB in records of the largest size: closed, and never kept whole."""
    client = attacker.open("tls")
    first = b"\x01\xff\xff\xff\x03\x03" + bytes(16_378)
    for body in [first] + [bytes(16_384)] * 200:
        send_all(client, b"\x16\x03\x01\x40\x00" + body)
    assert ends_without_connack(client)


@attack
def hello_in_single_bytes(attacker):
    """A proper hello, its headers and its end in segments of one byte: answered with the server's part of
    the handshake."""
    hello = client_hello(attacker)
    pieces = [hello[at : at + 1] for at in range(50)] + [hello[50:-5]]
    pieces += [hello[at : at + 1] for at in range(len(hello) - 5, len(hello))]
    client = attacker.open("tls")
    for piece in pieces:
        client.send(piece)
    assert client.socket.recv(5)[:1] == b"\x16"


@attack
def heartbeat(attacker):
    """A heartbeat that asks for more than it brought, before and after a hello: closed."""
    for before in (b"", client_hello(attacker)):
        client = attacker.open("tls")
        send_all(client, before + b"\x18\x03\x02\x00\x03\x01\x40\x00")
        assert ends_without_connack(client)


@attack
def old_tls_versions(attacker):
    """Speaks TLS 1.1 at most: refused by an alert."""
    hello = bytearray(client_hello(attacker))
    # The version of the hello itself, and none of the extensions, which would name better ones.
    hello[9:11] = b"\x03\x02"
    at = 43 + 1 + hello[43]
    at += 2 + int.from_bytes(hello[at : at + 2], "big")
    at += 1 + hello[at]
    del hello[at:]
    hello[3:5] = (len(hello) - 5).to_bytes(2, "big")
    hello[6:9] = (len(hello) - 9).to_bytes(3, "big")
    client = attacker.open("tls")
    client.send(bytes(hello))
    assert client.socket.recv(1) in (b"\x15", b"")


@attack
def renegotiation(attacker):
    """Asks for a new handshake within a TLS 1.2 connection, which costs a server much more than a
    client: not granted."""
    done = subprocess.run(
        ["openssl", "s_client", "-tls1_2", "-connect", "%s:%d" % attacker.target.addresses["tls"]],
        input="R\n", capture_output=True, text=True, timeout=DEADLINE, check=False,
        preexec_fn=die_with_parent,
    )
    assert "RENEGOTIATING" in done.stderr and done.returncode != 0, done.stderr


@attack
def handshake_storm(attacker):
    """Handshakes to their end, dropped before CONNECT or reset in the midst: others go on."""
    hello = client_hello(attacker)
    for number in range(10):
        if number % 2:
            tls(attacker).close()
        else:
            client = attacker.open("tls")
            client.send(hello)
            reset(client)


@attack
def handshake_without_connect(attacker):
    """Finishes the handshake and says nothing: closed at mqtt.connect_timeout, counted from accept."""
    client = tls(attacker)
    assert is_closed_within(client, attacker.target.settings["connect_timeout"] + 10)


@attack
def one_byte_records(attacker):
    """A whole exchange in TLS records of one byte: served like any other."""
    client = tls(attacker)
    for byte in connect(attacker.new_id()) + subscribe(1, (attacker.topic("t"), 0)):
        client.send(bytes([byte]))
    client.expect(connack(), suback(1, 0))


@attack
def corrupted_record(attacker):
    """A record in the midst of the connection that was tampered with: closed, and none of what it
    said is done."""
    witness = attacker.client().subscribe((attacker.topic("#"), 0))
    client = tls(attacker).connect(attacker.new_id())
    with socket.socket(fileno=client.socket.detach()) as plain:
        plain.settimeout(DEADLINE)
        plain.sendall(b"\x17\x03\x03\x00\x40" + bytes(64))
        with contextlib.suppress(ConnectionError):
            while plain.recv(4096):
                pass
    witness.expect_quiet()


@attack
def slow_tls_reader(attacker):
    """Subscribes to a flood over TLS and never reads: bounded like without it."""
    client = tls(attacker).connect(attacker.new_id())
    client.send(subscribe(1, (attacker.topic("flood"), 0)))
    writer = attacker.client()
    for _ in range(200):
        writer.publish(attacker.topic("flood"), bytes(50_000), 1)


@attack
def publishes_and_vanishes(attacker):
    """Sends its last message and goes without closing TLS: the message counts, nothing lingers."""
    witness = attacker.client().subscribe((attacker.topic("last"), 0))
    client = tls(attacker).connect(attacker.new_id())
    client.send(publish(attacker.topic("last"), "x"))
    client.close()
    witness.expect_publish(attacker.topic("last"), "x")
