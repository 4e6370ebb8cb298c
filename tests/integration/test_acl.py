"""Rules about who may publish and receive what: the file's and the configuration's."""

import os
import signal
import tempfile
import unittest

from godwit_daemon import NoDaemonTestCase, Program, free_port, on_loops, refused
from raw_client import RawClients, Will, connack, connect, publish, subscribe
from tools import MosquittoSub, mosquitto_pub

ACL_FILE = """\
# What follows is for clients without a name.
topic read public/#
topic write inbox
topic deny public/secret

user alice
topic readwrite home/+/alice
topic home/#
topic deny home/secret/#
topic deny dev/dev1/hidden
topic %u/literal
user bob
topic read home/#
topic write home/bob
topic read $other/#
# Whoever writes and reads everything shows what the others may read and write.
user root
topic #
topic $other/#
# For all.
pattern readwrite dev/%c/#
pattern deny dev/%c/secret
pattern write users/%u/in
pattern read users/%u/#
pattern readwrite end
pattern read with space
user alice
topic write late
"""

TOPICS = (
    "public/a", "public/secret", "inbox", "home/x/alice", "home/secret/alice", "home/bob", "home",
    "late", "dev/dev1/a", "dev/dev1/hidden", "dev/dev2/a", "dev/dev1/secret", "users/alice/in",
    "users/bob/in", "users/bob/out", "%u/literal", "alice/literal", "$other/x", "with space",
    "dev", "unknown",
)  # fmt: skip

# Client id and user name.
CLIENTS = (("nobody", None), ("dev1", "alice"), ("dev2", "bob"), ("dev3", "carol"), ("r", "root"))
# Whose names try to stand for those of others.
CRAFTY = (("+", "+"), ("#", "#"), ("dev1/#", "alice/#"))


class AclTestCase(RawClients, NoDaemonTestCase):
    loops = 2

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="godwit-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def file(self, name, text):
        path = os.path.join(self.folder, name)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def start_with_rules(self, *rules, **more):
        self.daemon = self.start_daemon("acl.rules=[" + ", ".join(rules) + "]", **more)
        return self.daemon

    def codes(self, client, *filters):
        """What SUBACK says of filters, asked for at QoS 1."""
        packet_id = client.next_id()
        client.send(subscribe(packet_id, *((f, 1) for f in filters)))
        return list(client.receive().raw[4:])


class SameAsMosquitto(AclTestCase):
    def mosquitto(self, acl):
        port = free_port()
        configuration = self.file(
            "mosquitto.conf",
            f"listener {port} 127.0.0.1\nallow_anonymous true\nacl_file {acl}\nuser root\n",
        )
        broker = Program(self, "/usr/sbin/mosquitto", "-c", configuration)
        broker.lines.wait_for("mosquitto version 2.* running")
        return ("127.0.0.1", port)

    def received(self, address, client_id, user):
        """Who wrote what this client receives, by payload, of all that everybody publishes."""
        receiver = self.client(client_id, address=address, user=user)
        receiver.send(subscribe(1, ("#", 1), ("$other/#", 1), ("dev/+/a", 1)))
        receiver.receive()
        for writer_id, writer_user in (*CLIENTS, *CRAFTY):
            if writer_id == client_id:
                continue
            writer = self.client(writer_id, address=address, user=writer_user)
            for topic in TOPICS:
                writer.publish(topic, f"{writer_id} to {topic}", 1)
            writer.disconnect()
        self.client("ends", address=address).publish("end", "end", 1)
        payloads = set()
        while True:
            (payload,) = receiver.receive_payloads(1)
            if payload == "end":
                break
            payloads.add(payload)
        receiver.disconnect()
        return sorted(payloads)

    def test_the_same_file_lets_the_same_clients_have_the_same(self):
        acl = self.file("acl", ACL_FILE)
        mosquitto = self.mosquitto(acl)
        daemon = self.start_daemon(f"acl.file={acl}")
        everything = 0
        for client_id, user in CLIENTS:
            with self.subTest(client=client_id):
                expected = self.received(mosquitto, client_id, user)
                everything += len(expected)
                self.assertEqual(self.received(daemon.address, client_id, user), expected)
        # The comparison is about something.
        self.assertGreater(everything, 30)
        daemon.log.wait_for("rules name users, and nobody checks")


@on_loops(1, 3)
class Rules(AclTestCase):
    def test_the_tools_of_mosquitto_get_what_they_may(self):
        daemon = self.start_with_rules(
            '{permit: deny, topics: ["sensors/secret"]}', '{permit: allow, topics: ["sensors/#"]}'
        )
        reader = MosquittoSub(self, daemon, topic="#", qos=1, count=2)
        for topic in ("sensors/a", "sensors/secret", "other", "sensors/b"):
            mosquitto_pub(self, daemon, "-m", topic, topic=topic, qos=1)
        self.assertEqual(
            reader.messages(), ["sensors/a 1 0 sensors/a", "sensors/b 1 0 sensors/b"]
        )

    def test_suback_tells_what_is_refused(self):
        self.start_with_rules(
            '{permit: deny, topics: ["a/secret"]}',
            '{permit: allow, topics: ["a/#", "users/%u/#", "cmd/%c", "eq sensors/#"]}',
        )
        client = self.client("c", user="alice")
        self.assertEqual(
            self.codes(
                client, "a/b", "a/secret", "b", "+/b", "users/alice/#", "users/bob/#", "cmd/c",
                "cmd/d", "sensors/#", "sensors/a", "$share/g/a/b", "$share/g/b", "$local/a/b",
            ),
            [1, 128, 128, 1, 1, 128, 1, 128, 1, 128, 1, 128, 1],
        )

    def test_names_with_wildcards_widen_nothing(self):
        self.start_with_rules('{permit: allow, topics: ["users/%u/#", "cmd/%c"]}')
        for name in ("+", "#", "alice/#", "+/x"):
            client = self.client(name, user=name)
            self.assertEqual(
                self.codes(client, "users/alice/x", "users/#", "cmd/+", "users/+/x", "#"),
                [128] * 5,
            )
            client.disconnect()

    def test_addresses_and_unix_sockets(self):
        path = os.path.join(self.folder, "mqtt.sock")
        self.daemon = self.start_daemon(
            config=f"""
listeners:
  - {{name: tcp, bind: "127.0.0.1:0"}}
  - {{name: local, bind: "unix:{path}"}}
acl:
  rules:
    - {{permit: allow, address: 127.0.0.0/8, topics: [near]}}
    - {{permit: deny, address: 0.0.0.0/0, topics: [socket]}}
    - {{permit: allow, topics: [socket]}}
"""
        )
        self.assertEqual(self.codes(self.client("tcp"), "near", "socket"), [1, 128])
        local = self.client("local", address=path)
        self.assertEqual(self.codes(local, "near", "socket"), [128, 1])

    def test_a_denied_publish_is_ignored_or_ends_the_connection(self):
        rule = '{permit: allow, topics: ["open"]}'
        self.start_with_rules(rule)
        reader = self.client("reader").subscribe(("open", 1))
        self.client("writer").publish("closed", "x", 2).publish("open", "y", 1)
        reader.expect_publish("open", "y", 1)
        strict = self.start_daemon(f"acl.rules=[{rule}]", "acl.on_denied_publish=disconnect")
        writer = self.client("writer", address=strict.address).publish("open", "x", 1)
        writer.send(publish("closed", "x", 1, 7))
        writer.expect_closed()
        strict.log.wait_for('client disconnected client_id="writer".*reason=not_authorized')


@on_loops(1, 2)
class Reload(AclTestCase):
    def reload(self, text, expect="configuration reloaded"):
        self.file("acl", text)
        seen = len(self.daemon.log.matching(expect))
        self.daemon.process.send_signal(signal.SIGHUP)
        return self.daemon.log.wait_for(expect, seen + 1)[-1]

    def test_a_changed_file_is_in_force_for_clients_that_are_there(self):
        acl = self.file("acl", "topic a/#\ntopic b/#\n")
        self.daemon = self.start_daemon(f"acl.file={acl}")
        loses = self.client("loses", clean=False).subscribe(("a/x", 1), ("b/x", 1))
        keeps = self.client("keeps").subscribe(("#", 1), ("b/#", 1))
        writer = self.client("writer").publish("a/x", "1", 1)
        keeps.expect_publish("a/x", "1", 1)
        self.assertEqual(loses.receive_payloads(1), ["1"])
        loses.expect_quiet()  # and so it is acknowledged
        self.reload("topic b/#\n")
        loses.expect_closed()
        self.daemon.log.wait_for('client disconnected client_id="loses".*reason=reconfigured')
        writer.publish("a/x", "2", 1).publish("b/x", "3", 1)
        keeps.expect_publish("b/x", "3", 1)
        self.client("loses", True, clean=False).expect_publish("b/x", "3", 1)

    def test_a_broken_file_changes_nothing(self):
        acl = self.file("acl", "topic a\n")
        self.daemon = self.start_daemon(f"acl.file={acl}")
        line = self.reload("topic a\nnonsense\n", "configuration not reloaded")
        self.assertIn(f"{acl}:2: expected 'user', 'topic' or 'pattern'", line)
        self.assertEqual(self.codes(self.client("c"), "a", "b"), [1, 128])


class AfterARestart(AclTestCase):
    def test_a_client_id_still_belongs_to_its_user(self):
        state = os.path.join(self.folder, "state")
        self.daemon = self.start_daemon(state=state)
        self.client("c", clean=False, user="alice").subscribe(("t", 1)).close()
        self.daemon.kill()
        self.daemon = self.start_daemon(state=state)
        for user in (None, "bob"):
            thief = self.open()
            thief.send(connect("c", user=user))
            thief.expect(connack(5))
            thief.expect_closed()
        self.client("c", True, clean=False, user="alice").disconnect()

    def test_deliveries_to_absent_clients_are_checked(self):
        state = os.path.join(self.folder, "state")
        rules = ('{permit: allow, action: subscribe, username: alice, topics: ["a/#"]}',
                 '{permit: allow, action: publish, topics: ["#"]}')
        self.start_with_rules(*rules, state=state)
        reader = self.client("c", clean=False, user="alice")
        self.assertEqual(self.codes(reader, "#"), [1])
        reader.close()
        self.daemon.kill()
        self.start_with_rules(*rules, state=state)
        self.client("w").publish("a/1", "yes", 1).publish("b/1", "no", 1).publish("a/2", "yes", 2)
        back = self.client("c", True, clean=False, user="alice")
        self.assertEqual(sorted(m.topic for m in back.receive_messages(2)), ["a/1", "a/2"])
        back.expect_quiet()

    def test_a_will_that_other_rules_deny_is_dropped(self):
        state = os.path.join(self.folder, "state")
        self.daemon = self.start_daemon(state=state)
        reader = self.client("reader", clean=False).subscribe(("#", 1))
        self.client("c", will=Will("denied", "x", 1))
        self.client("d", will=Will("allowed", "x", 1))
        reader.expect_quiet()
        self.daemon.kill()
        self.start_with_rules('{permit: deny, action: publish, topics: [denied]}',
                              '{permit: allow, topics: ["#"]}', state=state)
        back = self.client("reader", True, clean=False)
        back.expect_publish("allowed", "x", 1)
        back.expect_quiet()


class BadFiles(AclTestCase):
    def test_a_file_that_is_wrong_is_named_with_its_line(self):
        acl = self.file("acl", "topic read a\n\ntopic reed b\n")
        run = refused("--set", f"acl.file={acl}")
        self.assertEqual(run.returncode, 2)
        self.assertIn(f"acl.file: {acl}:3: expected read, write, readwrite or deny", run.stderr)

    def test_a_file_that_is_missing_is_named(self):
        run = refused("--set", f"acl.file={self.folder}/missing")
        self.assertEqual(run.returncode, 2)
        self.assertIn(f"acl.file: {self.folder}/missing: cannot be read", run.stderr)


if __name__ == "__main__":
    unittest.main()
