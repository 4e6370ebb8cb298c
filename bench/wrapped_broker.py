"""TLS and WebSocket around the broker of relaying_broker.py, for tests. Each is a function that takes
the socket of a client and returns one that carries packets; a thread between them translates."""

import select
import socket
import threading

ANSWER = (
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: mqtt\r\n\r\n"
)


def tls(context):
    """Ends connections without close_notify, as brokers may."""

    def translate(client, packets):
        with context.wrap_socket(client, server_side=True) as secure:
            while True:
                ready = [secure] if secure.pending() else select.select([secure, packets], [], [])[0]
                for source, target in ((secure, packets), (packets, secure)):
                    data = source.recv(65536) if source in ready else None
                    if data == b"":
                        return
                    if data:
                        target.sendall(data)

    return between(translate)


class WebSocket:
    """`frames(data)` returns the frames that carry these bytes to the client. `requests` and
    `received` are the upgrades and (opcode, mask, payload) of the frames that came."""

    def __init__(self, answer=ANSWER, frames=lambda data: [frame(2, data)]):
        self.answer = answer
        self.frames = frames
        self.requests = []
        self.received = []

    def __call__(self, client):
        return between(self.translate)(client)

    def translate(self, client, packets):
        with client.makefile("rb", buffering=0) as stream:
            self.requests.append(read_head(stream))
            client.sendall(self.answer.encode())
            while True:
                ready, _, _ = select.select([client, packets], [], [])
                if client in ready:
                    self.received.append(read_frame(stream))
                    if self.received[-1][0] == 2:
                        packets.sendall(self.received[-1][2])
                if packets in ready:
                    data = packets.recv(65536)
                    if not data:
                        return
                    client.sendall(b"".join(self.frames(data)))


def between(translate):
    def wrap(client):
        inner, outer = socket.socketpair()

        def run():
            with client, outer:
                try:
                    translate(client, outer)
                except (OSError, EOFError):
                    pass

        threading.Thread(target=run, daemon=True).start()
        return inner

    return wrap


def frame(opcode, payload, final=True):
    """As a server sends it, without a mask."""
    size = len(payload)
    if size < 126:
        length = bytes([size])
    elif size < 1 << 16:
        length = b"\x7e" + size.to_bytes(2)
    else:
        length = b"\x7f" + size.to_bytes(8)
    return bytes([opcode | (0x80 if final else 0)]) + length + payload


def read_head(stream):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += read_exactly(stream, 1)
    return head.decode()


def read_frame(stream):
    first, second = read_exactly(stream, 2)
    length = second & 127
    if length >= 126:
        length = int.from_bytes(read_exactly(stream, 2 if length == 126 else 8))
    if not second & 128:
        raise EOFError("a client must mask")
    mask = read_exactly(stream, 4)
    payload = read_exactly(stream, length)
    return first & 15, mask, bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))


def read_exactly(stream, count):
    data = b""
    while len(data) < count:
        piece = stream.read(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data
