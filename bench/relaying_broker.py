"""A broker of a few lines, for the tests of godwit-bench. It relays QoS 0 messages and spoils some of
them on purpose. The program under test is the one that the environment variable GODWIT_BENCH names.
"""

import os
import socket
import subprocess
import threading

BENCH = os.environ.get("GODWIT_BENCH", "build/release/bench/godwit-bench")
CONNECT, PUBLISH, SUBSCRIBE, DISCONNECT = 1, 3, 8, 14
CONNACK = b"\x20\x02\x00\x00"


class RelayingBroker:
    """Relays each PUBLISH to the subscribers of its exact topic. `spoil(number, packet)` returns
    the packets sent in place of message `number`, counted from 1; `wrap(client)` returns the socket
    on which this client's packets are, see wrapped_broker.py. `connects` are the bodies of CONNECTs."""

    def __init__(self, spoil=lambda number, packet: [packet], connack=CONNACK,
                 wrap=lambda client: client, address="127.0.0.1"):
        self.spoil = spoil
        self.connack = connack
        self.wrap = wrap
        self.connects = []
        self.subscribers = {}
        self.published = 0
        self.lock = threading.Lock()
        self.listener = socket.create_server((address, 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(self.wrap(client),), daemon=True).start()

    def serve(self, client):
        with client, client.makefile("rb") as stream:
            try:
                while self.answer(client, *read_packet(stream)):
                    pass
            except OSError:
                pass

    def answer(self, client, kind, packet, body):
        if kind == CONNECT:
            self.connects.append(body)
            client.sendall(self.connack)
        elif kind == SUBSCRIBE:
            self.subscribers.setdefault(body[4 : 4 + int.from_bytes(body[2:4])], []).append(client)
            client.sendall(b"\x90\x03" + body[:2] + b"\x00")
        elif kind == PUBLISH:
            self.relay(packet, body[2 : 2 + int.from_bytes(body[:2])])
        return kind not in (DISCONNECT, 0)

    def relay(self, packet, topic):
        with self.lock:
            self.published += 1
            for sent in self.spoil(self.published, packet):
                for subscriber in self.subscribers.get(topic, []):
                    subscriber.sendall(sent)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def read_packet(stream):
    """Returns kind, whole packet and body; kind 0 at the end of the stream."""
    first = stream.read(1)
    if not first:
        return 0, b"", b""
    head, length, shift = first, 0, 0
    while True:
        digit = stream.read(1)
        head += digit
        length |= (digit[0] & 127) << shift
        shift += 7
        if digit[0] < 128:
            break
    body = stream.read(length)
    return first[0] >> 4, head + body, body


def run_bench(*arguments):
    return subprocess.run([BENCH, *arguments], capture_output=True, text=True, check=False)
