"""Every hostile behaviour at once against one daemon, while a bystander pair goes on as if nothing
were: it loses nothing, gets nothing twice or out of order, and keeps its connections; the daemon's
memory stays bounded, its sockets come back, and it stops cleanly.

The configuration is config/hardened.yaml. ABUSE_SECONDS is how long the behaviours go on, and
ABUSE_ONLY the names of some of them.
"""

import os
import pathlib
import unittest

import attack  # First, since it finds what the tests share.
from bystander import Bystander
from godwit_daemon import DaemonTestCase, NoDaemonTestCase

import floods  # noqa: F401
import garbage  # noqa: F401
import malformed  # noqa: F401
import scanners  # noqa: F401
import sizes  # noqa: F401
import slow  # noqa: F401

ROOT = pathlib.Path(__file__).resolve().parents[2]
SECONDS = float(os.environ.get("ABUSE_SECONDS", "20"))
ONLY = os.environ.get("ABUSE_ONLY", "").split()
# For a round that began at the last moment, on a busy machine and with sanitizers.
ROUND_MAX = 90.0

# What config/hardened.yaml sets and behaviours lean on; the test overrides what would take too long.
SETTINGS = {
    "connect_timeout": 2,
    "max_packet_size": 65_536,
    "max_awaiting_rel": 32,
    "max_inflight": 32,
    "max_subscriptions": 100,
    "retained_max": 10_000,
    "retained_payload": 16_384,
}
OVERRIDES = (
    "listeners=[{name: tcp, bind: '127.0.0.1:0'}]", "mqtt.connect_timeout=2s",
)

# The bystander may be this many times slower than alone: a goal, reported and not asserted.
SLOWER_MAX = 5


class Abuse(NoDaemonTestCase):
    def setUp(self):
        config = (ROOT / "config/hardened.yaml").read_text()
        self.daemon = self.start_daemon(*OVERRIDES, config=config, loops=2)
        self.bystander = Bystander(self.daemon.address, {})
        self.addCleanup(self.bystander.destroy)

    def test_a_bystander_notices_nothing_of_all_behaviours_at_once(self):
        target = attack.Target({"tcp": self.daemon.address}, SETTINGS)
        behaviours = [one for one in attack.ATTACKS if not ONLY or one.__name__ in ONLY]
        before = self.daemon.sockets()
        outcomes = attack.run_attacks(behaviours, target, SECONDS, ROUND_MAX)
        peak = self.daemon.peak_rss_bytes()
        for name, outcome in outcomes.items():
            with self.subTest(name):
                self.assertIsNone(outcome.failure, f"{name}:\n{outcome.failure}")
        report = self.bystander.report()
        self.assertEqual(report["faults"], [])
        self.wait_until(lambda: self.daemon.sockets() == before - 2, "the sockets come back")
        quiet, abused = report["p99"]
        print(
            f"{len(outcomes)} behaviours, {sum(one.rounds for one in outcomes.values())} rounds in "
            f"{SECONDS:.0f} s; {report['received']} messages of the bystander, p99 "
            f"{1000 * quiet:.1f} ms alone, {1000 * abused:.1f} ms under abuse (goal: within "
            f"{SLOWER_MAX} times); peak memory {peak / 2**20:.0f} MiB"
        )


if __name__ == "__main__":
    unittest.main()
