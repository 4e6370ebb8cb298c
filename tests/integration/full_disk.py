"""Small disks for tests, which are gone with the process of the test."""

import ctypes
import errno
import os
import pathlib
import tempfile

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
