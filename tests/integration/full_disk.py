"""Small disks for tests, which are gone with the process of the test, and who fills them."""

import contextlib
import ctypes
import errno
import os
import pathlib
import tempfile
import threading

from godwit_daemon import DEADLINE
from raw_client import Closed, RawClient, puback, publish

LIBC = ctypes.CDLL(None, use_errno=True)

CLONE_NEWNS, CLONE_NEWUSER = 0x20000, 0x10000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
MIB = 1 << 20


def call(name, *arguments):
    if getattr(LIBC, name)(*arguments) != 0:
        code = ctypes.get_errno()
        raise OSError(code, f"{name}: {os.strerror(code)}")


def private_mounts():
    """Mounts of this process and its children are its own, and gone with them. Who is not root is it
    in a name space of users."""
    user, group = os.getuid(), os.getgid()
    call("unshare", CLONE_NEWNS | (CLONE_NEWUSER if user else 0))
    if user:
        for name, line in (("setgroups", "deny"), ("uid_map", f"0 {user} 1"),
                           ("gid_map", f"0 {group} 1")):
            pathlib.Path("/proc/self", name).write_text(line, encoding="ascii")
    try:
        call("mount", b"none", b"/", None, MS_REC | MS_PRIVATE, None)
    except OSError as error:
        # The root of a chroot need not be a mount. What is mounted then is undone by its clean-up.
        if error.errno != errno.EINVAL:
            raise


class Disk:
    """A small disk, of which a file takes so much that little is left."""

    def __init__(self, case, size):
        folder = tempfile.TemporaryDirectory(prefix="godwit-disk-")
        case.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name)
        call("mount", b"tmpfs", os.fsencode(self.path), b"tmpfs", 0, f"size={size}".encode())
        case.addCleanup(call, "umount2", os.fsencode(self.path), 2)
        self.ballast = self.path / "ballast"

    def free(self):
        space = os.statvfs(self.path)
        return space.f_bavail * space.f_frsize

    def leave(self, size):
        with open(self.ballast, "wb") as file:
            os.posix_fallocate(file.fileno(), 0, self.free() - size)

    def make_room(self):
        self.ballast.unlink()


class Publisher:
    """Publishes numbers in order, a few ahead of their acknowledgements, on a thread of its own."""

    WINDOW = 20
    PADDING = os.urandom(60_000)  # Does not compress.

    def __init__(self, address, topic):
        self.topic = topic
        self.acknowledged = 0
        self._stop = threading.Event()
        self._client = RawClient(address, deadline=4 * DEADLINE)
        self._client.connect("publisher")
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        with contextlib.suppress(Closed, OSError):  # The daemon was killed.
            self._publish()

    def _publish(self):
        sent = 0
        while not self._stop.is_set() or self.acknowledged < sent:
            while sent - self.acknowledged < self.WINDOW and not self._stop.is_set():
                sent += 1
                payload = b"%d " % sent + self.PADDING
                self._client.send(publish(self.topic, payload, 1, sent))
            self._client.expect(puback(self.acknowledged + 1))
            self.acknowledged += 1

    def finish(self):
        """Sends no more and waits for what is not acknowledged yet."""
        self._stop.set()
        self._thread.join(4 * DEADLINE)
        self._client.close()
        assert not self._thread.is_alive()
