"""What a wall clock that jumps does to what the broker keeps for a time."""

import os
import pathlib
import subprocess
import tempfile
import unittest

from godwit_daemon import BINARY, DEADLINE, NoDaemonTestCase
from raw_client import RawClients

MOVE_CLOCK = os.environ.get(
    "GODWIT_MOVE_CLOCK", str(pathlib.Path(BINARY).parent / "tests/move_clock")
)
YEAR = 365 * 24 * 60  # minutes


class Downtime(RawClients, NoDaemonTestCase):
    """Sessions and retained messages last two hours; the clocks move while the broker is down."""

    settings = ("session.expiry=2h", "retained.expiry=2h")

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="godwit-state-")
        self.addCleanup(folder.cleanup)
        self.state = pathlib.Path(folder.name) / "data"
        self.daemon = self.start_daemon(state=self.state)

    def restart_after(self, how, minutes):
        self.daemon.stop()
        subprocess.run(
            [MOVE_CLOCK, self.state, how, str(minutes)], check=True, timeout=DEADLINE
        )
        self.daemon = self.start_daemon(state=self.state)

    def leave(self, name):
        """A session whose client has gone, and a retained message of that name."""
        self.client(name, clean=False).disconnect()
        self.client("publisher").publish(f"kept/{name}", name, 1, retain=True).disconnect()

    def expect_kept(self, *names):
        reader = self.client("reader").subscribe(("kept/#", 0))
        got = {reader.receive().topic for _ in names}
        self.assertEqual(got, {f"kept/{name}" for name in names})
        reader.expect_quiet()
        reader.disconnect()

    def expect_to_expire(self, name):
        """A session that is over at the start, once its client has had its time to come back. All
        that are over go together."""
        self.daemon.log.wait_for(rf"session expired.*client_id=\"?{name}\b")

    def test_a_downtime_counts(self):
        self.leave("old")
        self.restart_after("pass", 119)
        self.expect_kept("old")
        self.leave("new")
        self.restart_after("pass", 2)
        self.expect_kept("new")
        self.expect_to_expire("old")
        self.client("new", present=True, clean=False)

    def test_a_clock_set_forward_ends_no_more_than_an_hour_would(self):
        self.leave("old")
        self.restart_after("pass", 90)
        self.leave("new")
        self.restart_after("reboot", YEAR)
        self.daemon.log.wait_for("one hour of it counts")
        self.expect_kept("new")
        self.expect_to_expire("old")
        self.client("new", present=True, clean=False)
        # From here on the clock goes on as if nothing had been.
        self.restart_after("pass", 50)
        self.expect_kept("new")

    def test_a_clock_set_back_keeps_nothing_for_ever(self):
        self.leave("old")
        self.restart_after("pass", 90)
        self.restart_after("reboot", -YEAR)
        self.daemon.log.wait_for("has gone back")
        self.expect_kept("old")
        self.leave("new")
        self.restart_after("pass", 40)
        self.expect_kept("new")
        self.expect_to_expire("old")
        self.client("new", present=True, clean=False)

    def test_a_killed_broker_has_a_clock_too(self):
        self.leave("old")
        self.daemon.kill()
        self.restart_after("pass", 121)
        self.expect_kept()


if __name__ == "__main__":
    unittest.main()
