"""`godwit store`: what a daemon left behind is checked, printed and repaired."""

import base64
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

from godwit_daemon import BINARY, DEADLINE, NoDaemonTestCase, environment_of
from raw_client import RawClients, Will, publish, pubrec


class StoreTestCase(RawClients, NoDaemonTestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="godwit-state-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.state = self.folder / "data"
        self.daemon = None

    def start(self):
        # What was not synced yet when it is killed may end anywhere, and is not called damaged then.
        self.daemon = self.start_daemon("persistence.sync=always", state=self.state)

    def store(self, subcommand, *arguments):
        arguments = arguments or ("--data-dir", str(self.state))
        return subprocess.run(
            [BINARY, "store", subcommand, *arguments], capture_output=True, text=True,
            timeout=DEADLINE, check=False, env=environment_of(self.state),
        )

    def succeed(self, subcommand, *arguments):
        run = self.store(subcommand, *arguments)
        self.assertEqual((run.returncode, run.stderr), (0, ""), run.stdout)
        return run.stdout

    def exported(self):
        return [json.loads(line) for line in self.succeed("export").splitlines()]

    def leave_state(self):
        """What a daemon has when it is killed."""
        self.start()
        self.client("absent", clean=False).subscribe(("a/#", 2), ("b", 1)).disconnect()
        self.client("other", clean=False, user="u").subscribe(("b", 0)).disconnect()
        self.client("frail", clean=False, will=Will("will", "broken", 1, True))
        publisher = self.client("publisher", clean=False)
        publisher.publish("a/1", "one", 1).publish("a/2", b"\x00\xff", 2)
        publisher.publish("kept", "valüe", 1, retain=True)
        publisher.send(publish("a/3", "three", 2, 7))
        publisher.expect(pubrec(7))
        # When these are acknowledged, the publication before is in queues and out of the log of
        # publications.
        publisher.publish("a/4", "four", 1).publish("a/5", "five", 1)
        self.daemon.kill()

    def restart(self):
        """Again, so that what was in the log is in tables then."""
        self.start()
        self.daemon.kill()

    def flip_byte(self, file, offset):
        with open(file, "r+b") as stream:
            stream.seek(offset)
            byte = stream.read(1)[0]
            stream.seek(offset)
            stream.write(bytes([byte ^ 0x41]))

    def table_with(self, text):
        """The newest one of those with that text."""
        tables = [t for t in sorted(self.state.glob("*.sst")) if text in t.read_bytes()]
        self.assertTrue(tables)
        return tables[-1]


class Export(StoreTestCase):
    def test_it_is_what_clients_put_there(self):
        self.leave_state()
        rows = self.exported()
        for row in rows:
            if row["type"] == "session" and row["client_id"] in ("absent", "other"):
                self.assertRegex(row.pop("absent_since"), r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")
            row.pop("sequence", None)

        def session(client_id, user, *subscriptions, **more):
            filters = [{"filter": f, "qos": q} for f, q in subscriptions]
            return {"type": "session", "client_id": client_id, "user_name": user, "mount_point": "",
                    "subscriptions": filters, **more}

        def message(kind, topic, qos, payload, **more):
            row = {"type": kind, "topic": topic, "qos": qos, **more}
            if isinstance(payload, str):
                row["payload"] = payload
                payload = payload.encode()
            return row | {"payload_base64": base64.b64encode(payload).decode()}

        waiting = {"client_id": "absent", "retain": False, "state": "waiting"}
        self.assertEqual(
            rows,
            [
                session("absent", None, ("a/#", 2), ("b", 1)),
                session("other", "u", ("b", 0)),
                session("frail", None, absent_since=None),
                session("publisher", None, absent_since=None),
                {"type": "incoming", "client_id": "publisher", "packet_ids": [7]},
                message("queued", "a/1", 1, "one", **waiting),
                message("queued", "a/2", 2, b"\x00\xff", **waiting),
                message("queued", "a/3", 2, "three", **waiting),
                message("queued", "a/4", 1, "four", **waiting),
                message("queued", "a/5", 1, "five", **waiting),
                message("will", "will", 1, "broken", client_id="frail", retain=True),
                message("retained", "kept", 1, "valüe", expires_at=None),
            ],
        )

    def test_it_is_the_same_each_time_and_changes_nothing(self):
        self.leave_state()
        before = {file.name: file.read_bytes() for file in self.state.iterdir()}
        first = self.succeed("export")
        self.assertEqual(self.succeed("export"), first)
        self.succeed("verify")
        self.assertEqual({file.name: file.read_bytes() for file in self.state.iterdir()}, before)

    def test_the_directory_is_found_as_serve_finds_it(self):
        self.leave_state()
        by_flag = self.succeed("export")
        config = self.folder / "godwit.yaml"
        config.write_text(f"node: {{data_dir: '{self.state}'}}\n")
        for arguments in (("-c", str(config)), ("--set", f"node.data_dir={self.state}")):
            self.assertEqual(self.succeed("export", *arguments), by_flag)
        run = subprocess.run(
            [BINARY, "store", "export"], capture_output=True, text=True, timeout=DEADLINE,
            check=False, env=environment_of(self.state),
        )
        self.assertEqual((run.returncode, run.stdout), (0, by_flag))


class Verify(StoreTestCase):
    COUNTS = {"sessions": 4, "subscriptions": 3, "queued messages": 5, "incoming QoS 2 ids": 1,
              "wills": 1, "retained messages": 1, "publications under way": 0, "replays": 0}

    def test_it_counts(self):
        self.leave_state()
        lines = self.succeed("verify").splitlines()
        counts = dict(line.rsplit(maxsplit=1) for line in lines[:8])
        self.assertEqual({name: int(count) for name, count in counts.items()}, self.COUNTS)
        self.assertEqual(lines[8:], ["undamaged"])

    def test_a_running_broker_is_left_alone(self):
        self.start()
        for subcommand in ("verify", "repair", "export"):
            run = self.store(subcommand)
            self.assertEqual((run.returncode, run.stdout), (1, ""))
            self.assertEqual(
                run.stderr, f"godwit: data directory {self.state} is in use by another process\n"
            )

    def test_a_flipped_byte_is_found(self):
        self.leave_state()
        self.restart()
        table = self.table_with(b"kept")
        self.flip_byte(table, table.read_bytes().index(b"kept"))
        run = self.store("verify")
        self.assertEqual(run.returncode, 1)
        self.assertIn(f"retained: table {table.name}: Corruption", run.stderr)
        self.assertIn("godwit store repair", run.stdout)


class Repair(StoreTestCase):
    def read_all(self, client_id, count):
        client = self.client(client_id, present=True, clean=False)
        payloads = [message.payload for message in client.receive_messages(count)]
        client.expect_quiet()
        return payloads

    def test_what_is_undamaged_is_left_alone(self):
        self.leave_state()
        self.assertEqual(self.succeed("repair"), "undamaged; nothing was changed\n")
        self.assertEqual([file.name for file in self.folder.iterdir()], ["data"])

    def test_a_damaged_table_costs_no_session_its_messages(self):
        self.leave_state()
        self.restart()
        table = self.table_with(b"kept")
        self.flip_byte(table, table.read_bytes().index(b"kept"))
        text = self.succeed("repair")
        self.assertIn(f"retained: table {table.name}", text)
        [copy] = self.folder.glob("data.damaged-*")
        self.assertIn(str(copy), text)
        self.assertIn(table.name, os.listdir(copy))
        self.assertIn("undamaged", self.succeed("verify"))
        self.start()
        self.assertEqual(
            self.read_all("absent", 5), [b"one", b"\x00\xff", b"three", b"four", b"five"]
        )

    def test_a_damaged_log_keeps_what_was_before(self):
        self.leave_state()
        [log] = self.state.glob("*.log")
        self.flip_byte(log, log.read_bytes().rindex(b"three"))
        self.assertEqual(self.store("verify").returncode, 1)
        self.succeed("repair")
        self.start()
        # The row of the publication log has the third, of which the queue's entry was damaged.
        self.assertEqual(self.read_all("absent", 3), [b"one", b"\x00\xff", b"three"])

    def test_without_current_it_is_all_there(self):
        self.leave_state()
        before = self.succeed("export")
        (self.state / "CURRENT").unlink()
        self.assertEqual(self.store("verify").returncode, 1)
        self.succeed("repair")
        self.assertEqual(self.succeed("export"), before)
        self.start()


if __name__ == "__main__":
    unittest.main()
