"""A client id that connects again: the newcomer gets the session, the old connection ends."""

import unittest

from godwit_daemon import DaemonTestCase, on_loops
from raw_client import Closed, RawClients, Will, connack, connect, publish
from tools import PahoClient


@on_loops(1, 4)
class Takeover(RawClients, DaemonTestCase):
    def test_the_old_connection_is_closed_with_that_reason(self):
        old = self.client("twin")
        new = self.client("twin")
        old.expect_closed()
        self.daemon.log.wait_for('client_id="twin".*reason=taken_over')
        new.expect_quiet()

    def test_a_persistent_session_goes_on_with_what_was_unacknowledged(self):
        old = self.client("twin", clean=False).subscribe(("t", 1))
        self.client("publisher").publish("t", "x", 1)
        packet_id = old.expect_publish("t", "x", 1)
        new = self.client("twin", present=True, clean=False)
        self.assertEqual(new.expect_publish("t", "x", 1, dup=True), packet_id)
        old.expect_closed()

    def test_clean_over_persistent_and_back_leaves_nothing(self):
        self.client("twin", clean=False).subscribe(("t", 1))
        clean = self.client("twin").subscribe(("u", 1))
        persistent = self.client("twin", clean=False)
        clean.expect_closed()
        self.client("publisher").publish("t", "x", 1).publish("u", "x", 1)
        persistent.expect_quiet()

    def test_its_will_is_published_before_the_newcomer_is_accepted(self):
        self.client("twin", clean=False, will=Will("will", "taken", 1)).subscribe(("will", 1))
        new = self.client("twin", present=True, clean=False)
        new.expect_publish("will", "taken", 1)

    def test_another_client_id_takes_nothing_over(self):
        upper, lower = self.client("Twin"), self.client("twin")
        upper.expect_quiet()
        lower.expect_quiet()

    def test_of_many_at_once_one_stays_and_works(self):
        clients = [self.open() for _ in range(60)]
        for client in clients:
            client.send(connect("twin", clean=False))
        stayed = []
        for client in clients:
            try:
                if client.receive().raw in (connack(0, False), connack(0, True)):
                    client.expect_quiet()
                    stayed.append(client)
            except Closed:
                pass
            except (BrokenPipeError, ConnectionResetError):
                pass
        self.assertEqual(len(stayed), 1)
        [last] = stayed
        last.subscribe(("t", 1))
        self.client("publisher").publish("t", "x", 1)
        last.expect_publish("t", "x", 1)
        self.daemon.log.wait_for('client_id="twin".*reason=taken_over', count=59)

    def test_messages_sent_during_takeovers_are_neither_lost_nor_reordered(self):
        publisher = self.client("publisher")
        self.client("twin", clean=False).subscribe(("t", 1))
        twin = self.client("twin", present=True, clean=False)
        received = []
        for number in range(20):
            publisher.send(*(publish("t", f"{number * 10 + i}", 1, 1) for i in range(10)))
            # What the old connection had, it did not acknowledge.
            twin = self.client("twin", present=True, clean=False)
            if number % 2 == 1:
                received += twin.receive_payloads(20)
                twin.expect_quiet()
        self.assertEqual(received, [f"{i}" for i in range(200)])

    def test_paho_sees_the_end_and_comes_back(self):
        paho = PahoClient(self, self.daemon, "twin", clean=False)
        paho.subscribe("t", 1)
        self.client("twin", present=True, clean=False)
        # paho connects again by itself, which takes the id back.
        self.daemon.log.wait_for('client connected client_id="twin"', count=3)
        self.client("publisher").publish("t", "x", 1)
        self.assertEqual(paho.message().payload, b"x")


if __name__ == "__main__":
    unittest.main()
