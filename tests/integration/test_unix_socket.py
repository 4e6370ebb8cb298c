"""Listeners on unix sockets."""

import os
import stat
import tempfile
import unittest

from godwit_daemon import NoDaemonTestCase, Program, refused
from raw_client import RawClients


class UnixSocket(RawClients, NoDaemonTestCase):
    loops = 4

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="godwit-test-")
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "mqtt.sock")

    def start(self, mode="0660", **more):
        return self.start_daemon(
            config=f"""
listeners:
  - {{name: local, bind: "unix:{self.path}", socket_mode: "{mode}"}}
  - {{name: tcp, bind: "127.0.0.1:0"}}
""",
            **more,
        )

    def test_clients_of_both_kinds_of_socket_reach_each_other(self):
        daemon = self.start()
        self.assertIn(self.path, daemon.ready_line)
        tcp = self.client("tcp", address=daemon.address).subscribe(("t/#", 1))
        local = self.client("local", address=self.path).subscribe(("t/#", 2))
        self.client("", address=self.path).publish("t/1", "from the socket file", 2)
        self.client("", address=daemon.address).publish("t/2", "from the network", 1)
        for client in (tcp, local):
            self.assertEqual(
                client.receive_payloads(2), ["from the socket file", "from the network"]
            )
        daemon.log.wait_for(f'client connected client_id="local" address={self.path}')

    def test_mosquitto_pub_uses_it(self):
        daemon = self.start()
        reader = self.client("reader", address=daemon.address).subscribe(("t", 1))
        program = Program(
            self, "mosquitto_pub", "--unix", self.path, "-t", "t", "-m", "tool", "-q", 1
        )
        self.assertEqual(program.wait(), 0, program.lines.text())
        reader.expect_publish("t", "tool", 1)

    def test_the_file_has_the_configured_mode_and_goes_with_the_daemon(self):
        daemon = self.start(mode="0600")
        status = os.stat(self.path)
        self.assertTrue(stat.S_ISSOCK(status.st_mode))
        self.assertEqual(stat.S_IMODE(status.st_mode), 0o600)
        daemon.stop()
        self.assertFalse(os.path.exists(self.path))

    def test_the_umask_takes_nothing_from_the_mode(self):
        self.start(mode="0666", before_start=lambda: os.umask(0o077))
        self.assertEqual(stat.S_IMODE(os.stat(self.path).st_mode), 0o666)

    def test_a_file_left_by_a_killed_daemon_is_replaced(self):
        self.start().kill()
        self.assertTrue(os.path.exists(self.path))
        self.start()
        self.client("client", address=self.path).publish("t", "x", 1)

    def test_a_path_in_use_is_refused_and_its_holder_untouched(self):
        self.start()
        second = refused("--set", f'listeners=[{{name: l, bind: "unix:{self.path}"}}]')
        self.assertEqual(second.returncode, 1, second.stderr)
        self.assertIn(self.path, second.stderr)
        self.client("client", address=self.path).publish("t", "x", 1)


if __name__ == "__main__":
    unittest.main()
