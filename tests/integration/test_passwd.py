"""`godwit passwd`: what it makes of a file, of a terminal, and of wrong use."""

import os
import pty
import select
import signal
import stat
import subprocess
import tempfile
import unittest

from godwit_daemon import BINARY, DEADLINE, die_with_parent

HASH = r"\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}"


class PasswdTestCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="godwit-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.path = os.path.join(self.folder, "users")

    def write(self, text, mode=0o600):
        with open(self.path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        os.chmod(self.path, mode)

    def read(self):
        with open(self.path, encoding="utf-8", newline="") as file:
            return file.read()

    def mode(self):
        return stat.S_IMODE(os.stat(self.path).st_mode)

    def passwd(self, *arguments, stdin=""):
        return subprocess.run(
            [BINARY, "passwd", *arguments], input=stdin, capture_output=True, text=True,
            timeout=DEADLINE, check=False,
        )  # fmt: skip

    def assert_done(self, run):
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "", ""))

    def assert_refused(self, run, code, complaint):
        self.assertEqual((run.returncode, run.stdout), (code, ""), run.stderr)
        self.assertIn(complaint, run.stderr)
        self.assertEqual(run.stderr.count("\n"), 1)


class FromAPipe(PasswdTestCase):
    def test_a_new_file_is_for_its_owner_alone(self):
        self.assert_done(self.passwd(self.path, "alice", "--password-stdin", stdin="secret\n"))
        self.assertRegex(self.read(), f"^alice:{HASH}\n$")
        self.assertEqual(self.mode(), 0o600)
        self.assertEqual(os.listdir(self.folder), ["users"])

    def test_a_new_file_is_for_the_group_of_a_directory_that_passes_it_on(self):
        group = 65534 if os.geteuid() == 0 else os.getegid()
        os.chown(self.folder, -1, group)
        os.chmod(self.folder, 0o2750)
        self.assert_done(self.passwd(self.path, "alice", "--password-stdin", stdin="secret\n"))
        self.assertEqual((os.stat(self.path).st_gid, self.mode()), (group, 0o640))

    def test_all_but_the_users_line_stays_as_it_is(self):
        before = "# staff\r\n\nalice:*\n  \nbob:*\nno user at all"
        self.write(before, mode=0o640)
        self.assert_done(self.passwd(self.path, "alice", "--password-stdin", stdin="a\n"))
        head, tail = before.split("alice:*\n")
        self.assertTrue(self.read().startswith(head + "alice:$argon2id$"))
        self.assertTrue(self.read().endswith("\n" + tail))
        self.assertEqual(self.mode(), 0o640)
        self.assert_done(self.passwd(self.path, "carol", "--password-stdin", stdin="c"))
        self.assertRegex(self.read(), f"no user at all\ncarol:{HASH}\n$")
        self.assert_done(self.passwd(self.path, "carol", "--delete"))
        self.assert_done(self.passwd(self.path, "alice", "--delete"))
        self.assertEqual(self.read(), head + tail + "\n")

    def test_a_link_stays_one(self):
        self.write("")
        link = os.path.join(self.folder, "link")
        os.symlink(self.path, link)
        self.assert_done(self.passwd(link, "alice", "--password-stdin", stdin="a\n"))
        self.assertTrue(os.path.islink(link))
        self.assertIn("alice:", self.read())

    def test_the_owner_stays(self):
        # Only root can give a file away, and then must not take it back.
        owner = (1, 2) if os.geteuid() == 0 else (os.geteuid(), os.getegid())
        self.write("", mode=0o640)
        os.chown(self.path, *owner)
        self.assert_done(self.passwd(self.path, "alice", "--password-stdin", stdin="a\n"))
        status = os.stat(self.path)
        self.assertEqual((status.st_uid, status.st_gid, self.mode()), (*owner, 0o640))

    def test_wrong_use_changes_nothing(self):
        self.write("alice:*\n")
        for name in ("", "a:b", "#a", "a\nb", "a\x7f"):
            self.assert_refused(
                self.passwd(self.path, name, "--password-stdin", stdin="x\n"), 2, "a user name"
            )
        self.assert_refused(
            self.passwd(self.path, "alice", "--password-stdin", stdin="\n"), 1, "not empty"
        )
        self.assert_refused(
            self.passwd(self.path, "alice", "--password-stdin", stdin="\r\n"), 1, "not empty"
        )
        self.assert_refused(self.passwd(self.path, "alice", stdin="x\n"), 1, "--password-stdin")
        self.assert_refused(self.passwd(self.path), 2, "USER")
        self.assert_refused(
            self.passwd(self.path, "alice", "--delete", "--password-stdin"), 2, "--delete"
        )
        self.assert_refused(self.passwd(self.path, "bob", "--delete"), 1, "no user 'bob'")
        self.assertEqual(self.read(), "alice:*\n")
        nowhere = os.path.join(self.folder, "nowhere", "users")
        self.assert_refused(self.passwd(nowhere, "bob", "--delete"), 1, "no such file")
        self.assert_refused(
            self.passwd(nowhere, "bob", "--password-stdin", stdin="x\n"), 1, "No such file"
        )


class AtATerminal(PasswdTestCase):
    def begin(self):
        """Starts it at a terminal of its own."""
        self.terminal, theirs = pty.openpty()
        self.addCleanup(os.close, self.terminal)
        self.seen = b""
        self.process = subprocess.Popen(
            [BINARY, "passwd", self.path, "alice"], stdin=theirs, stdout=theirs, stderr=theirs,
            preexec_fn=die_with_parent,
        )  # fmt: skip
        os.close(theirs)
        self.addCleanup(self.end)

    def end(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()

    def see_more(self):
        """False once the other side is closed."""
        self.assertTrue(select.select([self.terminal], [], [], DEADLINE)[0], self.seen)
        try:
            data = os.read(self.terminal, 1024)
        except OSError:
            return False
        self.seen += data
        return data != b""

    def wait_for(self, text):
        while text not in self.seen:
            self.assertTrue(self.see_more(), f"{text!r} is not in {self.seen!r}")

    def enter(self, prompt, line):
        self.wait_for(prompt)
        os.write(self.terminal, line + b"\n")

    def rest(self):
        """The exit code; everything that was shown is in `seen` then."""
        while self.see_more():
            pass
        return self.process.wait(DEADLINE)

    def test_it_asks_twice_and_shows_nothing(self):
        self.begin()
        self.enter(b"Password: ", b"hunter2")
        self.enter(b"Again: ", b"hunter2")
        self.assertEqual(self.rest(), 0)
        self.assertNotIn(b"hunter2", self.seen)
        self.assertRegex(self.read(), f"^alice:{HASH}\n$")

    def test_two_passwords_that_differ_change_nothing(self):
        self.begin()
        self.enter(b"Password: ", b"hunter2")
        self.enter(b"Again: ", b"hunter3")
        self.assertEqual(self.rest(), 1)
        self.assertIn(b"the two passwords differ", self.seen)
        self.assertFalse(os.path.exists(self.path))

    def test_an_interrupt_changes_nothing(self):
        self.begin()
        self.wait_for(b"Password: ")
        self.process.send_signal(signal.SIGINT)
        self.assertEqual(self.rest(), 1)
        self.assertIn(b"interrupted", self.seen)
        self.assertFalse(os.path.exists(self.path))


if __name__ == "__main__":
    unittest.main()
