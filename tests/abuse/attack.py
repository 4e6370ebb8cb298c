"""What every hostile behaviour is made of: how it is found, whom it attacks and what it may use."""

import contextlib
import inspect
import socket
import ssl
import struct
import sys
import pathlib
import threading
import time
import traceback

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "integration"))

from godwit_daemon import DEADLINE  # noqa: E402
from raw_client import Closed, RawClient  # noqa: E402

# Chosen by the kernel when the connection is made, so that one port serves many destinations.
IP_BIND_ADDRESS_NO_PORT = 24

ATTACKS = []


def attack(function):
    """Registers a behaviour: a function of an Attacker that does its harm once and asserts what the
    broker must do about it. It is called again until the time is up."""
    assert function.__doc__, function.__name__
    ATTACKS.append(function)
    return function


class Attacker:
    """One behaviour under way: an address of its own, and the connections of this round."""

    def __init__(self, name, number, target):
        self.name = name
        self.target = target
        # Its own among the loopback addresses, so that limits per address hit nobody else.
        self.source = f"127.66.{number // 200}.{number % 200 + 1}"
        self.stack = contextlib.ExitStack()
        self._count = 0

    def open(self, listener="tcp", receive_buffer=0, source=None):
        """A connection that has sent nothing yet; it is closed when the round ends."""

        def connect(one, address):
            if receive_buffer:
                one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
            one.setsockopt(socket.IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, 1)
            one.bind((source or self.source, 0))
            one.connect(address)

        client = RawClient(self.target.addresses[listener], connect=connect)
        self.stack.callback(client.close)
        return client

    def client(self, client_id=None, listener="tcp", receive_buffer=0, **fields):
        """A connected client; without a client id it gets one that nobody had."""
        client = self.open(listener, receive_buffer)
        return client.connect(client_id or self.new_id(), **fields)

    def new_id(self):
        self._count += 1
        return f"{self.name}-{self._count}"

    def topic(self, rest):
        return f"abuse/{self.name}/{rest}"

    def closes(self, data, client=None):
        """The broker ends the connection for this, and answers nothing."""
        client = client or self.client()
        send_all(client, data)
        client.expect_closed()

    def refuses(self, data, answer=b"", listener="tcp"):
        """A newcomer that sends this is closed, after this answer."""
        client = self.open(listener)
        send_all(client, data)
        if answer:
            client.expect(answer)
        client.expect_closed()


def send_all(client, data):
    """As much as the broker takes before it closes."""
    with contextlib.suppress(ConnectionError):
        client.send(data)


def reset(client):
    """Ends a connection by RST instead of FIN."""
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    client.close()


def drain(client, until):
    """Reads and drops packets until one satisfies; the number dropped."""
    dropped = 0
    while not until(client.receive()):
        dropped += 1
    return dropped


def ends_without_connack(client, seconds=DEADLINE):
    """Whether the broker ends the connection in time; alerts and errors may come, CONNACK not."""
    client.socket.settimeout(seconds)
    received = b""
    try:
        while data := client.socket.recv(65536):
            received += data
    except TimeoutError:
        return False
    except OSError:
        pass
    return b"\x20\x02\x00\x00" not in received


def is_closed_within(client, seconds):
    """Reads whatever comes until the broker ends the connection."""
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            client.receive(end - time.monotonic())
    except Closed:
        return True
    except AssertionError:
        pass
    return False


class Target:
    """The daemon as attackers see it: addresses by the names of its listeners, and its settings."""

    def __init__(self, addresses, settings, certificate=None):
        self.addresses = addresses
        self.settings = settings
        self._certificate = certificate

    def tls_context(self):
        """As an ordinary client would have it: it trusts the daemon's certificate alone."""
        context = ssl.create_default_context(cafile=self._certificate)
        context.check_hostname = False
        return context


class Outcome:
    def __init__(self):
        self.rounds = 0
        self.failure = None


def run_attacks(attacks, target, seconds, deadline):
    """All at once, each again and again for so many seconds and at least once: {name: Outcome}."""
    end = time.monotonic() + seconds
    outcomes = {function.__name__: Outcome() for function in attacks}

    def repeat(number, function):
        outcome = outcomes[function.__name__]
        attacker = Attacker(function.__name__, number, target)
        while outcome.rounds == 0 or time.monotonic() < end:
            try:
                with attacker.stack:
                    function(attacker)
            except Exception:  # Whatever goes wrong is this behaviour's outcome.
                outcome.failure = traceback.format_exc()
                return
            outcome.rounds += 1

    threads = [
        threading.Thread(target=repeat, args=(number, function), name=function.__name__, daemon=True)
        for number, function in enumerate(attacks)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(max(0, end + deadline - time.monotonic()))
        if thread.is_alive():
            outcomes[thread.name].failure = "does not end:\n" + "".join(
                traceback.format_stack(sys._current_frames()[thread.ident])
            )
    return outcomes


def summary_of(function):
    return inspect.getdoc(function).splitlines()[0]
