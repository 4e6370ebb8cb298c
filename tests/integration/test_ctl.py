"""`godwit ctl` against the daemon: what it prints, for people and for scripts, and how it ends."""

import base64
import contextlib
import fcntl
import json
import os
import pathlib
import pty
import re
import struct
import subprocess
import tempfile
import termios
import unittest

from certificates import Authority
from godwit_daemon import BINARY, DEADLINE, DaemonTestCase, Program, environment_of, free_port
from raw_client import RawClients


class CtlTestCase(RawClients, DaemonTestCase):
    loops = 2

    def start_daemon(self, *settings, **more):
        return super().start_daemon(*settings, **({"admin": True} | more))

    def url(self):
        return f"http://127.0.0.1:{self.daemon.admin_port}"

    def run_ctl(self, *arguments, stdin="", text=True, **environment):
        return subprocess.run(
            [BINARY, "ctl", *arguments], input=stdin, capture_output=True, text=text,
            timeout=DEADLINE, check=False, env=environment_of(self.daemon.state) | environment,
        )

    def ctl(self, *arguments, **more):
        """What a task prints that succeeds."""
        run = self.run_ctl(*arguments, "--url", self.url(), **more)
        self.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)
        return run.stdout

    def json(self, *arguments):
        return json.loads(self.ctl(*arguments, "--json"))

    def assert_fails(self, run, pattern, code=1):
        self.assertEqual((run.returncode, run.stdout), (code, ""), run.stderr)
        self.assertRegex(run.stderr, rf"\A[^\n]*{pattern}[^\n]*\n\Z")

    def table(self, *arguments):
        """The rows, each a list of its cells."""
        return [re.split(r" {2,}", line) for line in self.ctl(*arguments).splitlines()]


class ClientsTest(CtlTestCase):
    def setUp(self):
        super().setUp()
        self.kitchen = self.client("kitchen", user="alice", clean=False)
        self.kitchen.subscribe(("home/#", 1), ("$share/g/jobs", 0))
        self.client("cellar", user="bob").subscribe(("home/cellar", 0))
        self.client("gone", clean=False).disconnect()

    def test_are_listed(self):
        rows = self.table("clients")
        self.assertEqual(
            rows[0],
            ["CLIENT ID", "USER", "ADDRESS", "STATE", "SINCE", "FILTERS", "QUEUED", "IN FLIGHT"],
        )
        clients = {row[0]: row for row in rows[1:]}
        self.assertEqual(set(clients), {"kitchen", "cellar", "gone"})
        self.assertEqual(clients["kitchen"][1], "alice")
        self.assertRegex(clients["kitchen"][2], r"\A127\.0\.0\.1:\d+\Z")
        self.assertEqual(clients["kitchen"][3], "connected")
        self.assertEqual(clients["kitchen"][-3:], ["2", "0", "0"])
        self.assertEqual(clients["gone"][3], "absent")
        self.assertRegex(clients["gone"][4], r"\Aends in (1h 59m|2h 0m)\Z")

    def test_are_found(self):
        self.assertEqual([row[0] for row in self.table("clients", "KITCH")[1:]], ["kitchen"])
        self.assertEqual([row[0] for row in self.table("clients", "bob")[1:]], ["cellar"])
        self.assertEqual([row[0] for row in self.table("clients", "--absent")[1:]], ["gone"])
        self.assertEqual(
            {row[0] for row in self.table("clients", "--connected")[1:]}, {"kitchen", "cellar"}
        )
        self.assertEqual(len(self.json("clients")["items"]), 3)

    def test_one_is_shown(self):
        text = self.ctl("client", "kitchen")
        self.assertRegex(text, r"(?m)^user name +alice$")
        self.assertRegex(text, r"(?m)^state +connected$")
        self.assertRegex(text, r"(?m)^home/# +1$")
        self.assertEqual(self.json("client", "kitchen")["client_id"], "kitchen")

    def test_one_is_kicked_and_its_session_stays(self):
        self.assertEqual(self.ctl("kick", "kitchen"), "kicked kitchen\n")
        self.kitchen.expect_closed()
        self.assertEqual(self.json("client", "kitchen")["connected"], False)

    def test_one_is_kicked_with_its_session(self):
        self.assertIn("its session is gone", self.ctl("kick", "kitchen", "--session"))
        self.kitchen.expect_closed()
        self.assert_fails(self.run_ctl("client", "kitchen", "--url", self.url()), "no session")

    def test_one_that_is_not_there(self):
        for task in (("client", "nobody"), ("kick", "nobody"), ("explain", "nobody", "a")):
            self.assert_fails(self.run_ctl(*task, "--url", self.url()), "godwit: ctl: .+")

    def test_subscriptions(self):
        rows = self.table("subscriptions", "--client", "kitchen")
        self.assertEqual(rows[0], ["CLIENT ID", "FILTER", "QOS", "STATE"])
        self.assertEqual(
            sorted(rows[1:]),
            [["kitchen", "$share/g/jobs", "0", "connected"], ["kitchen", "home/#", "1", "connected"]],
        )
        reached = self.table("subscriptions", "--match", "home/cellar")[1:]
        self.assertEqual(sorted(row[1] for row in reached), ["home/#", "home/cellar"])

    def test_shared_groups(self):
        self.client("p").publish("jobs", "x", 1)
        rows = self.table("shared")
        self.assertEqual(rows[0][:4], ["GROUP", "FILTER", "STRATEGY", "MEMBER"])
        self.assertEqual(
            rows[1],
            ["g", "jobs", "round_robin", "kitchen", "connected", "1", "100.0 %", "0"],
        )

    def test_explain(self):
        text = self.ctl("explain", "kitchen", "home/oven")
        self.assertRegex(text, r"(?m)^delivered +yes: it has a filter that matches$")
        self.assertRegex(text, r"(?m)^home/# +1 +yes ")
        text = self.ctl("explain", "kitchen", "garden")
        self.assertRegex(text, r"(?m)^delivered +no: none of its filters matches$")
        self.assertEqual(self.json("explain", "kitchen", "garden")["delivered"], False)

    def test_a_name_cannot_move_the_cursor(self):
        self.client("evil\x1b[2J")
        self.assertIn("evil\\x1b[2J", self.ctl("clients"))


class MessagesTest(CtlTestCase):
    def test_are_published(self):
        client = self.client("c").subscribe(("a/#", 1))
        self.assertEqual(self.ctl("publish", "a/b", "on", "-q", "1"), "published to 1 client\n")
        client.answer(message := client.receive())
        self.assertEqual((message.topic, message.payload, message.qos), ("a/b", b"on", 1))
        self.assertEqual(self.ctl("publish", "x"), "published to 0 clients\n")
        self.assertEqual(self.json("publish", "a/b", "x"), {"matched": 1})

    def test_are_published_from_a_pipe_byte_by_byte(self):
        client = self.client("c").subscribe(("a", 0))
        payload = bytes(range(256))
        self.ctl("publish", "a", "-", stdin=payload, text=False)
        self.assertEqual(client.receive().payload, payload)

    def test_are_not_published_to_what_is_no_topic(self):
        run = self.run_ctl("publish", "a/#", "x", "--url", self.url())
        self.assert_fails(run, "'a/#' is no topic name")
        run = self.run_ctl("publish", "a", "x", "-q", "3", "--url", self.url())
        self.assert_fails(run, "--qos", code=2)

    def test_are_retained_listed_got_and_deleted(self):
        self.ctl("publish", "room/temp", "21.5 °C", "-r")
        self.ctl("publish", "room/raw", "-", "-r", stdin=b"\x00\xff", text=False)
        self.ctl("publish", "other", "x", "--retain")
        rows = self.table("retained", "room/#")
        self.assertEqual(rows[0], ["TOPIC", "QOS", "BYTES", "PAYLOAD"])
        self.assertEqual(
            sorted(rows[1:]),
            [["room/raw", "0", "2", "0x00ff"], ["room/temp", "0", "8", "21.5 °C"]],
        )
        topics = {row[0] for row in self.table("retained")[1:]}
        self.assertLessEqual({"other", "room/raw", "room/temp"}, topics)
        self.assertEqual(self.ctl("retained", "get", "room/raw", text=False), b"\x00\xff")
        value = self.json("retained", "get", "room/temp")
        self.assertEqual(base64.b64decode(value["payload"]).decode(), "21.5 °C")
        self.assertEqual(self.ctl("retained", "delete", "room/temp"), "deleted room/temp\n")
        self.assertEqual(len(self.table("retained", "room/#")), 2)
        for task in ("get", "delete"):
            run = self.run_ctl("retained", task, "room/temp", "--url", self.url())
            self.assert_fails(run, "no retained message")

    def ctl(self, *arguments, text=True, **more):
        run = self.run_ctl(*arguments, "--url", self.url(), text=text, **more)
        self.assertEqual((run.returncode, run.stderr), (0, "" if text else b""), run.stdout)
        return run.stdout


class NodeTest(CtlTestCase):
    def test_stats(self):
        self.client("c").publish("a", "x", 1)
        text = self.ctl("stats")
        self.assertRegex(text, r"(?m)^node +.+, godwit \d+\.\d+\.\d+$")
        self.assertRegex(text, r"(?m)^sessions +1 connected, 0 persistent$")
        self.assertRegex(text, r"(?m)^messages received +1 \(QoS 0: 0, 1: 1, 2: 0\)$")
        self.assertEqual(self.json("stats")["messages_received"]["1"], 1)

    def test_stats_are_watched_until_the_broker_goes(self):
        program = Program(self, BINARY, "ctl", "stats", "--watch", "--url", self.url(),
                          "--token", self.daemon.token)  # fmt: skip
        program.lines.wait_for(r"^TIME +CONNECTIONS +RECEIVED/s")
        program.lines.wait_for(r"^\d\d:\d\d:\d\d +0 +0 +0 ", count=2)
        self.daemon.stop()
        self.assertEqual(program.wait(), 1)
        self.assertRegex(program.lines.all()[-1], "no broker answers at")

    def test_stats_are_watched_by_scripts(self):
        program = Program(self, BINARY, "ctl", "stats", "--watch", "--json", "--url", self.url(),
                          "--token", self.daemon.token)  # fmt: skip
        for line in program.lines.wait_for("^{", count=2):
            self.assertIn("connections", json.loads(line))

    def test_health_needs_no_token(self):
        run = self.run_ctl("health", "--url", self.url(), STATE_DIRECTORY="/nonexistent")
        self.assertEqual((run.returncode, run.stdout, run.stderr), (0, "ok, ready\n", ""))
        self.assertEqual(self.json("health"), {"health": "ok", "status": "ready"})

    def test_health_of_a_broker_that_is_gone(self):
        url = self.url()
        self.daemon.stop()
        self.assert_fails(self.run_ctl("health", "--url", url), f"no broker answers at {url}")

    def test_cluster_says_that_there_is_none(self):
        for arguments in (("cluster",), ("cluster", "forget", "n1")):
            self.assert_fails(self.run_ctl(*arguments), "a cluster is not supported yet")

    def test_reload(self):
        daemon = self.daemon = self.start_daemon(
            config="listeners: [{bind: '127.0.0.1:0'}]\nlog: {level: info}\n"
        )
        self.assertEqual(self.ctl("reload"), "reloaded\n")
        pathlib.Path(daemon.config_path).write_text("mqtt: {max_qos: 7}\n")
        run = self.run_ctl("reload", "--url", self.url())
        self.assert_fails(run, r"max_qos.*7 is out of range")


class WhereAndWhoTest(CtlTestCase):
    def config(self, text):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "godwit.yaml"
        path.write_text(text)
        return str(path)

    def test_the_configuration_tells(self):
        path = self.config(f"admin: {{bind: '*:{self.daemon.admin_port}'}}\n")
        run = self.run_ctl("stats", "-c", path)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        run = self.run_ctl(
            "stats", "--set", f"admin.bind=127.0.0.1:{self.daemon.admin_port}",
            "--data-dir", self.daemon.state, STATE_DIRECTORY="/nonexistent",
        )
        self.assertEqual((run.returncode, run.stderr), (0, ""))

    def test_the_token_comes_in_three_ways(self):
        nowhere = {"STATE_DIRECTORY": "/nonexistent"}
        token = self.daemon.token
        for arguments, environment in (
            (("--token", token), {}), (("--token-file", self.daemon.state + "/admin.token"), {}),
            ((), {"GODWIT_TOKEN": token}),
        ):  # fmt: skip
            run = self.run_ctl("stats", "--url", self.url(), *arguments, **nowhere, **environment)
            self.assertEqual((run.returncode, run.stderr), (0, ""), arguments)

    def test_options_may_stand_before_the_task(self):
        run = self.run_ctl("--url", self.url(), "--json", "stats")
        self.assertEqual(run.returncode, 0)
        json.loads(run.stdout)

    def test_a_wrong_token_is_told_by_its_place(self):
        run = self.run_ctl("stats", "--url", self.url(), "--token", "wrong")
        self.assert_fails(run, "does not take the token of --token")
        self.assertNotIn("wrong", run.stderr.replace("--token", ""))

    def test_a_token_that_is_not_there(self):
        run = self.run_ctl("stats", "--url", self.url(), "--token-file", "/nonexistent")
        self.assert_fails(run, "/nonexistent: the token cannot be read: No such file")

    def test_an_interface_that_is_not_there(self):
        self.assert_fails(
            self.run_ctl("stats", "-c", self.config("admin: {bind: ''}\n")), "admin.bind is empty"
        )
        self.assert_fails(
            self.run_ctl("stats", "-c", self.config("admin: {bind: '127.0.0.1:0'}\n")), "port 0"
        )
        url = f"http://127.0.0.1:{free_port()}"
        self.assert_fails(self.run_ctl("stats", "--url", url), f"no broker answers at {url}")
        self.assert_fails(
            self.run_ctl("stats", "--url", f"http://127.0.0.1:{self.daemon.port}"), "127.0.0.1"
        )

    def test_usage_errors(self):
        for arguments in ((), ("stat",), ("client",), ("clients", "--connected", "--absent"),
                          ("stats", "--token", "a", "--token-file", "b"),
                          ("stats", "-c", "/nonexistent")):  # fmt: skip
            run = self.run_ctl(*arguments)
            self.assertEqual((run.returncode, run.stdout), (2, ""), arguments)
            self.assertEqual(run.stderr.count("\n"), 1)

    def test_output_that_cannot_be_written_is_a_failure(self):
        with open("/dev/full", "w") as full:
            run = subprocess.run(
                [BINARY, "ctl", "stats", "--url", self.url(), "--token", self.daemon.token],
                stdout=full, stderr=subprocess.PIPE, text=True, timeout=DEADLINE, check=False,
            )
        self.assertEqual(run.returncode, 1)
        self.assertIn("cannot be written", run.stderr)


class TerminalTest(CtlTestCase):
    def on_terminal(self, width, *arguments):
        """What a terminal of that width gets."""
        ours, theirs = pty.openpty()
        self.addCleanup(os.close, ours)
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
        process = subprocess.Popen(
            [BINARY, "ctl", *arguments, "--url", self.url(), "--token", self.daemon.token],
            stdout=theirs, stderr=theirs, stdin=subprocess.DEVNULL,
        )
        os.close(theirs)
        text = b""
        with contextlib.suppress(OSError):  # the end, on Linux
            while piece := os.read(ours, 65536):
                text += piece
        self.assertEqual(process.wait(DEADLINE), 0)
        return text.decode().replace("\r\n", "\n")

    def test_lines_are_as_long_as_it_is_wide(self):
        self.client("a-client-with-a-name-that-is-rather-long-for-a-table", user="somebody")
        text = self.on_terminal(80, "clients")
        self.assertIn("\x1b[1mCLIENT ID", text)
        self.assertIn("…", text)
        for line in re.sub(r"\x1b\[\d*m", "", text).splitlines():
            self.assertLessEqual(len(line), 80)

    def test_wide_ones_show_all(self):
        self.client("a-client")
        self.assertNotIn("…", self.on_terminal(200, "clients"))


class TlsTest(CtlTestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        Authority(self.folder, "ca").issue("node", extension="subjectAltName=DNS:broker.example")
        self.tls = f"certificate: {self.folder}/node.pem, private_key: {self.folder}/node.key"
        self.daemon = self.start_daemon(f"admin.tls={{{self.tls}}}")

    def test_the_brokers_own_certificate_is_trusted_where_the_configuration_names_it(self):
        path = self.folder / "godwit.yaml"
        path.write_text(
            f"admin: {{bind: '127.0.0.1:{self.daemon.admin_port}', tls: {{{self.tls}}}}}\n"
        )
        run = self.run_ctl("stats", "-c", str(path))
        self.assertEqual((run.returncode, run.stderr), (0, ""))

    def test_another_one_is_not(self):
        url = f"https://127.0.0.1:{self.daemon.admin_port}"
        run = self.run_ctl("health", "--url", url)
        self.assert_fails(run, "certificate")


if __name__ == "__main__":
    unittest.main()
