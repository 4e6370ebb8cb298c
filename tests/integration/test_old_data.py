"""Data directories of every format there has been: today's broker reads them and goes on with them.

tests/fixtures/store/format-N has one of each, made by scripts/make-store-fixture with a broker of its
day: the state that stored_scenario.py leaves, and what was said of it then.
"""

import pathlib
import shutil
import subprocess
import tempfile
import unittest

from godwit_daemon import BINARY, DEADLINE, NoDaemonTestCase, environment_of
from raw_client import (
    RawClients, connack, connect, puback, pubcomp, publish, pubrec, pubrel,
)
from stored_scenario import CONFIG, RETAINED, ROOMY

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "fixtures/store"


class OldData:
    """What holds for each format."""

    fixture = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="godwit-state-")
        self.addCleanup(folder.cleanup)
        self.state = pathlib.Path(folder.name) / "data"
        shutil.copytree(self.fixture / "data", self.state)
        # A daemon that is not root writes to its copy, whatever the rights of the original.
        for path in (self.state, *self.state.iterdir()):
            path.chmod(0o700 if path.is_dir() else 0o600)
        self.daemon = None

    def start(self):
        self.daemon = self.start_daemon(config=CONFIG, loops=None, state=self.state)

    def returning(self, client_id, listener=0, **fields):
        address = ("127.0.0.1", self.daemon.ports[listener])
        return self.client(client_id, present=True, address=address, clean=False, **fields)

    def expect_store_says(self, subcommand, file):
        run = subprocess.run(
            [BINARY, "store", subcommand, "--data-dir", str(self.state)], capture_output=True,
            text=True, timeout=DEADLINE, check=False, env=environment_of(self.state),
        )
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertEqual(run.stdout, (self.fixture / file).read_text(encoding="utf-8"))

    def test_every_record_is_read_as_it_was_written(self):
        self.maxDiff = None
        self.expect_store_says("verify", "verify.txt")
        self.expect_store_says("export", "export.jsonl")

    def test_absent_clients_get_what_waits_for_them(self):
        self.start()
        absent = self.returning("absent")
        got = absent.receive_messages(4)
        self.assertEqual(
            [(m.topic, m.payload, m.qos, m.retain, m.dup) for m in got],
            [("a/0", b"zero", 0, False, False), ("a/1", b"one", 1, False, False),
             ("a/2", b"\x00\xff", 2, False, False), ("will/frail", b"gone", 1, False, False)],
        )
        absent.expect_quiet()
        mounted = self.returning("mounted", listener=1, user="u")
        self.assertEqual(mounted.receive_payloads(1), ["mounted"])
        self.assertEqual(self.returning("local").receive_payloads(2), ["here", "queue"])
        # Whoever of the group comes first gets what waits for both.
        self.assertEqual(sorted(self.returning("share-1").receive_payloads(2)), ["one", "two"])

    def test_a_user_keeps_its_session_from_others(self):
        self.start()
        thief = self.open(("127.0.0.1", self.daemon.ports[0]))
        thief.send(connect("mounted", clean=False, user="u"))
        thief.expect(connack(5))

    def test_subscriptions_are_in_force(self):
        self.start()
        absent = self.returning("absent")
        absent.receive_messages(4)
        self.client("publisher-2").publish("b", "new", 2)
        absent.expect_publish("b", "new", 1)

    def test_a_window_is_sent_again_and_goes_on(self):
        self.start()
        window = self.returning("window")
        first = window.expect_publish("f/1", "1", 1, dup=True)
        second = window.expect_publish("f/2", "2", 2, dup=True)
        third = window.receive()
        self.assertEqual(third.raw, pubrel(third.packet_id))
        window.expect_quiet()
        window.send(pubcomp(third.packet_id))
        window.send(puback(first), pubrec(second))
        self.assertEqual(
            sorted([window.receive().raw, window.receive().raw]),
            sorted([pubrel(second), publish("f/4", "4", 1, third.packet_id, dup=True)]),
        )

    def test_an_absent_client_gets_again_what_it_left_unacknowledged(self):
        self.start()
        left = self.returning("left")
        left.expect_publish("g/1", "1", 1, dup=True)
        left.expect_publish("g/2", "2", 1)

    def test_a_replay_goes_on(self):
        self.start()
        replayed = self.returning("replayed")
        missing = {f"kept/{n}" for n in range(RETAINED)}
        while missing:  # it may begin again
            [message] = replayed.receive_messages(1)
            self.assertTrue(message.retain)
            missing.discard(message.topic)

    def test_retained_messages_are_there(self):
        self.start()
        reader = self.client("new").subscribe(("kept/#", 2), ("will/#", 0))
        got = {(m.topic, m.payload, m.qos) for m in reader.receive_messages(RETAINED + 1)}
        kept = {(f"kept/{n}", str(n).encode(), n % 3) for n in range(RETAINED)}
        self.assertEqual(got, kept | {("will/frail", b"gone", 0)})

    def test_an_incoming_qos2_id_is_known(self):
        self.start()
        publisher = self.returning("publisher")
        publisher.send(publish("a/2", b"\x00\xff", 2, 7, dup=True))
        publisher.expect(pubrec(7))
        publisher.send(pubrel(7))
        publisher.expect(pubcomp(7))
        absent = self.returning("absent")
        self.assertEqual(len(absent.receive_messages(4)), 4)
        absent.expect_quiet()

    def test_a_publication_that_was_under_way_arrives_once(self):
        self.start()
        full = self.returning("full")
        self.assertEqual(full.receive_payloads(5), ["0", "1", "2", "3", "held"])
        full.expect_quiet()
        for name in ROOMY:
            roomy = self.returning(name)
            self.assertEqual(roomy.receive_payloads(1), ["held"])
            roomy.expect_quiet()
        holder = self.returning("holder")
        holder.send(publish("h", "held", 2, 9, dup=True))
        holder.expect(pubrec(9))
        full.expect_quiet()


def define_cases():
    for fixture in sorted(FIXTURES.glob("format-*")):
        name = fixture.name.title().replace("-", "")
        members = {"fixture": fixture, "__module__": __name__}
        globals()[name] = type(name, (OldData, RawClients, NoDaemonTestCase), members)


define_cases()

if __name__ == "__main__":
    unittest.main()
