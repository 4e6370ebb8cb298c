"""The command line as users and scripts meet it: output, error lines and exit codes."""

import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = os.environ.get("GODWIT_BINARY", str(ROOT / "build/dev/godwit"))

COMMANDS = ("serve", "check", "passwd", "import-mosquitto", "ctl", "store")
STORE_COMMANDS = ("verify", "repair", "export")
CTL_COMMANDS = (
    "stats", "clients", "client", "kick", "subscriptions", "retained", "shared", "publish", "explain",
    "reload", "health", "cluster",
)  # fmt: skip


# Root may read everything, unless it gives that up.
BOUND_BY_MODES = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")


def godwit(*arguments, before=(), **environment):
    """Runs the program, behind a command or not, with nothing but these variables in its environment."""
    variables = {
        name: value
        for name, value in os.environ.items()
        if name.endswith("SAN_OPTIONS") or name == "PATH"
    }
    variables |= {"HOME": "/home/nobody"} | environment
    return subprocess.run(
        [*before, BINARY, *arguments], capture_output=True, text=True, timeout=60, env=variables,
        check=False,
    )


class CliTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def file(self, text):
        path = self.folder / "godwit.yaml"
        path.write_text(text)
        return str(path)

    def check(self, text, *flags, **environment):
        """Returns what `check` prints for a file of this text."""
        run = godwit("check", "-c", self.file(text), *flags, **environment)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return run.stdout

    def assert_refused(self, run, line):
        """The one line on stderr, and nothing on stdout."""
        self.assertEqual(run.stdout, "")
        self.assertEqual(run.stderr, line + "\n")
        self.assertEqual(run.returncode, 2)

    def assert_file_refused(self, text, complaint):
        path = self.file(text)
        for command in ("check", "serve"):
            self.assert_refused(godwit(command, "-c", path), f"{path}:{complaint}")


class HelpTest(CliTest):
    def test_help_names_every_subcommand(self):
        run = godwit("--help")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        for command in COMMANDS:
            self.assertIn(f"\n  {command} ", run.stdout)

    def test_every_subcommand_has_help(self):
        for command in COMMANDS:
            run = godwit(command, "--help")
            self.assertEqual((run.returncode, run.stderr), (0, ""), command)
            self.assertIn(f"Usage: godwit {command}", run.stdout)

    def test_every_subcommand_of_store_and_ctl_has_help(self):
        for above, commands in (("store", STORE_COMMANDS), ("ctl", CTL_COMMANDS)):
            listed = godwit(above, "--help").stdout
            for command in commands:
                self.assertIn(f"\n  {command} ", listed)
                run = godwit(above, command, "--help")
                self.assertEqual((run.returncode, run.stderr), (0, ""), command)
                self.assertIn(f"Usage: godwit {above} {command}", run.stdout)

    def test_version(self):
        run = godwit("--version")
        self.assertEqual(run.returncode, 0)
        self.assertRegex(run.stdout, r"\Agodwit \d+\.\d+\.\d+\n\Z")


class UsageTest(CliTest):
    def test_unknown_words_are_answered_with_the_nearest(self):
        self.assert_refused(
            godwit("chek"), "godwit: unknown subcommand 'chek' (did you mean 'check'?)"
        )
        self.assert_refused(
            godwit("--lisen", "*:0"), "godwit: unknown flag '--lisen' (did you mean '--listen'?)"
        )
        self.assert_refused(
            godwit("check", "--cnfig", "f"),
            "godwit: unknown flag '--cnfig' (did you mean '--config'?)",
        )
        self.assert_refused(godwit("serve", "now"), "godwit: unexpected argument 'now'")

    def test_store_wants_one_of_its_subcommands(self):
        self.assert_refused(
            godwit("store"), "godwit: store: verify, repair or export is required"
        )
        self.assert_refused(
            godwit("store", "verfy"),
            "godwit: unknown subcommand 'verfy' (did you mean 'verify'?)",
        )
        self.assert_refused(
            godwit("store", "export", "--data-dri", "d"),
            "godwit: unknown flag '--data-dri' (did you mean '--data-dir'?)",
        )
        self.assert_refused(
            godwit("store", "repair", "now"), "godwit: unexpected argument 'now'"
        )

    def test_store_wants_data(self):
        missing = self.folder / "missing"
        for command in STORE_COMMANDS:
            run = godwit("store", command, "--data-dir", str(missing))
            self.assertEqual((run.returncode, run.stdout), (1, ""))
            self.assertEqual(
                run.stderr, f"godwit: data directory {missing}: No such file or directory\n"
            )
        self.assertFalse(missing.exists())

    def test_check_wants_a_file(self):
        self.assert_refused(godwit("check"), "godwit: check: -c FILE is required")

    def test_a_file_that_cannot_be_read_is_named_with_the_reason(self):
        missing = str(self.folder / "missing.yaml")
        for command in ("check", "serve"):
            self.assert_refused(
                godwit(command, "-c", missing),
                f"{missing}: cannot be read: No such file or directory",
            )
        self.assert_refused(
            godwit("-c", str(self.folder)), f"{self.folder}: cannot be read: Is a directory"
        )

    def test_a_file_without_permission_is_named_with_the_reason(self):
        path = self.file("")
        os.chmod(path, 0)
        before = BOUND_BY_MODES if os.geteuid() == 0 else ()
        self.assert_refused(godwit("-c", path, before=before),
                            f"{path}: cannot be read: Permission denied")


class ErrorLineTest(CliTest):
    def test_unknown_key(self):
        self.assert_file_refused(
            "mqtt:\n  max_qoss: 1\n",
            "2:3: mqtt.max_qoss: unknown key (did you mean 'mqtt.max_qos'?)",
        )

    def test_wrong_type(self):
        self.assert_file_refused(
            "mqtt:\n  max_qos: two\n", "2:12: mqtt.max_qos: expected a whole number, got 'two'"
        )

    def test_duplicate_key(self):
        self.assert_file_refused(
            "mqtt:\n  max_qos: 1\n  max_qos: 2\n", "3:3: mqtt.max_qos: duplicate key"
        )

    def test_out_of_range(self):
        self.assert_file_refused(
            "mqtt: {max_qos: 3}\n", "1:17: mqtt.max_qos: 3 is out of range (0 to 2)"
        )

    def test_wrong_word(self):
        self.assert_file_refused(
            "session:\n  overflow: hodl\n",
            "2:13: session.overflow: expected drop_oldest, drop_newest or hold, got 'hodl'"
            " (did you mean 'hold'?)",
        )

    def test_not_yaml(self):
        self.assert_file_refused("a: b: c\n", "1:5: not valid YAML: illegal map value")

    def test_section_that_is_not_supported(self):
        self.assert_file_refused(
            "node: {}\ncluster:\n  name: a\n", "2:1: cluster: not supported yet"
        )

    def test_variable(self):
        self.assert_refused(
            godwit(GODWIT_MQTT__MAX_QOS="9"),
            "GODWIT_MQTT__MAX_QOS: mqtt.max_qos: 9 is out of range (0 to 2)",
        )

    def test_flag(self):
        self.assert_refused(
            godwit("--set", "mqtt.max_qs=1"),
            "--set mqtt.max_qs: unknown key (did you mean 'mqtt.max_qos'?)",
        )
        self.assert_refused(
            godwit("--listen", "nowhere"),
            "--listen: expected HOST:PORT, [V6]:PORT or *:PORT, got 'nowhere'",
        )


class CheckTest(CliTest):
    def test_flags_go_before_environment_before_file(self):
        text = "mqtt: {max_qos: 0, max_topic_levels: 1, max_keep_alive: 1}\n"
        printed = self.check(
            text,
            "--set",
            "mqtt.max_keep_alive=3",
            GODWIT_MQTT__MAX_TOPIC_LEVELS="2",
            GODWIT_MQTT__MAX_KEEP_ALIVE="2",
        )
        for line in ("max_qos: 0", "max_topic_levels: 2", "max_keep_alive: 3"):
            self.assertIn(f"\n  {line}\n", printed)

    def test_listen_replaces_listeners(self):
        text = "listeners: [{name: former, bind: 'unix:/former'}]\n"
        printed = self.check(text, "--listen", "127.0.0.1:0", "--listen", "[::1]:0")
        self.assertNotIn("former", printed)
        self.assertIn('bind: "127.0.0.1:0"', printed)
        self.assertIn('bind: "[::1]:0"', printed)

    def test_flags_work_before_the_subcommand_too(self):
        run = godwit("--listen", "*:7", "-c", self.file(""), "check", "--set", "mqtt.max_qos=1")
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertIn('bind: "*:7"', run.stdout)
        self.assertIn("max_qos: 1\n", run.stdout)

    def test_environment_takes_lists(self):
        printed = self.check("", GODWIT_LISTENERS='[{name: all, bind: "*:1883"}]')
        self.assertIn('bind: "*:1883"', printed)

    def test_data_directory(self):
        self.assertIn(
            'data_dir: "/home/nobody/.local/state/godwit"', self.check("", XDG_STATE_HOME="")
        )
        self.assertIn('data_dir: "/s/godwit"', self.check("", XDG_STATE_HOME="/s"))
        self.assertIn('data_dir: "/here"', self.check("", "--data-dir", "/here"))

    def test_what_it_prints_is_the_same_configuration(self):
        printed = self.check(
            "listeners: [{bind: 'unix:/run/g', anonymous: deny}, {bind: '*:0'}]\n"
            "retained: {expiry_overrides: [{filter: '#', expiry: 90m}]}\n"
            "log: {outputs: [{file: '/a b'}]}\n"
        )
        self.assertEqual(self.check(printed), printed)

    def test_the_sample_is_the_defaults(self):
        sample = (ROOT / "config/godwit.yaml").read_text()
        self.assertEqual(self.check(sample), self.check(""))

    def test_output_that_cannot_be_written_is_a_failure(self):
        with open("/dev/full", "w") as full:
            run = subprocess.run(
                [BINARY, "check", "-c", self.file("")],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                timeout=60,
                check=False,
            )
        self.assertEqual(run.returncode, 1)
        self.assertEqual(run.stderr.count("\n"), 1)


if __name__ == "__main__":
    unittest.main()
