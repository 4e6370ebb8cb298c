"""MQTT over a plain socket: packets as bytes, so that a test says what goes over the line."""

import collections
import socket
import struct
import time

from godwit_daemon import DEADLINE

CONNECT, CONNACK, PUBLISH, PUBACK, PUBREC, PUBREL, PUBCOMP = range(1, 8)
SUBSCRIBE, SUBACK, UNSUBSCRIBE, UNSUBACK, PINGREQ, PINGRESP, DISCONNECT = range(8, 15)

PINGREQ_BYTES = b"\xc0\x00"
PINGRESP_BYTES = b"\xd0\x00"
DISCONNECT_BYTES = b"\xe0\x00"


def text(value):
    """A two-byte length and the bytes of a string."""
    data = value.encode() if isinstance(value, str) else value
    return struct.pack("!H", len(data)) + data


def remaining_length(size):
    out = bytearray()
    while True:
        size, digit = divmod(size, 128)
        out.append(digit | (0x80 if size else 0))
        if not size:
            return bytes(out)


def packet(first, body=b""):
    return bytes([first]) + remaining_length(len(body)) + body


Will = collections.namedtuple("Will", "topic payload qos retain", defaults=(0, False))


def connect(client_id="", *, clean=True, keep_alive=60, will=None, user=None, password=None,
            level=4, name="MQTT"):
    flags = 2 if clean else 0
    body = text(client_id)
    if will:
        flags |= 4 | will.qos << 3 | (32 if will.retain else 0)
        body += text(will.topic) + text(will.payload)
    if user is not None:
        flags |= 128
        body += text(user)
    if password is not None:
        flags |= 64
        body += text(password)
    return packet(0x10, text(name) + bytes([level, flags]) + struct.pack("!H", keep_alive) + body)


def connack(code=0, present=False):
    return bytes([0x20, 2, 1 if present else 0, code])


def publish(topic, payload=b"", qos=0, packet_id=None, retain=False, dup=False):
    data = payload.encode() if isinstance(payload, str) else payload
    first = 0x30 | (8 if dup else 0) | qos << 1 | (1 if retain else 0)
    identifier = struct.pack("!H", packet_id) if qos else b""
    return packet(first, text(topic) + identifier + data)


def ack(kind, packet_id):
    return bytes([kind << 4 | (2 if kind == PUBREL else 0), 2]) + struct.pack("!H", packet_id)


def puback(packet_id):
    return ack(PUBACK, packet_id)


def pubrec(packet_id):
    return ack(PUBREC, packet_id)


def pubrel(packet_id):
    return ack(PUBREL, packet_id)


def pubcomp(packet_id):
    return ack(PUBCOMP, packet_id)


def unsuback(packet_id):
    return ack(UNSUBACK, packet_id)


def subscribe(packet_id, *filters):
    """`filters` are pairs of a filter and a QoS."""
    body = b"".join(text(one) + bytes([qos]) for one, qos in filters)
    return packet(0x82, struct.pack("!H", packet_id) + body)


def suback(packet_id, *codes):
    return packet(0x90, struct.pack("!H", packet_id) + bytes(codes))


def unsubscribe(packet_id, *filters):
    return packet(0xA2, struct.pack("!H", packet_id) + b"".join(map(text, filters)))


class Packet:
    """One whole packet from the broker."""

    def __init__(self, raw, body):
        self.raw = raw
        self.type = raw[0] >> 4
        self.packet_id = None
        if self.type == PUBLISH:
            self.qos = raw[0] >> 1 & 3
            self.dup = bool(raw[0] & 8)
            self.retain = bool(raw[0] & 1)
            size = struct.unpack("!H", body[:2])[0]
            self.topic = body[2 : 2 + size].decode()
            rest = body[2 + size :]
            if self.qos:
                self.packet_id = struct.unpack("!H", rest[:2])[0]
                rest = rest[2:]
            self.payload = rest
        elif len(body) >= 2 and self.type != CONNACK:
            self.packet_id = struct.unpack("!H", body[:2])[0]

    def __repr__(self):
        return f"<{self.raw[:80].hex(' ')}{'...' if len(self.raw) > 80 else ''}>"


class Closed(AssertionError):
    """The broker ended the connection."""


class RawClient:
    """One connection. Whatever it expects must come within the deadline, or the test fails."""

    def __init__(self, address, deadline=DEADLINE, source=None, connect=socket.socket.connect):
        """`source` is the address to come from; `connect(socket, address)` may do it in a way of
        its own."""
        if isinstance(address, str):
            family = socket.AF_UNIX
        else:
            family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(deadline)
        if source is not None:
            self.socket.bind(source)
        connect(self.socket, address)
        if family != socket.AF_UNIX:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._deadline = deadline
        self._received = bytearray()
        self._last_id = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Without DISCONNECT."""
        self.socket.close()

    def send(self, *packets):
        self.socket.sendall(b"".join(packets))

    # --- In

    def receive(self, deadline=None):
        """The next packet."""
        end = time.monotonic() + (self._deadline if deadline is None else deadline)
        while True:
            whole = self.take_packet()
            if whole:
                return whole
            left = end - time.monotonic()
            if left <= 0:
                raise AssertionError(f"no packet in time; have {bytes(self._received)[:80]!r}")
            self.socket.settimeout(left)
            try:
                data = self.socket.recv(65536)
            except socket.timeout:
                continue
            except ConnectionResetError:
                data = b""
            finally:
                self.socket.settimeout(self._deadline)
            if not data:
                raise Closed(f"closed; left over: {bytes(self._received)[:80]!r}")
            self._received += data

    def receive_bytes(self, size):
        """So many bytes, whatever they mean."""
        while len(self._received) < size:
            try:
                data = self.socket.recv(65536)
            except ConnectionResetError:
                data = b""
            if not data:
                raise Closed(f"closed; left over: {bytes(self._received)[:80]!r}")
            self._received += data
        data = bytes(self._received[:size])
        del self._received[:size]
        return data

    def receive_http(self):
        """The status and the head of an HTTP response."""
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self.receive_bytes(1)
        return int(head.split()[1]), head

    def take_packet(self):
        """The next packet, if it is here already."""
        buffer = self._received
        size, shift, at = 0, 0, 1
        while True:
            if at >= len(buffer):
                return None
            size |= (buffer[at] & 127) << shift
            shift += 7
            at += 1
            if not buffer[at - 1] & 128:
                break
        if len(buffer) < at + size:
            return None
        raw = bytes(buffer[: at + size])
        del buffer[: at + size]
        return Packet(raw, raw[at:])

    def expect(self, *packets):
        """These very bytes come next."""
        for wanted in packets:
            got = self.receive()
            if got.raw != wanted:
                raise AssertionError(f"got {got}, not <{wanted[:80].hex(' ')}>")

    def expect_publish(self, topic, payload, qos=0, retain=False, dup=False):
        """A PUBLISH comes next; its packet id is the broker's choice and returned."""
        data = payload.encode() if isinstance(payload, str) else payload
        got = self.receive()
        packet_id = got.packet_id if got.type == PUBLISH else 0
        wanted = publish(topic, data, qos, packet_id or 0, retain, dup)
        if got.raw != wanted:
            raise AssertionError(f"got {got}, not PUBLISH <{wanted[:80].hex(' ')}>")
        return got.packet_id

    def expect_quiet(self):
        """Nothing was sent to us before the answer to a PINGREQ."""
        self.send(PINGREQ_BYTES)
        self.expect(PINGRESP_BYTES)

    def expect_closed(self, deadline=None):
        """The broker ends the connection and sends nothing more."""
        try:
            got = self.receive(deadline)
        except Closed:
            if self._received:
                raise
            return
        raise AssertionError(f"got {got}, not the end of the connection")

    # --- Whole exchanges

    def next_id(self):
        self._last_id = self._last_id % 65535 + 1
        return self._last_id

    def connect(self, client_id="", present=False, **fields):
        self.send(connect(client_id, **fields))
        self.expect(connack(0, present))
        return self

    def subscribe(self, *filters):
        """Subscribes to (filter, QoS) pairs and is granted them all."""
        packet_id = self.next_id()
        self.send(subscribe(packet_id, *filters))
        self.expect(suback(packet_id, *(qos for _, qos in filters)))
        return self

    def unsubscribe(self, *filters):
        packet_id = self.next_id()
        self.send(unsubscribe(packet_id, *filters))
        self.expect(unsuback(packet_id))
        return self

    def publish(self, topic, payload=b"", qos=0, retain=False):
        """Publishes and, above QoS 0, waits until the broker has taken it over."""
        packet_id = self.next_id() if qos else None
        self.send(publish(topic, payload, qos, packet_id, retain))
        if qos == 1:
            self.expect(puback(packet_id))
        if qos == 2:
            self.expect(pubrec(packet_id))
            self.send(pubrel(packet_id))
            self.expect(pubcomp(packet_id))
        return self

    def answer(self, message):
        """Acknowledges a PUBLISH to its end, with no other packet in between."""
        if message.qos == 1:
            self.send(puback(message.packet_id))
        elif message.qos == 2:
            self.send(pubrec(message.packet_id))
            self.expect(pubrel(message.packet_id))
            self.send(pubcomp(message.packet_id))

    def receive_messages(self, count):
        """So many messages, each acknowledged to its end. Nothing else may come between."""
        messages, unreleased = [], set()
        while len(messages) < count or unreleased:
            got = self.receive()
            if got.type == PUBLISH:
                messages.append(got)
                if got.qos == 1:
                    self.send(puback(got.packet_id))
                elif got.qos == 2:
                    self.send(pubrec(got.packet_id))
                    unreleased.add(got.packet_id)
            elif got.raw == pubrel(got.packet_id) and got.packet_id in unreleased:
                unreleased.remove(got.packet_id)
                self.send(pubcomp(got.packet_id))
            else:
                raise AssertionError(f"got {got} amid messages")
        return messages

    def receive_payloads(self, count):
        """The payloads of so many messages, as texts."""
        return [message.payload.decode() for message in self.receive_messages(count)]

    def disconnect(self):
        self.send(DISCONNECT_BYTES)
        self.expect_closed()
        self.close()


class RawClients:
    """Mixin of test cases: connections to the test's daemon that are closed at its end."""

    def open(self, address=None):
        """A connection that has sent nothing yet."""
        client = RawClient(address or self.daemon.address)
        self.addCleanup(client.close)
        return client

    def client(self, client_id="", present=False, address=None, **fields):
        """A connected client."""
        return self.open(address).connect(client_id, present, **fields)
