"""How the daemon ends, and how it does not begin."""

import errno
import os
import signal
import socket
import time
import unittest

from godwit_daemon import DaemonTestCase, NoDaemonTestCase, on_loops, refused
from raw_client import RawClients, Will, connect, publish


@on_loops(1, 4)
class Stop(RawClients, DaemonTestCase):
    def test_sigterm_and_sigint_stop_it_with_exit_code_0(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            daemon = self.start_daemon()
            client = self.client("client", address=daemon.address)
            daemon.process.send_signal(number)
            self.assertEqual(daemon.wait(), 0)
            client.expect_closed()
            daemon.log.wait_for('client_id="client" .*reason=server_stopping')

    def test_what_was_accepted_for_a_connected_client_is_still_sent(self):
        reader = self.client("reader").subscribe(("t", 0))
        publisher = self.client("publisher")
        payload = bytes(10_000)
        for _ in range(90):  # More than a socket takes at once, less than its buffer's limit.
            publisher.publish("t", payload, 1)
        self.daemon.terminate()
        for _ in range(90):
            reader.expect_publish("t", payload)
        reader.expect_closed()
        self.assertEqual(self.daemon.wait(), 0)

    def test_a_client_that_reads_nothing_does_not_hold_it_up(self):
        deaf = self.client("deaf").subscribe(("t", 1))
        publisher = self.client("publisher")
        for _ in range(200):
            publisher.publish("t", bytes(100_000), 1)
        begin = time.monotonic()
        self.daemon.terminate()
        self.assertEqual(self.daemon.wait(), 0)
        self.assertLess(time.monotonic() - begin, 10)
        deaf.close()

    def test_newcomers_and_half_sent_packets_do_not_hold_it_up(self):
        silent, half = self.open(), self.open()
        half.send(connect("half")[:5])
        client = self.client("client", will=Will("w", "x", 2))
        client.send(publish("t", bytes(1000))[:500])
        self.daemon.stop()
        for one in (silent, half, client):
            one.expect_closed()

    def test_sighup_does_not_end_it(self):
        client = self.client("client")
        self.daemon.process.send_signal(signal.SIGHUP)
        self.daemon.log.wait_for("configuration reloaded")
        client.publish("t", "x", 1)

    def test_the_port_is_free_again_at_once(self):
        port = self.daemon.port
        self.client("client")
        self.daemon.stop()
        again = self.start_daemon(listen=False, config=f"listeners: [{{bind: '127.0.0.1:{port}'}}]")
        self.client("client", address=again.address)


class Start(RawClients, NoDaemonTestCase):
    def test_a_port_in_use_ends_it_with_exit_code_1_and_one_line(self):
        daemon = self.start_daemon()
        second = refused("--listen", f"127.0.0.1:{daemon.port}")
        self.assertEqual(second.returncode, 1, second.stderr)
        lines = second.stderr.splitlines()
        self.assertEqual(len(lines), 1, second.stderr)
        self.assertIn(f"127.0.0.1:{daemon.port}", lines[0])
        self.assertIn(os.strerror(errno.EADDRINUSE), lines[0])
        self.client("client", address=daemon.address).publish("t", "x", 1)

    def test_of_several_listeners_all_open_or_none(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            run = refused("--listen", "127.0.0.1:0", "--listen", f"127.0.0.1:{port}")
        self.assertEqual(run.returncode, 1)
        self.assertNotIn("godwit ready", run.stderr)

    def test_the_ready_line_names_every_address(self):
        daemon = self.start_daemon(
            config="listeners: [{name: a, bind: '127.0.0.1:0'}, {name: b, bind: '127.0.0.1:0'}]"
        )
        self.assertEqual(len(set(daemon.ports)), 2, daemon.ready_line)
        for port in daemon.ports:
            self.client("", address=("127.0.0.1", port))


if __name__ == "__main__":
    unittest.main()
