"""What a client had an acknowledgement for is there after the daemon was killed."""

import os
import random
import tempfile
import threading
import unittest

from godwit_daemon import DEADLINE, NoDaemonTestCase, on_loops, refused
from raw_client import (
    PUBACK, PUBCOMP, PUBLISH, PUBREC, PUBREL, Closed, RawClient, RawClients, Will, publish, puback,
    pubcomp, pubrec, pubrel,
)


class StateTestCase(RawClients, NoDaemonTestCase):
    """Daemons one after the other on the same state."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="godwit-state-")
        self.addCleanup(folder.cleanup)
        self.state = folder.name
        self.daemon = None

    def start(self, *settings, **more):
        self.daemon = self.start_daemon(*settings, state=self.state, **more)
        return self.daemon

    def kill_and_start(self, *settings, **more):
        self.daemon.kill()
        return self.start(*settings, **more)


@on_loops(1, 2)
class Kill(StateTestCase):
    def test_sessions_queues_and_retained_messages_are_there(self):
        self.start()
        self.client("absent", clean=False).subscribe(("a/#", 2), ("b", 1)).disconnect()
        publisher = self.client("publisher")
        publisher.publish("a/1", "one", 1).publish("a/2", "two", 2).publish("b", "three", 2)
        publisher.publish("kept", "value", 1, retain=True).publish("gone", "x", 1, retain=True)
        publisher.publish("gone", "", 1, retain=True)
        self.kill_and_start()
        absent = self.client("absent", present=True, clean=False)
        self.assertEqual(absent.receive_payloads(3), ["one", "two", "three"])
        absent.expect_quiet()
        new = self.client("new").subscribe(("#", 1))
        new.expect_publish("kept", "value", 1, retain=True)
        new.expect_quiet()

    def test_what_was_acknowledged_does_not_come_again(self):
        self.start()
        reader = self.client("reader", clean=False).subscribe(("t", 2))
        self.client("publisher").publish("t", "1", 1).publish("t", "2", 2)
        self.assertEqual(sorted(reader.receive_payloads(2)), ["1", "2"])
        # Its own publication is acknowledged after what it acknowledged itself.
        reader.publish("elsewhere", "", 2)
        self.kill_and_start()
        again = self.client("reader", present=True, clean=False)
        again.expect_quiet()

    def test_a_qos2_publication_is_known_by_its_packet_id(self):
        self.start()
        self.client("reader", clean=False).subscribe(("t", 2)).disconnect()
        publisher = self.client("publisher", clean=False)
        publisher.send(publish("t", "once", 2, 7))
        publisher.expect(pubrec(7))
        self.kill_and_start()
        publisher = self.client("publisher", present=True, clean=False)
        publisher.send(publish("t", "once", 2, 7, dup=True))
        publisher.expect(pubrec(7))
        publisher.send(pubrel(7))
        publisher.expect(pubcomp(7))
        reader = self.client("reader", present=True, clean=False)
        self.assertEqual(reader.receive_payloads(1), ["once"])
        reader.expect_quiet()

    def test_unacknowledged_messages_come_again_in_order_with_dup(self):
        self.start()
        reader = self.client("reader", clean=False).subscribe(("t", 2))
        publisher = self.client("publisher")
        for payload, qos in (("1", 1), ("2", 2), ("3", 1)):
            publisher.publish("t", payload, qos)
        sent = [reader.receive() for _ in range(3)]
        self.kill_and_start()
        again = self.client("reader", present=True, clean=False)
        for first in sent:
            got = again.receive()
            self.assertEqual((got.payload, got.packet_id, got.dup),
                             (first.payload, first.packet_id, True))

    def test_an_unsubscription_is_kept(self):
        self.start()
        self.client("reader", clean=False).subscribe(("t", 1)).unsubscribe("t").disconnect()
        self.kill_and_start()
        self.client("publisher").publish("t", "x", 1)
        self.client("reader", present=True, clean=False).expect_quiet()

    def test_the_will_of_who_was_connected_is_published_at_the_start(self):
        self.start()
        self.client("reader", clean=False).subscribe(("will", 1)).disconnect()
        self.client("frail", will=Will("will", "the broker died", 1))
        self.kill_and_start()
        reader = self.client("reader", present=True, clean=False)
        self.assertEqual(reader.receive_payloads(1), ["the broker died"])
        # Its own publication is acknowledged after what it acknowledged itself.
        reader.publish("elsewhere", "", 2)
        self.kill_and_start()
        self.client("reader", present=True, clean=False).expect_quiet()

    def test_a_wiped_session_does_not_come_back(self):
        self.start()
        self.client("one", clean=False).subscribe(("t", 1)).disconnect()
        self.client("one").disconnect()
        self.kill_and_start()
        self.client("one", present=False, clean=False)

    def test_another_number_of_loops_finds_everything(self):
        self.start()
        for i in range(20):
            self.client(f"c{i}", clean=False).subscribe(("t", 1), ("$share/g/s", 1)).disconnect()
        self.client("publisher").publish("t", "all", 1).publish("s", "one", 1)
        self.kill_and_start(loops=3)
        payloads = []
        for i in range(20):
            reader = self.client(f"c{i}", present=True, clean=False)
            payloads += reader.receive_payloads(1)
            reader.close()
        self.assertEqual(payloads.count("all") + payloads.count("one"), 20)

    def test_a_clean_stop_keeps_state_too(self):
        self.start()
        self.client("absent", clean=False).subscribe(("t", 1)).disconnect()
        self.client("publisher").publish("t", "x", 1)
        self.daemon.stop()
        self.start()
        self.assertEqual(
            self.client("absent", present=True, clean=False).receive_payloads(1), ["x"]
        )


class Directory(StateTestCase):
    def test_a_second_process_is_refused(self):
        self.start()
        second = refused("--listen", "127.0.0.1:0", "--data-dir", self.state)
        self.assertEqual(second.returncode, 1)
        self.assertEqual(len(second.stderr.splitlines()), 1, second.stderr)
        self.assertIn("in use by another process", second.stderr)
        self.assertIn(self.state, second.stderr)

    def test_without_persistence_nothing_is_kept_and_the_log_says_so(self):
        self.start("persistence.enabled=false")
        self.daemon.log.wait_for("persistence is off")
        self.client("absent", clean=False).subscribe(("t", 1)).disconnect()
        self.kill_and_start("persistence.enabled=false")
        self.client("absent", present=False, clean=False)


class Ledger:
    """What the publishers were promised, and what the reader got."""

    def __init__(self):
        self.acknowledged = {1: [], 2: []}  # numbers by QoS, in order
        self.got = {1: [], 2: []}

    def check(self, case):
        for qos in (1, 2):
            missing = set(self.acknowledged[qos]) - set(self.got[qos])
            case.assertFalse(missing, f"acknowledged at QoS {qos} and lost")
        case.assertEqual(len(self.got[2]), len(set(self.got[2])), "QoS 2 came twice")
        for qos in (1, 2):
            first = list(dict.fromkeys(self.got[qos]))
            case.assertEqual(first, sorted(first), f"out of order at QoS {qos}")


class Publisher:
    """Publishes numbers on its topic, as fast as it gets them acknowledged, until the daemon dies; a
    later one goes on where it stopped, with what was not acknowledged."""

    WINDOW = 20

    def __init__(self, name, qos, acknowledged):
        self.name, self.qos, self.acknowledged = name, qos, acknowledged
        self.number = 0
        self.unacknowledged = {}  # payloads by packet id, in order
        self.released = []        # packet ids between PUBREC and PUBCOMP

    def run(self, address, known, stop):
        try:
            with RawClient(address) as client:
                client.connect(self.name, present=known, clean=False)
                self.resend(client)
                while not stop.is_set() or self.unacknowledged or self.released:
                    while not stop.is_set() and len(self.unacknowledged) < self.WINDOW:
                        self.send_next(client)
                    self.take(client)
        except (Closed, OSError):
            pass  # The daemon was killed.

    def resend(self, client):
        for packet_id, payload in self.unacknowledged.items():
            client.send(publish(f"load/{self.qos}", payload, self.qos, packet_id, dup=True))
        for packet_id in self.released:
            client.send(pubrel(packet_id))

    def send_next(self, client):
        self.number += 1
        packet_id = self.number % 60000 + 1
        self.unacknowledged[packet_id] = str(self.number)
        client.send(publish(f"load/{self.qos}", str(self.number), self.qos, packet_id))

    def take(self, client):
        got = client.receive()
        if got.type in (PUBACK, PUBREC):
            payload = self.unacknowledged.pop(got.packet_id, None)
            if payload is not None:
                self.acknowledged.append(int(payload))
        if got.type == PUBREC:
            if got.packet_id not in self.released:
                self.released.append(got.packet_id)
            client.send(pubrel(got.packet_id))
        if got.type == PUBCOMP:
            self.released.remove(got.packet_id)


class Reader:
    """A persistent subscriber that keeps what MQTT asks of it over its connections."""

    def __init__(self, got):
        self.got = got
        self.unreleased = set()  # QoS 2 packet ids it has the message of

    def run(self, address, known, until=None):
        """Until the daemon dies, or all numbers of `until` are there."""
        try:
            with RawClient(address) as client:
                client.connect("reader", present=known, clean=False)
                while until is None or not until():
                    self.take(client)
        except (Closed, OSError):
            pass

    def take(self, client):
        got = client.receive()
        if got.type == PUBLISH and got.qos == 1:
            self.got[1].append(int(got.payload))
            client.send(puback(got.packet_id))
        elif got.type == PUBLISH and got.qos == 2:
            if got.packet_id not in self.unreleased:
                self.unreleased.add(got.packet_id)
                self.got[2].append(int(got.payload))
            client.send(pubrec(got.packet_id))
        elif got.type == PUBREL:
            self.unreleased.discard(got.packet_id)
            client.send(pubcomp(got.packet_id))


class KillUnderLoad(StateTestCase):
    KILLS = int(os.environ.get("GODWIT_KILLS", "6"))  # for each kind of sync

    def kill_again_and_again(self, sync, loops):
        settings = (f"persistence.sync={sync}", "session.max_queued_messages=0",
                    "session.max_queued_bytes=0")
        seed = random.randrange(1 << 32)
        chance = random.Random(seed)
        ledger = Ledger()
        publishers = [Publisher(f"p{qos}", qos, ledger.acknowledged[qos]) for qos in (1, 2)]
        reader = Reader(ledger.got)
        self.start(*settings, loops=loops)
        self.client("reader", clean=False).subscribe(("load/#", 2)).disconnect()
        for kill in range(self.KILLS):
            threads = [
                threading.Thread(target=one.run, args=(self.daemon.address, kill > 0, threading.Event()))
                for one in publishers
            ]
            if chance.random() < 0.7:  # Else what comes is queued for an absent session.
                threads.append(
                    threading.Thread(target=reader.run, args=(self.daemon.address, True))
                )
            for thread in threads:
                thread.start()
            wanted = len(ledger.acknowledged[1]) + chance.randrange(1, 3000)
            self.wait_until(lambda: len(ledger.acknowledged[1]) >= wanted, "progress")
            self.daemon.kill()
            for thread in threads:
                thread.join(DEADLINE)
            self.start(*settings, loops=loops)
        stop = threading.Event()
        stop.set()
        for one in publishers:
            one.run(self.daemon.address, True, stop)
        wanted = {qos: set(ledger.acknowledged[qos]) for qos in (1, 2)}

        def complete():
            return not reader.unreleased and all(wanted[q] <= set(ledger.got[q]) for q in (1, 2))

        final = threading.Thread(target=reader.run, args=(self.daemon.address, True, complete))
        final.start()
        final.join(3 * DEADLINE)
        with self.subTest(seed=seed):
            ledger.check(self)
            self.assertFalse(final.is_alive())

    def test_synced_at_intervals(self):
        self.kill_again_and_again("interval", 2)

    def test_always_synced(self):
        self.kill_again_and_again("always", 1)

    def test_never_synced(self):
        self.kill_again_and_again("never", 3)


if __name__ == "__main__":
    unittest.main()
