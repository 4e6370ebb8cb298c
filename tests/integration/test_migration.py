"""Coming over from mosquitto: what import-mosquitto makes of real configurations, and how the two
brokers differ, each told by both."""

import gzip
import pathlib
import re
import subprocess
import tempfile
import unittest

from certificates import Authority
from godwit_daemon import BINARY, DEADLINE, NoDaemonTestCase, Program, free_port
from raw_client import (
    PINGREQ_BYTES, PINGRESP_BYTES, Closed, RawClients, connack, connect, suback, subscribe,
)  # fmt: skip
from web_socket import WebSocketClient, request

FIXTURES = pathlib.Path(__file__).resolve().parents[1] / "fixtures/mosquitto"
MAN_PAGE = pathlib.Path("/usr/share/man/man5/mosquitto.conf.5.gz")

PASSWORDS = {"alice": "secret", "bob": "other"}
ACL = "topic read public/#\n\nuser alice\ntopic readwrite home/#\n\nuser bob\ntopic read home/#\n"


def import_mosquitto(path, cwd=None):
    run = subprocess.run(
        [BINARY, "import-mosquitto", str(path)], capture_output=True, text=True, timeout=DEADLINE,
        check=False, cwd=cwd,
    )
    return run.returncode, run.stdout, run.stderr


class MigrationTestCase(RawClients, NoDaemonTestCase):
    loops = 2

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="godwit-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def users(self):
        path = self.file("passwd", "")
        for user, password in PASSWORDS.items():
            subprocess.run(
                ["mosquitto_passwd", "-b", path, user, password], check=True, timeout=DEADLINE
            )
        path.chmod(0o600)
        return path

    def mosquitto(self, configuration):
        """Starts mosquitto with the file, as the user that runs the tests."""
        broker = Program(self, "/usr/sbin/mosquitto", "-c", configuration)
        broker.lines.wait_for("mosquitto version 2.* running")
        return broker


class EveryFixture(MigrationTestCase):
    def etc_mosquitto(self):
        """All that the fixtures name, since check looks at the files as well."""
        authority = Authority(self.folder, "ca")
        authority.issue("server")
        authority.revoke(7)
        (self.folder / "ca.crl").rename(self.folder / "crl.pem")
        self.file("acl", ACL)
        self.users()
        for name, text in (("others", ""), ("psk", "pump:0123456789abcdef0123456789abcdef\n")):
            self.file(name, text).chmod(0o600)

    def test_is_translated_to_what_check_accepts(self):
        self.etc_mosquitto()
        translated = 0
        for fixture in sorted(FIXTURES.glob("*.conf")):
            with self.subTest(fixture=fixture.name):
                text = fixture.read_text().replace("/etc/mosquitto", str(self.folder))
                text = text.replace("tests/fixtures/mosquitto", str(FIXTURES))
                code, result, _ = import_mosquitto(self.file(fixture.name, text))
                self.assertEqual(code, 0)
                checked = subprocess.run(
                    [BINARY, "check", "-c", self.file("godwit.yaml", result)],
                    capture_output=True, text=True, timeout=DEADLINE, check=False,
                )
                self.assertEqual((checked.returncode, checked.stderr), (0, ""), result)
                translated += 1
        self.assertGreaterEqual(translated, 7)


class EveryOption(MigrationTestCase):
    def lines(self):
        text = (FIXTURES / "every_option.conf").read_text()
        return [line for line in text.splitlines() if line and not line.startswith("#")]

    def test_of_the_man_page_is_in_the_fixture(self):
        """The man page comes with mosquitto, where documentation is installed at all."""
        used = {line.split()[0] for line in self.lines()}
        self.assertGreater(len(used), 110)
        if not MAN_PAGE.exists():
            return
        page = gzip.decompress(MAN_PAGE.read_bytes()).decode()
        headings = re.findall(r"^\.PP\n((?:\\fB[^\n]+))", page, re.MULTILINE)
        named = {
            name.replace("\\&", "")
            for heading in headings
            for name in re.findall(r"\\fB([a-z][a-z0-9_.*\\&]+)\\fR \\fI|\\fB([a-z_]+)\\fR \[", heading)
            for name in name
            if name
        }
        self.assertGreater(len(named), 80)
        missing = {name for name in named if not name.endswith("*")} - used
        self.assertEqual(missing, set())

    def test_leaves_a_mark_in_the_translation(self):
        """As a key or as a comment, with the number of its line."""
        code, text, problems = import_mosquitto(
            FIXTURES / "every_option.conf", cwd=FIXTURES.parents[2]
        )
        self.assertEqual(code, 0)
        self.assertNotIn("no such option", text + problems)
        self.assertNotIn("mosquitto expects", text + problems)
        for number, line in enumerate(
            (FIXTURES / "every_option.conf").read_text().splitlines(), start=1
        ):
            option, _, value = line.partition(" ")
            if not option or option.startswith("#"):
                continue
            if (option, value) in UNMARKED:
                continue
            self.assertRegex(text, rf"# line {number}: `?{re.escape(option)}\b|; line {number}: ")

    def test_no_secret_is_written_down(self):
        _, text, problems = import_mosquitto(
            FIXTURES / "every_option.conf", cwd=FIXTURES.parents[2]
        )
        self.assertNotIn("geheim", text + problems)


# What says the same as mosquitto's default, or names where the default listener is.
UNMARKED = {
    ("per_listener_settings", "false"), ("bind_address", "127.0.0.1"), ("port", "1883"),
    ("max_connections", "-1"), ("tls_keyform", "pem"), ("socket_domain", "ipv4"),
    ("use_username_as_clientid", "false"), ("use_subject_as_username", "false"),
    ("max_packet_size", "200000"), ("bind_interface", "eth0"), ("tls_keyform", "engine"),
}  # fmt: skip


class SameClients(MigrationTestCase):
    """One file of mosquitto's, with its own password and acl files, in both brokers."""

    def brokers(self):
        port = free_port()
        configuration = self.file(
            "mosquitto.conf",
            f"user root\nlistener {port} 127.0.0.1\nallow_anonymous true\n"
            f"password_file {self.users()}\nacl_file {self.file('acl', ACL)}\n"
            "max_packet_size 2000\n",
        )
        self.mosquitto(configuration)
        code, text, _ = import_mosquitto(configuration)
        self.assertEqual(code, 0)
        daemon = self.start_daemon(config=text.replace(f":{port}", ":0"))
        return (("127.0.0.1", port), daemon.address)

    def test_are_let_in_and_kept_out(self):
        attempts = (
            {}, {"user": "alice", "password": "secret"}, {"user": "alice", "password": "wrong"},
            {"user": "mallory", "password": "secret"}, {"user": "bob", "password": "other"},
        )  # fmt: skip
        expected = [True, True, False, False, True]
        for address in self.brokers():
            admitted = []
            for fields in attempts:
                client = self.open(address=address)
                client.send(connect("c", **fields))
                answer = client.receive().raw
                admitted.append(answer == connack(0))
                self.assertIn(answer, (connack(0), connack(5)))
                client.close()
            self.assertEqual(admitted, expected)

    def test_may_do_the_same(self):
        outcomes = []
        for address in self.brokers():
            reader = self.client("r", address=address, user="bob", password="other")
            reader.subscribe(("home/#", 1))
            for writer in ({"user": "alice", "password": "secret"},
                           {"user": "bob", "password": "other"}, {}):
                client = self.client(f"w{writer.get('user')}", address=address, **writer)
                client.publish("home/lamp", writer.get("user", "nobody"), 1)
                client.disconnect()
            root = self.client("last", address=address, user="alice", password="secret")
            root.publish("home/lamp", "end", 1)
            payloads = []
            while not payloads or payloads[-1] != "end":
                payloads += reader.receive_payloads(1)
            outcomes.append(payloads)
        self.assertEqual(outcomes[0], ["alice", "end"])
        self.assertEqual(outcomes[1], outcomes[0])

    def test_are_closed_for_the_same_packet(self):
        for address in self.brokers():
            client = self.client("big", address=address, user="alice", password="secret")
            client.publish("home/a", b"x" * 1900, 1)
            with self.assertRaises(Closed):
                client.publish("home/a", b"x" * 2100, 1)


class WhatCannotBeTranslated(MigrationTestCase):
    def test_is_a_usage_error(self):
        for path, complaint in (
            ("/nonexistent", "/nonexistent: cannot be read: No such file or directory\n"),
            (self.folder, f"{self.folder}: cannot be read: it is a directory\n"),
            (self.file("godwit.yaml", "mqtt:\n  max_qos: 1\n"), None),
            (self.file("binary", "\0\1\2"), None),
        ):
            code, text, problems = import_mosquitto(path)
            self.assertEqual((code, text), (2, ""))
            self.assertEqual(problems.count("\n"), 1)
            self.assertEqual(problems, complaint or problems)

    def test_wants_a_file(self):
        run = subprocess.run(
            [BINARY, "import-mosquitto"], capture_output=True, text=True, timeout=DEADLINE,
            check=False,
        )
        self.assertEqual(run.returncode, 2)


class RetainedMessages(MigrationTestCase):
    def test_are_handed_over_by_a_bridge(self):
        self.daemon = self.start_daemon("auth.anonymous=allow")
        port = free_port()
        configuration = (
            f"user root\nallow_anonymous true\nlistener {port} 127.0.0.1\npersistence true\n"
            f"persistence_location {self.folder}/\n"
        )
        former = self.mosquitto(self.file("before.conf", configuration))
        client = self.client("p", address=("127.0.0.1", port))
        for number in range(3):
            client.publish(f"kept/{number}", str(number), 1, retain=True)
        former.terminate()
        former.wait()
        bridge = f"connection godwit\naddress 127.0.0.1:{self.daemon.port}\ntopic # out 1\n"
        self.mosquitto(self.file("after.conf", configuration + bridge))

        self.wait_until(lambda: self.retained() == ["0", "1", "2"], "all three")

    def retained(self):
        """The payloads of what is retained, in order."""
        reader = self.client()
        reader.subscribe(("kept/#", 0))
        payloads = []
        reader.send(PINGREQ_BYTES)
        while (got := reader.receive()).raw != PINGRESP_BYTES:
            if got.retain:
                payloads.append(got.payload.decode())
        reader.disconnect()
        return sorted(payloads)


class Differences(MigrationTestCase):
    """Each row of the table in docs/migration.md, told by both brokers."""

    def both(self, lines, settings=()):
        """Addresses of a mosquitto with these lines, and of a Godwit that lets everybody in."""
        port = free_port()
        self.mosquitto(
            self.file("mosquitto.conf", f"user root\nlistener {port} 127.0.0.1\n{lines}")
        )
        daemon = self.start_daemon("auth.anonymous=allow", *settings)
        return ("127.0.0.1", port), daemon.address

    def test_mqtt_5(self):
        mosquitto, godwit = self.both("allow_anonymous true\n")
        # With the length of its properties.
        hello = b"\x10\x10\x00\x04MQTT\x05\x02\x00\x3c\x00\x00\x03abc"
        client = self.open(address=mosquitto)
        client.send(hello)
        self.assertEqual(client.receive().raw[3], 0)
        client = self.open(address=godwit)
        client.send(hello)
        self.assertEqual(client.receive().raw[3], 1)
        client.expect_closed()

    def test_a_client_id_belongs_to_its_user(self):
        mosquitto, godwit = self.both("allow_anonymous true\n")
        for address, code in ((mosquitto, 0), (godwit, 5)):
            self.client("shared", address=address, user="alice")
            second = self.open(address=address)
            second.send(connect("shared", user="bob"))
            second.expect(connack(code))

    def test_a_subscription_that_can_bring_nothing(self):
        acl = self.file("acl", "topic read public/#\n")
        mosquitto, godwit = self.both(
            f"allow_anonymous true\nacl_file {acl}\n", (f"acl.file={acl}",)
        )
        for address, code in ((mosquitto, 1), (godwit, 0x80)):
            client = self.client("c", address=address)
            client.send(subscribe(1, ("secret/#", 1)))
            client.expect(suback(1, code))

    def test_the_path_of_a_websocket(self):
        port = free_port()
        # It does not start with listeners for WebSockets alone.
        self.mosquitto(
            self.file(
                "mosquitto.conf",
                f"user root\nallow_anonymous true\nlistener {free_port()} 127.0.0.1\n"
                f"listener {port} 127.0.0.1\nprotocol websockets\n",
            )
        )
        daemon = self.start_daemon(
            "listeners=[{name: ws, bind: '127.0.0.1:0', transport: websocket}]", listen=False
        )
        for address, path, status in (
            (("127.0.0.1", port), "/elsewhere", "101"), (("127.0.0.1", port), "/mqtt", "101"),
            (daemon.address, "/elsewhere", "404"), (daemon.address, "/mqtt", "101"),
        ):  # fmt: skip
            client = WebSocketClient(address, request(path))
            self.addCleanup(client.close)
            self.assertEqual(client.answer_head.split()[1], status)

    def test_rules_and_mount_points(self):
        acl = self.file("acl", "topic readwrite m/mounted\ntopic readwrite plain\n")
        port, mounted = free_port(), free_port()
        self.mosquitto(
            self.file(
                "mosquitto.conf",
                f"user root\nallow_anonymous true\nacl_file {acl}\nlistener {port} 127.0.0.1\n"
                f"listener {mounted} 127.0.0.1\nmount_point m/\n",
            )
        )
        daemon = self.start_daemon(
            "listeners=[{name: a, bind: '127.0.0.1:0', mount_point: m/, anonymous: allow}]",
            f"acl.file={acl}", listen=False,
        )
        for address, allowed in ((("127.0.0.1", mounted), "mounted"), (daemon.address, "plain")):
            client = self.client("c", address=address)
            client.send(subscribe(1, ("mounted", 1), ("plain", 1)))
            client.receive()
            other = self.client("p", address=address)
            other.publish("mounted", "mounted", 1)
            other.publish("plain", "plain", 1)
            other.publish(allowed, "end", 1)
            payloads = []
            while not payloads or payloads[-1] != "end":
                payloads += client.receive_payloads(1)
            self.assertEqual(payloads, [allowed, "end"])

    def test_a_broker_that_is_killed(self):
        """With persistence in both: mosquitto saves every half an hour."""
        port = free_port()
        configuration = self.file(
            "mosquitto.conf",
            f"user root\nallow_anonymous true\nlistener {port} 127.0.0.1\npersistence true\n"
            f"persistence_location {self.folder}/\n",
        )
        state = self.folder / "state"

        def start():
            return self.mosquitto(configuration), self.start_daemon(state=state)

        first, daemon = start()
        for address in (("127.0.0.1", port), daemon.address):
            self.client("p", address=address).publish("kept", "1", 1, retain=True)
        first.kill()
        first.wait()
        daemon.kill()
        _, daemon = start()
        for address, retained in ((("127.0.0.1", port), []), (daemon.address, ["1"])):
            client = self.client("c", address=address)
            client.subscribe(("#", 1))
            self.client("p", address=address).publish("end", "end", 1)
            payloads = []
            while not payloads or payloads[-1] != "end":
                payloads += client.receive_payloads(1)
            self.assertEqual(payloads, [*retained, "end"])


if __name__ == "__main__":
    unittest.main()
