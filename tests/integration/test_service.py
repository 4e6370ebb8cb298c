"""What systemd hears of the daemon: when it is ready, reloads, stops, and that it is alive."""

import ctypes
import os
import pathlib
import select
import shutil
import signal
import socket
import tempfile
import unittest

from godwit_daemon import BINARY, DEADLINE, LIBC, NoDaemonTestCase

PTRACE_ATTACH, PTRACE_DETACH = 16, 17
WALL = 0x40000000  # of waitpid: threads too
WATCHDOG = 0.4  # seconds


class ServiceTest(NoDaemonTestCase):
    loops = 2

    def setUp(self):
        folder = tempfile.mkdtemp(prefix="godwit-test-")
        self.addCleanup(shutil.rmtree, folder)
        self.notified = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.notified.close)
        self.notified.bind(os.path.join(folder, "notify"))

    def start(self, admin=False, **variables):
        variables = {"NOTIFY_SOCKET": self.notified.getsockname(), **variables}
        self.daemon = self.start_daemon(
            command=["env", *(f"{name}={value}" for name, value in variables.items()), BINARY],
            admin=admin,
        )

    def hear(self, deadline=DEADLINE):
        """What systemd hears next; nothing where the deadline passes."""
        ready, _, _ = select.select([self.notified], [], [], deadline)
        return self.notified.recv(4096).decode().splitlines() if ready else None

    def test_it_tells_of_its_start_its_reloads_and_its_stop(self):
        self.start()
        self.assertEqual(self.hear(), ["READY=1"])
        self.daemon.process.send_signal(signal.SIGHUP)
        self.assertEqual(self.hear()[0], "RELOADING=1")
        self.assertEqual(self.hear(), ["READY=1"])
        self.daemon.terminate()
        self.assertEqual(self.hear(), ["STOPPING=1"])

    def threads(self):
        """By their names, as `top -H` shows them."""
        return {(task / "comm").read_text().strip(): int(task.name)
                for task in pathlib.Path(f"/proc/{self.daemon.pid}/task").iterdir()}

    def loop_threads(self):
        found = [thread for name, thread in self.threads().items() if name.startswith("loop ")]
        self.assertEqual(len(found), self.loops)
        return found

    def test_its_threads_have_names(self):
        self.start(admin=True)
        self.assertEqual(self.hear(), ["READY=1"])
        self.assertLessEqual({"loop 0", "loop 1", "commit", "queue reader", "admin"},
                             set(self.threads()))

    def hold(self, thread):
        """Stops one thread, and no other; returns what lets it go on."""
        self.ptrace(PTRACE_ATTACH, thread)
        os.waitpid(thread, WALL)
        return lambda: self.ptrace(PTRACE_DETACH, thread)

    def ptrace(self, request, thread):
        if LIBC.ptrace(request, thread, None, None) != 0:
            raise OSError(ctypes.get_errno(), f"ptrace({request}, {thread})")

    def test_a_loop_that_hangs_keeps_the_watchdog_waiting(self):
        self.start(WATCHDOG_USEC=int(WATCHDOG * 1e6))
        self.assertEqual(self.hear(), ["READY=1"])
        for _ in range(3):
            self.assertEqual(self.hear(), ["WATCHDOG=1"])
        for thread in self.loop_threads():
            release = self.hold(thread)
            # What is on its way may still come, and one more whose question was answered before.
            silent = any(self.hear(3 * WATCHDOG) is None for _ in range(5))
            release()
            self.assertTrue(silent, "the watchdog is reset though a loop hangs")
            self.assertEqual(self.hear(), ["WATCHDOG=1"])


if __name__ == "__main__":
    unittest.main()
