"""Keep-alive: a client that is silent for one and a half times its promise is closed.

Here time itself is the subject: the tests measure it. Lower bounds are exact, upper ones generous.
"""

import select
import time
import unittest

from godwit_daemon import DaemonTestCase, on_loops
from raw_client import PINGREQ_BYTES, PINGRESP_BYTES, RawClients, publish, puback


def pass_time(seconds):
    select.select([], [], [], seconds)


@on_loops(4)
class KeepAlive(RawClients, DaemonTestCase):
    def test_a_silent_client_is_closed_after_one_and_a_half_times_its_keep_alive(self):
        others = self.client("other"), self.client("unlimited", keep_alive=0)
        begin = time.monotonic()
        client = self.client("silent", keep_alive=1)
        client.expect_closed()
        self.assertGreaterEqual(time.monotonic() - begin, 1.5)
        self.daemon.log.wait_for('client_id="silent".*reason=keep_alive')
        for other in others:
            other.expect_quiet()

    def test_any_packet_and_any_byte_is_a_sign_of_life(self):
        pinger = self.client("pinger", keep_alive=1)
        publisher = self.client("publisher", keep_alive=1)
        for _ in range(3):
            pass_time(0.9)
            pinger.expect_quiet()
            publisher.publish("t", "x", 1)
        pinger.expect_quiet()

    def test_what_the_client_receives_is_no_sign_of_life(self):
        reader = self.client("reader", keep_alive=1).subscribe(("t", 0))
        publisher = self.client("publisher")
        begin = time.monotonic()
        while not self.daemon.log.matching('client_id="reader".*reason=keep_alive'):
            publisher.publish("t", "x", 1)
            pass_time(0.1)
            self.assertLess(time.monotonic() - begin, 15)


class Capped(RawClients, DaemonTestCase):
    settings = ("mqtt.max_keep_alive=1",)

    def test_the_maximum_caps_a_longer_one_and_replaces_none(self):
        long, none = self.client("long", keep_alive=600), self.client("none", keep_alive=0)
        for client in (long, none):
            client.expect_closed()
        self.daemon.log.wait_for('client_id="(long|none)".*reason=keep_alive', count=2)


@on_loops(4)
class Paused(RawClients, DaemonTestCase):
    settings = ("session.overflow=hold", "session.max_queued_messages=1")

    def held_publisher(self, filler=0):
        """One whose PUBLISH waits for room in the queue of an absent client."""
        self.client("sleeper", clean=False).subscribe(("t", 1)).disconnect()
        publisher = self.client("held", keep_alive=1)
        publisher.send(publish("t", "0", 1, 1), publish("t", "1", 1, 2))
        publisher.expect(puback(1))
        if filler:
            publisher.send(*(publish("u", bytes(1000), 1, 3) for _ in range(filler)))
        return publisher

    def release(self):
        return self.client("sleeper", present=True, clean=False).receive_payloads(2)

    def test_a_held_client_that_is_still_read_from_must_ping_and_may(self):
        publisher = self.held_publisher()
        for _ in range(3):
            pass_time(0.7)
            publisher.send(PINGREQ_BYTES)
            publisher.expect(PINGRESP_BYTES)
        self.assertEqual(self.release(), ["0", "1"])
        publisher.expect(puback(2))

    def test_the_silence_of_a_held_client_that_is_not_read_from_is_none(self):
        publisher = self.held_publisher(filler=80)  # More than is put aside for it.
        pass_time(2.5)
        self.assertEqual(self.release(), ["0", "1"])
        publisher.expect(puback(2), *(puback(3) for _ in range(80)))
        self.assertEqual(self.daemon.log.matching('client_id="held".*reason=keep_alive'), [])


if __name__ == "__main__":
    unittest.main()
