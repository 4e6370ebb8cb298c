"""A disk that is full: nothing that was acknowledged is lost, and all goes on once there is room."""

import unittest

from full_disk import MIB, Disk, Publisher, private_mounts
from godwit_daemon import DEADLINE, NoDaemonTestCase, on_loops
from raw_client import (
    RawClients, connack, connect, publish, puback, suback, subscribe,
)

def number_of(message):
    return int(message.payload.split()[0])


@on_loops(1, 2)
class FullDisk(RawClients, NoDaemonTestCase):
    settings = ("session.max_queued_messages=0", "session.max_queued_bytes=0")

    def setUp(self):
        self.disk = Disk(self, 256 * MIB)
        self.daemon = None
        self.start()

    def start(self):
        self.daemon = self.start_daemon(state=self.disk.path / "state")

    def fill(self):
        """Until the store says that it cannot write."""
        self.disk.leave(24 * MIB)
        publisher = Publisher(self.daemon.address, "absent")
        self.addCleanup(publisher.finish)
        self.daemon.log.wait_for("the store cannot write .* No space left .* of its reserve")
        return publisher

    def test_pauses_what_is_to_be_kept_and_loses_nothing(self):
        self.client("absent", clean=False).subscribe(("absent", 1)).disconnect()
        drained = self.client("drained", clean=False).subscribe(("drained", 1))
        clean = self.client("clean").subscribe(("clean", 1))
        helper = self.client("helper")
        for i in range(20):
            helper.publish("drained", str(i), 1)
        undrained = [drained.receive() for _ in range(20)]
        publisher = self.fill()

        # Clean sessions go on, and what would have to be kept waits or is refused.
        self.client("another").publish("clean", "goes on", 1)
        clean.expect_publish("clean", "goes on", 1)
        refused = self.open()
        refused.send(connect("new", clean=False))
        refused.expect(connack(3))
        drained.send(subscribe(70, ("more", 1)))
        drained.expect(suback(70, 0x80))
        helper.send(publish("absent", "late", 1, 70))

        # Deletes are committed, in the room of the reserve: UNSUBACK comes after them.
        for message in undrained:
            drained.answer(message)
        drained.unsubscribe("drained")
        helper.expect_quiet()

        self.disk.make_room()
        self.daemon.log.wait_for("the store writes to .* again")
        helper.expect(puback(70))
        publisher.finish()
        self.daemon.kill()
        self.start()
        self.client("drained", present=True, clean=False).expect_quiet()
        absent = self.client("absent", present=True, clean=False)
        got = absent.receive_messages(publisher.acknowledged + 1)
        numbers = [number_of(message) for message in got if message.payload != b"late"]
        self.assertEqual(numbers, list(range(1, publisher.acknowledged + 1)))

    def test_loses_nothing_when_it_is_killed(self):
        self.client("absent", clean=False).subscribe(("absent", 1)).disconnect()
        publisher = self.fill()
        self.daemon.kill()
        publisher.finish()
        self.disk.make_room()
        self.start()
        absent = self.client("absent", present=True, clean=False)
        got = absent.receive_messages(publisher.acknowledged)
        numbers = [number_of(message) for message in got]
        self.assertEqual(numbers, list(range(1, publisher.acknowledged + 1)))


def setUpModule():
    private_mounts()


if __name__ == "__main__":
    unittest.main()
