"""MQTT inside WebSocket frames over a plain socket, each byte of them a test's choice."""

import os
import socket
import struct

from raw_client import RawClient

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
ACCEPT = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="  # RFC 6455, section 1.3


def request(path="/mqtt", *, method="GET", version="HTTP/1.1", lines=(), **headers):
    """The bytes of an upgrade. A header is replaced by its name, and left out where it is None:
    `Sec_WebSocket_Protocol=None`."""
    fields = {
        "Host": "localhost",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Key": KEY,
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Protocol": "mqtt",
    }
    fields.update({name.replace("_", "-"): value for name, value in headers.items()})
    text = [f"{method} {path} {version}"]
    text += [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return "\r\n".join([*text, *lines, "", ""]).encode()


def frame(payload=b"", opcode=BINARY, *, final=True, reserved=0, masked=True, size=None):
    """`size`: bytes for the length behind the short one, where they are not to be as few as do."""
    if size is None:
        size = 0 if len(payload) < 126 else 2 if len(payload) < 65536 else 8
    short = {0: len(payload), 2: 126, 8: 127}[size]
    head = bytes([final << 7 | reserved | opcode, masked << 7 | short])
    if size:
        head += len(payload).to_bytes(size, "big")
    if not masked:
        return head + payload
    mask = os.urandom(4)
    repeated = (mask * (len(payload) // 4 + 1))[: len(payload)]
    value = int.from_bytes(payload, "big") ^ int.from_bytes(repeated, "big")
    return head + mask + value.to_bytes(len(payload), "big")


def close_payload(code):
    return struct.pack("!H", code)


class Unframed:
    """A socket whose recv() gives what the broker's binary frames hold; other frames are kept."""

    def __init__(self, wire):
        self._wire = wire
        self._bytes = bytearray()
        self.others = []  # (opcode, payload)

    def __getattr__(self, name):
        return getattr(self._wire, name)

    def recv(self, _size):
        while whole := self.receive_frame():
            if whole[0] != BINARY:
                self.others.append(whole)
            elif whole[1]:
                return whole[1]
        return b""

    def receive_frame(self):
        """The next frame; None at the end."""
        while True:
            whole = self._take_frame()
            if whole:
                return whole
            data = self._wire.recv(65536)
            if not data:
                return None
            self._bytes += data

    def _take_frame(self):
        have = self._bytes
        if len(have) < 2:
            return None
        if have[0] & 0x70 or not have[0] & 0x80 or have[1] & 0x80:
            raise AssertionError(f"not a whole unmasked frame: {bytes(have[:16]).hex(' ')}")
        more = {126: 2, 127: 8}.get(have[1], 0)
        if len(have) < 2 + more:
            return None
        size = int.from_bytes(have[2 : 2 + more], "big") if more else have[1]
        if len(have) < 2 + more + size:
            return None
        whole = (have[0] & 15, bytes(have[2 + more : 2 + more + size]))
        del have[: 2 + more + size]
        return whole


class WebSocketClient(RawClient):
    """A RawClient whose packets travel in binary frames, one for each send()."""

    def __init__(self, address, upgrade=None, *, first=b"", tls=None):
        """`first` goes before all else, and before TLS where there is an SSLContext for it."""
        super().__init__(address)
        self.socket.sendall(first)
        self.wire = tls.wrap_socket(self.socket, server_hostname="localhost") if tls else self.socket
        self.wire.sendall(request() if upgrade is None else upgrade)
        self.answer_head = self._read_head()
        self.socket = Unframed(self.wire)

    def _read_head(self):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            byte = self.wire.recv(1)
            if not byte:
                raise AssertionError(f"closed behind {head!r}")
            head += byte
        return head.decode()

    def send(self, *packets):
        self.wire.sendall(frame(b"".join(packets)))

    def send_wire(self, *data):
        self.wire.sendall(b"".join(data))

    def expect_frame(self, opcode, payload=b""):
        """This frame comes next, but for data that was received before it."""
        others = self.socket.others
        got = others.pop(0) if others else self.socket.receive_frame()
        if got != (opcode, payload):
            raise AssertionError(f"got {got}, not {(opcode, payload)}")

    def expect_close(self, code):
        """A Close frame with the code and the end of the connection; no data before it."""
        data = self.read_to_end()
        closes = [payload for opcode, payload in self.socket.others if opcode == CLOSE]
        if data or closes != [close_payload(code) if code else b""]:
            raise AssertionError(f"got {data!r} and {self.socket.others}, not close {code}")

    def read_to_end(self):
        data = b""
        while piece := self._recv_or_end():
            data += piece
        return data

    def _recv_or_end(self):
        try:
            return self.socket.recv(65536)
        except ConnectionResetError:
            return b""


def http_answer(address, data):
    """All that the broker answers to these bytes before it closes."""
    with socket.create_connection(address, 20) as wire:
        wire.sendall(data)
        answer = b""
        while piece := wire.recv(65536):
            answer += piece
    return answer.decode()
