"""Queues that are longer than what the broker keeps of them in memory."""

import tempfile
import unittest

from godwit_daemon import NoDaemonTestCase, on_loops
from raw_client import PUBLISH, RawClients, puback, publish

PAYLOAD = 1000
PADDING = "." * PAYLOAD
UNLIMITED = ("session.max_queued_messages=0", "session.max_queued_bytes=0")


def payload(number):
    return f"{number} {PADDING}"[:PAYLOAD]


def number_of(message):
    return int(message.payload.decode().split()[0])


@on_loops(1, 2)
class LongQueues(RawClients, NoDaemonTestCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory(prefix="godwit-state-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.start()

    def start(self):
        self.daemon = self.start_daemon(*UNLIMITED, loops=self.loops, state=self.folder)

    def absent(self, present=True):
        return self.client("absent", present, clean=False)

    def fill(self, first, count):
        """Publishes so many, a hundred ahead of their acknowledgements."""
        publisher = self.client("publisher")
        for begin in range(first, first + count, 100):
            numbers = range(begin, min(begin + 100, first + count))
            publisher.send(*[publish("t", payload(n).encode(), 1, n % 65535 + 1) for n in numbers])
            publisher.expect(*[puback(n % 65535 + 1) for n in numbers])
        publisher.disconnect()

    def test_comes_in_order_and_takes_little_memory(self):
        count = 60_000
        self.absent(present=False).subscribe(("t", 1)).disconnect()
        before = self.daemon.rss_bytes()
        self.fill(0, count)
        # The messages alone have 60 MB. What RocksDB may take is 40 MB.
        self.assertLess(self.daemon.rss_bytes() - before, 45_000_000)
        absent = self.absent()
        self.assertEqual([number_of(m) for m in absent.receive_messages(count)],
                         list(range(count)))
        absent.expect_quiet()
        self.fill(count, 1)
        self.assertEqual([number_of(m) for m in absent.receive_messages(1)], [count])

    def test_goes_on_after_a_kill_amid_the_draining(self):
        count = 3_000
        self.absent(present=False).subscribe(("t", 1)).disconnect()
        self.fill(0, count)
        absent = self.absent()
        taken = [number_of(message) for message in absent.receive_messages(count // 2)]
        self.daemon.kill()
        self.start()
        absent = self.absent()
        rest = []
        while not rest or rest[-1] != count - 1:
            message = absent.receive()
            self.assertEqual(message.type, PUBLISH)
            absent.answer(message)
            rest.append(number_of(message))
            if rest[-1] in taken:
                self.assertTrue(message.dup)
        absent.expect_quiet()
        self.assertEqual(taken, list(range(count // 2)))
        self.assertEqual(rest, list(range(rest[0], count)))
        self.assertLessEqual(rest[0], count // 2)

    def test_new_messages_come_behind_those_on_the_disk(self):
        self.absent(present=False).subscribe(("t", 1)).disconnect()
        self.fill(0, 2_000)
        absent = self.absent()
        first = absent.receive()  # and is not acknowledged yet
        self.fill(2_000, 1_000)
        absent.answer(first)
        numbers = [number_of(m) for m in absent.receive_messages(2_999)]
        self.assertEqual(numbers, list(range(1, 3_000)))


if __name__ == "__main__":
    unittest.main()
