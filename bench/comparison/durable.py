"""What Godwit's state costs where one process is not enough to tell: over restarts, and on the disk."""

import contextlib
import os
import re
import socket
import statistics
import subprocess
import time

from comparison import brokers, machine, measure, suite

LOAD_SECONDS = 1800
START_SECONDS = 600
SETTLE_SECONDS = 2  # After the start, until memory is read.
CONNECT = b"\x10\x11\x00\x04MQTT\x04\x02\x00\x3c\x00\x05probe"
CONNACK = b"\x20\x02\x00\x00"


class Failed(Exception):
    pass


class Instance:
    """Godwit on one folder, through several lives."""

    def __init__(self, options, godwit, folder):
        self._options = options
        self._godwit = godwit
        self._folder = folder
        self._row = suite.Row("durable", "", (), godwit_settings=suite.UNLIMITED_QUEUES)
        self._processors, self._load_processors = machine.place(options.threads)
        self._port = brokers.free_port()
        self._process = None

    def start(self):
        """Seconds until a client is let in."""
        begin = time.monotonic()
        self._process = brokers.start(
            self._godwit, self._row, self._folder, self._port, self._processors
        )
        while not self._lets_in():
            if self._process.poll() is not None or time.monotonic() - begin > START_SECONDS:
                raise Failed(brokers.last_line(os.path.join(self._folder, "log")))
            time.sleep(0.001)
        return time.monotonic() - begin

    def _lets_in(self):
        try:
            with socket.create_connection(("127.0.0.1", self._port), START_SECONDS) as probe:
                probe.sendall(CONNECT)
                return probe.recv(4) == CONNACK
        except OSError:
            return False

    def stop(self):
        self._process.terminate()
        self._process.wait(START_SECONDS)

    def kill(self):
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def load(self, scenario):
        command = [self._options.bench, *scenario.split(), "--port", str(self._port),
                   "--broker-pid", str(self._process.pid), "--stall", "60",
                   "--timeout", str(LOAD_SECONDS)]
        report = measure.run_load(command, self._load_processors, LOAD_SECONDS)
        if not report["ok"]:
            raise Failed(f"{scenario}: {measure.failure(report)}")

    def resident_bytes(self):
        time.sleep(SETTLE_SECONDS)
        with open(f"/proc/{self._process.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmRSS:\s+(\d+)", file.read())[1]) * 1024

    def disk_bytes(self):
        """What the data takes on the disk, RocksDB's own log aside."""
        state = os.path.join(self._folder, "state")
        return sum(entry.stat().st_blocks * 512 for entry in os.scandir(state)
                   if not entry.name.startswith("LOG"))

    def counts(self):
        """What is stored, by name; of a stopped broker."""
        run = subprocess.run(
            [self._godwit.path, "store", "verify", "--data-dir", f"{self._folder}/state"],
            capture_output=True, text=True, check=False,
        )
        if run.returncode != 0:
            raise Failed(f"godwit store verify: {run.stderr.strip()}")
        return {name: int(count) for name, count in re.findall(r"(?m)^(\S.*?) +(\d+)$", run.stdout)}

    def expect(self, **wanted):
        found = self.counts()
        for name, count in wanted.items():
            if found[name.replace("_", " ")] != count:
                raise Failed(f"{found[name.replace('_', ' ')]} {name}, not {count}")


@contextlib.contextmanager
def instance(options, godwit):
    with brokers.new_folder(options.folder) as folder:
        one = Instance(options, godwit, folder)
        try:
            yield one
        finally:
            one.kill()


def restart(options, godwit, say):
    retained = scaled(1_000_000, options) // 4 * 4  # Of four publishers.
    sessions = scaled(100_000, options)
    with instance(options, godwit) as broker:
        broker.start()
        say(f"restart: storing {retained} retained messages and {sessions} sessions")
        broker.load(f"retained --messages {retained}")
        broker.load(f"sessions --sessions {sessions}")
        filled_bytes = broker.resident_bytes()
        broker.stop()
        broker.expect(retained_messages=retained, sessions=sessions, subscriptions=sessions)
        after_stop, after_kill, resident = [], [], []
        for number in range(options.rounds):
            after_stop.append(broker.start())
            resident.append(broker.resident_bytes())
            broker.kill()
            after_kill.append(broker.start())
            broker.stop()
            say(f"restart: round {number + 1}, {after_stop[-1]:.2f} s after a stop, "
                f"{after_kill[-1]:.2f} s after a kill")
        broker.expect(retained_messages=retained, sessions=sessions, subscriptions=sessions)
    return {
        "retained messages": retained,
        "sessions": sessions,
        "start after a stop, s": statistics.median(after_stop),
        "start after a kill, s": statistics.median(after_kill),
        "resident bytes after a start": statistics.median(resident),
        "resident bytes when it was filled": filled_bytes,
    }


def disk(options, godwit, say):
    messages = scaled(100_000, options) // 100 * 100
    payload = 256
    with instance(options, godwit) as broker:
        broker.start()
        broker.stop()
        empty = broker.disk_bytes()
        broker.start()
        say(f"disk: queueing {messages} messages of {payload} bytes")
        broker.load(f"offline --sessions 100 --messages {messages} --payload {payload} "
                    "--noise 1 --leave 1")
        filled = broker.disk_bytes()
        broker.stop()
        broker.expect(queued_messages=messages)
        stopped = broker.disk_bytes()
        broker.start()
        broker.stop()
        started_again = broker.disk_bytes()
        broker.expect(queued_messages=messages)
    each = {
        "when they were queued": filled,
        "after a stop": stopped,
        "after the next start": started_again,
    }
    return {
        "messages": messages,
        "payload bytes each": payload,
        "bytes of an empty directory": empty,
        **{f"bytes each {when}": (size - empty) / messages for when, size in each.items()},
    }


def scaled(number, options):
    return max(100, int(number * options.scale))
