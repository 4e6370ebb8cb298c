"""At the WebSocket port: upgrades that are none, and frames that must not be."""

import os
import struct

from attack import attack, ends_without_connack, is_closed_within, send_all
from raw_client import Closed, connack, connect, packet, suback, subscribe

HANDSHAKE = {
    "Host": "broker", "Upgrade": "websocket", "Connection": "Upgrade",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Protocol": "mqtt",
}
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


def request(line="GET /mqtt HTTP/1.1", **changes):
    """An upgrade; a header whose name has _ for - is replaced, or left out where it is None."""
    headers = HANDSHAKE | {name.replace("_", "-"): value for name, value in changes.items()}
    lines = [line, *(f"{name}: {value}" for name, value in headers.items() if value is not None)]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def frame(opcode, data=b"", first=0x80, mask=True, length=None):
    """`first` holds FIN and the reserved bits, `length` what it says of its size where that lies."""
    size = len(data) if length is None else length
    bit = 0x80 if mask else 0
    if size < 126:
        head = bytes([first | opcode, bit | size])
    elif size < 1 << 16:
        head = bytes([first | opcode, bit | 126]) + struct.pack("!H", size)
    else:
        head = bytes([first | opcode, bit | 127]) + struct.pack("!Q", size)
    if not mask:
        return head + data
    key = os.urandom(4)
    return head + key + bytes(byte ^ key[i % 4] for i, byte in enumerate(data))


class WebSocket:
    """An upgraded connection, frame by frame."""

    def __init__(self, attacker):
        self.raw = attacker.open("ws")
        self.raw.send(request())
        status, _ = self.raw.receive_http()
        assert status == 101, status

    def connect(self, client_id):
        self.raw.send(frame(BINARY, connect(client_id)))
        self.expect(connack())
        return self

    def receive(self):
        """(opcode, data) of the next frame."""
        opcode, size = self.raw.receive_bytes(2)
        assert not size & 0x80, "a server masks nothing"
        if size == 126:
            size = struct.unpack("!H", self.raw.receive_bytes(2))[0]
        elif size == 127:
            size = struct.unpack("!Q", self.raw.receive_bytes(8))[0]
        return opcode & 15, self.raw.receive_bytes(size)

    def expect(self, *packets):
        wanted = b"".join(packets)
        got = b""
        while len(got) < len(wanted):
            opcode, data = self.receive()
            assert opcode == BINARY, opcode
            got += data
        assert got == wanted, got

    def closes(self, *frames):
        """The broker ends the connection for these, and does nothing that they ask for."""
        send_all(self.raw, b"".join(frames))
        try:
            while True:
                opcode, _ = self.receive()
                assert opcode in (CLOSE, PONG), opcode
        except Closed:
            pass


@attack
def bad_upgrades(attacker):
    """Requests that are no upgrade to MQTT: an HTTP error, and closed."""
    for bad in (
        request("GET /elsewhere HTTP/1.1"), request("POST /mqtt HTTP/1.1"), request("GET /mqtt"),
        request(Upgrade=None), request(Connection="close"), request(Sec_WebSocket_Version="8"),
        request(Sec_WebSocket_Key=None), request(Sec_WebSocket_Key="short"),
        request(Sec_WebSocket_Protocol="chat"),
    ):
        client = attacker.open("ws")
        client.send(bad)
        status, _ = client.receive_http()
        assert 400 <= status < 600, (bad, status)
        assert ends_without_connack(client)


@attack
def no_http_at_all(attacker):
    """MQTT and noise where HTTP is spoken: closed."""
    for bad in (connect("x"), os.urandom(500) + b"\r\n\r\n", bytes(10_000)):
        client = attacker.open("ws")
        send_all(client, bad)
        assert ends_without_connack(client)


@attack
def huge_headers(attacker):
    """A megabyte of headers, as one line or as many: closed before they are all read."""
    for header in (b"X: " + b"x" * 1_000_000, b"X: y\r\n" * 150_000):
        client = attacker.open("ws")
        send_all(client, b"GET /mqtt HTTP/1.1\r\n" + header)
        assert ends_without_connack(client)


@attack
def slow_upgrade(attacker):
    """Headers that trickle: closed at mqtt.connect_timeout, which counts from accept."""
    client = attacker.open("ws")
    for byte in request() * 10:
        send_all(client, bytes([byte]))
        if is_closed_within(client, 0.1):
            return
    raise AssertionError("it could take its time")


@attack
def upgrade_without_connect(attacker):
    """Upgrades and says nothing, or answers with pings alone: closed at mqtt.connect_timeout."""
    silent, pinging = WebSocket(attacker), WebSocket(attacker)
    pinging.raw.send(frame(PING, b"x") * 10)
    silent.closes()
    pinging.closes()


@attack
def unmasked_frames(attacker):
    """Frames without the mask that clients must use: closed. [RFC 6455, 5.1]"""
    WebSocket(attacker).closes(frame(BINARY, connect(attacker.new_id()), mask=False))


@attack
def text_frames(attacker):
    """MQTT in text frames: closed. [MQTT-6.0.0-1]"""
    WebSocket(attacker).closes(frame(TEXT, connect("x")))


@attack
def reserved_opcodes(attacker):
    """Opcodes and bits that mean nothing: closed. [RFC 6455, 5.2]"""
    for opcode in (3, 7, 11, 15):
        WebSocket(attacker).closes(frame(opcode, b"x"))
    for first in (0xC0, 0xA0, 0x90):
        WebSocket(attacker).closes(frame(BINARY, connect("x"), first=first))


@attack
def fragmented_control_frames(attacker):
    """A ping in two fragments, and one of 126 bytes: closed. [RFC 6455, 5.5]"""
    WebSocket(attacker).closes(frame(PING, b"x", first=0))
    WebSocket(attacker).closes(frame(PING, bytes(126)))


@attack
def fragments_out_of_order(attacker):
    """A continuation of nothing, and a message within a message: closed. [RFC 6455, 5.4]"""
    WebSocket(attacker).closes(frame(CONTINUATION, connect("x")))
    begin = frame(BINARY, connect("x")[:3], first=0)
    WebSocket(attacker).closes(begin, frame(BINARY, connect("x")[3:]))


@attack
def oversized_frames(attacker):
    """Frames that promise 4 GiB, or more than there are numbers for: MQTT in them is bounded by
    mqtt.max_packet_size as ever, and what no frame may promise closes."""
    WebSocket(attacker).closes(frame(BINARY, connect("x"), length=1 << 63))
    WebSocket(attacker).connect(attacker.new_id()).closes(
        frame(BINARY, b"\x30\xff\xff\xff\x7f" + bytes(1000), length=1 << 32)
    )


@attack
def endless_empty_frames(attacker):
    """Thousands of empty frames and fragments: they cost nothing, and the client is served."""
    client = WebSocket(attacker)
    client.raw.send(frame(BINARY) * 2000, frame(BINARY, first=0), frame(CONTINUATION, first=0) * 2000)
    client.raw.send(frame(CONTINUATION, connect(attacker.new_id())))
    client.expect(connack())


@attack
def websocket_ping_flood(attacker):
    """Tens of thousands of pings, none of whose pongs it reads at first: the last of a burst is
    answered, not each, so that nothing piles up, and MQTT goes on."""
    client = WebSocket(attacker).connect(attacker.new_id())
    for _ in range(10):
        client.raw.send(frame(PING, bytes(100)) * 2000)
    client.raw.send(frame(PING, b"last"), frame(BINARY, subscribe(1, (attacker.topic("t"), 0))))
    missing = {(PONG, b"last"), (BINARY, suback(1, 0))}
    while missing:
        missing.discard(client.receive())


@attack
def close_without_the_end(attacker):
    """Sends Close and keeps its socket open: the broker ends the connection."""
    client = WebSocket(attacker).connect(attacker.new_id())
    client.closes(frame(CLOSE, struct.pack("!H", 1000)))


@attack
def bad_closes(attacker):
    """Close with half a code, a code that nobody may send, or text that is no UTF-8: closed."""
    for data in (b"\x03", struct.pack("!H", 1005), struct.pack("!H", 1000) + b"\xff\xfe"):
        WebSocket(attacker).closes(frame(CLOSE, data))


@attack
def frames_of_one_byte(attacker):
    """A whole exchange in frames of one byte: served. [MQTT-6.0.0-2]"""
    client = WebSocket(attacker)
    exchange = connect(attacker.new_id()) + subscribe(1, (attacker.topic("t"), 0))
    client.raw.send(b"".join(frame(BINARY, bytes([byte])) for byte in exchange))
    client.expect(connack(), suback(1, 0))


@attack
def malformed_mqtt_in_frames(attacker):
    """Malformed MQTT in proper frames: closed like anywhere else."""
    WebSocket(attacker).closes(frame(BINARY, packet(0x10, b"\0\4MQTT\4\3\0\0\0\1x")))
    WebSocket(attacker).connect(attacker.new_id()).closes(frame(BINARY, b"\xf0\x00"))
