"""The brokers compared: how each is started on a free port, and how it is stopped.

Every run gets a fresh process and an empty folder that goes with it.
"""

import contextlib
import json
import os
import shlex
import shutil
import socket
import subprocess
import tempfile
import time

from comparison import machine, security

MOSQUITTO = "/usr/sbin/mosquitto"
MOSQUITTO_PASSWD = "/usr/bin/mosquitto_passwd"
START_SECONDS = 10
STOP_SECONDS = 10

# The usual port may be that of a Godwit which runs on the machine.
FREE_ADMIN = ["--set", "admin.bind=127.0.0.1:0"]

# max_inflight_messages 0 is 'no limit': with its default of 20 mosquitto 2.0 closes a publisher
# that has more QoS 2 messages under way.
MOSQUITTO_CONFIG = """\
listener {port} 127.0.0.1
{listener}
{access}
{persistence}
max_queued_messages 0
max_inflight_messages 0
set_tcp_nodelay true
"""


class StartFailed(Exception):
    pass


class Mosquitto:
    """Persistent, it writes its state when it ends and every half hour (autosave_interval as shipped):
    what it acknowledges is in memory alone until then."""

    slow = True

    def __init__(self, persistent=False):
        self.name = "mosquitto-persistent" if persistent else "mosquitto"
        self.persistent = persistent

    def command(self, port, folder, row):
        config = os.path.join(folder, "mosquitto.conf")
        with open(config, "w", encoding="utf-8") as file:
            file.write(MOSQUITTO_CONFIG.format(
                port=port,
                listener=self.listener(folder, row),
                access=self.access(folder, row),
                persistence=self.persistence(folder),
            ))
        return [MOSQUITTO, "-c", config]

    def listener(self, folder, row):
        if row.transport == "tls":
            return (f"certfile {folder}/{security.CERTIFICATE}\n"
                    f"keyfile {folder}/{security.PRIVATE_KEY}")
        if row.transport == "websocket":
            # Without a listener of MQTT mosquitto 2.0 does not start.
            return f"protocol websockets\nlistener {free_port()} 127.0.0.1"
        return "protocol mqtt"

    def access(self, folder, row):
        if row.users:
            return f"allow_anonymous false\npassword_file {folder}/{security.passwords(self)}"
        return "allow_anonymous true"

    def hash_passwords(self, path, users):
        with open(path, "w", encoding="utf-8") as file:
            for number in range(users):
                file.write("{}:{}\n".format(*security.credentials(number)))
        subprocess.run([MOSQUITTO_PASSWD, "-U", path], check=True, capture_output=True)

    def persistence(self, folder):
        if not self.persistent:
            return "persistence false"
        state = os.path.join(folder, "mosquitto")
        os.makedirs(state, exist_ok=True)
        os.chmod(state, 0o777)  # Started by root, it writes as another user.
        return f"persistence true\npersistence_location {state}/"

    def version(self):
        return first_line([MOSQUITTO, "-h"])


class Godwit:
    slow = False

    def __init__(self, name, path, arguments, threads):
        self.name = name
        self.path = os.path.abspath(path)
        self.arguments = arguments
        self.threads = threads

    def command(self, port, folder, row):
        command = [self.path, "serve", *self.listen(port, folder, row), "--log-level", "warning"]
        settings = [f"node.threads={self.threads}", *row.godwit_settings]
        if row.users:
            settings.append(f"auth.password_file={folder}/{security.passwords(self)}")
        for setting in settings:
            command += ["--set", setting]
        return command + self.arguments

    def listen(self, port, folder, row):
        if row.transport == "tcp":
            return ["--listen", f"127.0.0.1:{port}"]
        listener = {"name": row.transport, "bind": f"127.0.0.1:{port}"}
        if row.transport == "tls":
            listener["tls"] = {"certificate": f"{folder}/{security.CERTIFICATE}",
                               "private_key": f"{folder}/{security.PRIVATE_KEY}"}
        else:
            listener["transport"] = row.transport
        return ["--set", f"listeners={json.dumps([listener])}"]

    def hash_passwords(self, path, users):
        for number in range(users):
            user, password = security.credentials(number)
            subprocess.run([self.path, "passwd", path, user, "--password-stdin"], input=password,
                           check=True, capture_output=True, text=True)

    def version(self):
        return first_line([self.path, "--version"])


def parse_against(number, text, threads):
    """`PATH` or `PATH:ARGUMENTS`: a second Godwit, for a comparison of before and after."""
    path, _, arguments = text.partition(":")
    name = "against" if number == 1 else f"against{number}"
    return Godwit(name, path, shlex.split(arguments), threads)


def first_line(command):
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    return (result.stdout + result.stderr).strip().split("\n")[0]


@contextlib.contextmanager
def running(broker, row, processors, parent=None, material=None):
    """Starts the broker, its folder in `parent` with a copy of `material` in it, and yields its pid and
    port once it accepts; stops it in the end."""
    with new_folder(parent) as folder:
        if material:
            shutil.copytree(material, folder, dirs_exist_ok=True)
        port = free_port()
        process = start(broker, row, folder, port, processors)
        try:
            if not accepts_in_time(process, port):
                reason = last_line(os.path.join(folder, "log"))
                raise StartFailed(f"{broker.name} does not start: {reason}")
            time.sleep(0.3)  # Leaves its start-up out of what is measured.
            yield process.pid, port
        finally:
            stop(process)


@contextlib.contextmanager
def new_folder(parent=None):
    with tempfile.TemporaryDirectory(prefix="godwit-compare-", dir=parent) as folder:
        # mosquitto, started by root, reads its configuration as another user.
        os.chmod(folder, 0o755)
        yield folder


def start(broker, row, folder, port, processors):
    # Durable state of a broker that keeps any stays in the folder.
    environment = dict(os.environ, STATE_DIRECTORY=os.path.join(folder, "state"))
    with open(os.path.join(folder, "log"), "ab") as log:
        return subprocess.Popen(
            broker.command(port, folder, row),
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            preexec_fn=lambda: machine.prepare(processors),
        )


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def accepts_in_time(process, port):
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return True
        except OSError:
            time.sleep(0.05)
    return False


def last_line(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        lines = file.read().strip().split("\n")
    return lines[-1] or "it says nothing"


def stop(process):
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
