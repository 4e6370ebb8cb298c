"""As a hardened service runs it: a user who is nobody, and one capability at most."""

import os
import pathlib
import shutil
import socket
import tempfile
import unittest

import godwit_daemon
from godwit_daemon import NoDaemonTestCase
from raw_client import RawClients

NOBODY = 65534
NET_BIND_SERVICE = 1 << 10


def free_low_port():
    for port in range(900, 1000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port below 1000 is free")


class PrivilegesTest(RawClients, NoDaemonTestCase):
    def capabilities(self):
        text = pathlib.Path(f"/proc/{self.daemon.pid}/status").read_text(encoding="ascii")
        return {
            name: int(value, 16)
            for name, value in (line.split(":") for line in text.splitlines() if line.startswith("Cap"))
        }

    def as_nobody(self, *setpriv):
        """Lets the next daemon run as setpriv says, which only root may do; from a copy that
        everybody may read."""
        folder = tempfile.mkdtemp(prefix="godwit-test-")
        self.addCleanup(shutil.rmtree, folder)
        os.chmod(folder, 0o755)
        state = os.path.join(folder, "state")
        os.mkdir(state)
        binary = os.path.join(folder, "godwit")
        shutil.copy(godwit_daemon.BINARY, binary)
        os.chmod(binary, 0o755)
        if os.geteuid() != 0:
            return [binary], state
        os.chown(state, NOBODY, NOBODY)
        return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups",
                "--no-new-privs", *setpriv, binary], state

    def test_it_needs_no_privilege(self):
        command, state = self.as_nobody("--bounding-set=-all")
        self.daemon = self.start_daemon(command=command, state=state)
        self.assertEqual(self.capabilities()["CapEff"], 0)
        self.client("c", clean=False).subscribe(("t", 1)).publish("u", "x", 1, retain=True)

    def test_a_low_port_needs_one_capability(self):
        only = ("--inh-caps=-all,+net_bind_service", "--ambient-caps=-all,+net_bind_service",
                "--bounding-set=-all,+net_bind_service")
        command, state = self.as_nobody(*only)
        port = free_low_port() if os.geteuid() == 0 else godwit_daemon.free_port()
        self.daemon = self.start_daemon(f"listeners=[{{bind: '127.0.0.1:{port}'}}]", listen=False,
                                        command=command, state=state)
        self.assertEqual(self.capabilities()["CapEff"] & ~NET_BIND_SERVICE, 0)
        self.client("c").publish("t", "x", 1)


if __name__ == "__main__":
    unittest.main()
