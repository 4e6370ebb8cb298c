"""The daemon as a test's child process, and the test case that looks after it.

`GODWIT_BINARY` names the program. Every wait has a deadline and ends at an event, never after a
time.
"""

import contextlib
import ctypes
import os
import pathlib
import re
import resource
import select
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

BINARY = os.environ.get(
    "GODWIT_BINARY", str(pathlib.Path(__file__).resolve().parents[2] / "build/dev/godwit")
)
# Long enough for a sanitizer build on a busy machine; only a failing test waits so long.
DEADLINE = 20.0

# A test that asks nothing there needs no admin interface, and none may collide with another's.
NO_ADMIN, FREE_ADMIN = 'admin.bind=""', "admin.bind=127.0.0.1:0"

LIBC = ctypes.CDLL(None)  # Loaded here, since little is safe between fork and exec.
PR_SET_PDEATHSIG = 1

SANITIZER_FINDING = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:")


class Lines:
    """The lines of a pipe as they come, read by a thread of their own."""

    def __init__(self, pipe, name):
        self._name = name
        self._changed = threading.Condition()
        self._lines = []
        self._ended = False
        self._thread = threading.Thread(target=self._read, args=(pipe,), daemon=True)
        self._thread.start()

    def _read(self, pipe):
        for line in pipe:
            with self._changed:
                self._lines.append(line.rstrip("\n"))
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def all(self):
        with self._changed:
            return list(self._lines)

    def text(self):
        return "\n".join(self.all())

    def matching(self, pattern):
        return [line for line in self.all() if re.search(pattern, line)]

    def wait_for(self, pattern, count=1, deadline=DEADLINE):
        """The lines that match the pattern, once there are `count` of them."""
        end = time.monotonic() + deadline
        with self._changed:
            while True:
                found = [line for line in self._lines if re.search(pattern, line)]
                if len(found) >= count:
                    return found
                left = end - time.monotonic()
                if self._ended or left <= 0:
                    why = "ended" if self._ended else f"in {deadline} s"
                    raise AssertionError(
                        f"{self._name} {why}: {len(found)} of {count} lines match {pattern!r}:\n"
                        + "\n".join(self._lines)
                    )
                self._changed.wait(left)

    def wait_for_end(self, deadline=DEADLINE):
        self._thread.join(deadline)
        if self._thread.is_alive():
            raise AssertionError(f"{self._name} stays open")


def die_with_parent():
    """In a child before it starts: a test that is killed leaves no process behind."""
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def environment_of(state):
    """What a daemon's process gets: nothing of ours that sets it up, and where it keeps its state."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("GODWIT_")}
    return kept | {"STATE_DIRECTORY": str(state)}


def refused(*arguments):
    """A `godwit serve` that is expected to end by itself, complete with exit code and stderr."""
    with tempfile.TemporaryDirectory(prefix="godwit-test-") as state:
        return subprocess.run(
            [BINARY, "serve", "--set", NO_ADMIN, *arguments], capture_output=True, text=True, timeout=DEADLINE,
            check=False, env=environment_of(state),
        )


class Daemon:
    """`godwit serve` on a free port of 127.0.0.1, or as a YAML text says."""

    def __init__(self, settings=(), loops=None, config=None, listen=True, before_start=None,
                 state=None, command=(BINARY,), admin=False):
        """`settings` are KEY=VALUE texts for --set; `config` is the text of a YAML file; `state` a
        folder that outlives the daemon, for what it keeps; `command` the program; `admin`: with
        the admin interface, at `admin_port`, and the `token` that it made."""
        self._killed = False
        self._folder = tempfile.TemporaryDirectory(prefix="godwit-test-")
        command = [*command, "serve"]
        if config is not None:
            self.config_path = os.path.join(self._folder.name, "godwit.yaml")
            with open(self.config_path, "w", encoding="utf-8") as file:
                file.write(config)
            command += ["-c", self.config_path]
        elif listen:
            command += ["--listen", "127.0.0.1:0"]
        if loops is not None:
            command += ["--set", f"node.threads={loops}"]
        for setting in (FREE_ADMIN if admin else NO_ADMIN, *settings):
            command += ["--set", setting]
        self.state = state or os.path.join(self._folder.name, "state")
        environment = environment_of(self.state)
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            env=environment,
            preexec_fn=lambda: (die_with_parent(), before_start and before_start()),
        )
        self.log = Lines(self.process.stderr, "the daemon's log")
        try:
            self.ready_line = self.log.wait_for(r"\bgodwit ready")[0]
        except AssertionError:
            self.destroy()
            raise
        ports = re.findall(r"(?<!admin )127\.0\.0\.1:(\d+)", self.ready_line)
        self.ports = [int(port) for port in ports]
        admin_ports = re.findall(r"admin 127\.0\.0\.1:(\d+)", self.ready_line)
        self.admin_port = int(admin_ports[0]) if admin_ports else None

    @property
    def pid(self):
        return self.process.pid

    @property
    def port(self):
        return self.ports[0]

    @property
    def token(self):
        return (pathlib.Path(self.state) / "admin.token").read_text(encoding="ascii").strip()

    @property
    def address(self):
        return ("127.0.0.1", self.port)

    def is_running(self):
        return self.process.poll() is None

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def wait(self, deadline=DEADLINE):
        """The exit code; the log is complete afterwards."""
        code = self.process.wait(deadline)
        self.log.wait_for_end()
        return code

    def stop(self):
        """A clean stop, which every test ends with."""
        if self._killed:
            return
        if self.is_running():
            self.terminate()
        code = self.wait()
        text = self.log.text()
        if SANITIZER_FINDING.search(text):
            raise AssertionError("the sanitizer found something:\n" + text)
        if code != 0:
            raise AssertionError(f"the daemon exited with {code}:\n" + text)

    def kill(self):
        """As a crash would end it. The test need not stop it then."""
        self._killed = True
        self.process.kill()
        self.process.wait()

    def destroy(self):
        if self.is_running():
            self.kill()
        self.log.wait_for_end()
        self.process.stderr.close()
        self._folder.cleanup()

    def rss_bytes(self):
        with open(f"/proc/{self.pid}/statm", encoding="ascii") as file:
            return int(file.read().split()[1]) * resource.getpagesize()

    def peak_rss_bytes(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as file:
            return int(re.search(r"VmHWM:\s+(\d+) kB", file.read())[1]) * 1024

    def is_sanitized(self):
        with open(f"/proc/{self.pid}/maps", encoding="ascii") as file:
            return re.search(r"/lib[at]san\.so", file.read()) is not None

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def sockets(self):
        """How many of its descriptors are sockets: the files of the store come and go."""
        count = 0
        for name in os.listdir(f"/proc/{self.pid}/fd"):
            with contextlib.suppress(FileNotFoundError):
                count += os.readlink(f"/proc/{self.pid}/fd/{name}").startswith("socket:")
        return count


class DaemonTestCase(unittest.TestCase):
    """A test with a daemon of its own, which must stop cleanly when the test is over."""

    loops = 1
    settings = ()

    def setUp(self):
        self.daemon = self.start_daemon()

    def start_daemon(self, *settings, **more):
        more.setdefault("loops", self.loops)
        daemon = Daemon(tuple(self.settings) + settings, **more)
        self.addCleanup(daemon.destroy)
        self.addCleanup(self._stop, daemon)
        return daemon

    def _stop(self, daemon):
        try:
            daemon.stop()
        finally:
            if self._failed():
                print(f"--- log of the daemon in {self.id()}\n{daemon.log.text()}", file=sys.stderr)

    def _failed(self):
        outcome = getattr(self, "_outcome", None)
        result = getattr(outcome, "result", None)
        if result is None:
            return False
        found = list(result.failures) + list(result.errors) + list(getattr(outcome, "errors", []))
        return any(test is self and problem for test, problem in found)

    def wait_until(self, condition, what, deadline=DEADLINE):
        """For what only polling can tell, as another process's state in /proc."""
        end = time.monotonic() + deadline
        while not condition():
            if time.monotonic() > end:
                self.fail(f"not in {deadline} s: {what}")
            select.select([], [], [], 0.01)


class NoDaemonTestCase(DaemonTestCase):
    """For tests that start their daemons themselves."""

    def setUp(self):
        pass


def on_loops(*counts):
    """Runs a test case once for each number of event loops: Name becomes NameOn1Loop and so on."""

    def multiply(case):
        module = sys.modules[case.__module__]
        for count in counts:
            name = f"{case.__name__}On{count}Loop" + ("s" if count != 1 else "")
            members = {"loops": count, "__module__": module.__name__}
            setattr(module, name, type(name, (case,), members))
        return None

    return multiply


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def raise_descriptor_limit(wanted):
    """Lets this process open so many descriptors; False where the system does not."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < wanted:
        with contextlib.suppress(ValueError, OSError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, max(hard, wanted)))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= wanted


class Program:
    """Another program under test's control, as mosquitto_sub: its lines, its end, its exit code."""

    def __init__(self, case, *command, stdin=None):
        # Line by line, also where it writes to a pipe.
        self._process = subprocess.Popen(
            ["stdbuf", "-oL", "-eL", *map(str, command)],
            stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            preexec_fn=die_with_parent,
        )
        case.addCleanup(self._destroy)
        self.lines = Lines(self._process.stdout, str(command[0]))
        if stdin is not None:
            self._process.stdin.write(stdin)
            self._process.stdin.close()

    @property
    def pid(self):
        return self._process.pid

    def kill(self):
        self._process.kill()

    def terminate(self):
        self._process.terminate()

    def wait(self, deadline=DEADLINE):
        """The exit code; all lines are there afterwards."""
        try:
            code = self._process.wait(deadline)
        except subprocess.TimeoutExpired:
            text = self.lines.text()
            raise AssertionError(f"still running after {deadline} s:\n{text}") from None
        self.lines.wait_for_end()
        return code

    def _destroy(self):
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        self.lines.wait_for_end()
        self._process.stdout.close()
