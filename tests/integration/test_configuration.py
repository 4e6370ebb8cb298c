"""docs/configuration.md against the program: every key, its default, its type and range, and no other."""

import pathlib
import re
import subprocess
import tempfile
import unittest

import yaml

from test_cli import godwit

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCUMENT = ROOT / "docs/configuration.md"

TABLE = "| key | default | meaning |"
# What a count, a size and a duration go up to where the page says nothing else.
GENERAL_MAXIMA = {"2147483647", "1099511627776", "1TiB", "36500d"}
WRONG, TOO_LARGE = "[[[]]]", {"whole number": "9" * 17, "size": "9" * 17, "duration": "9999999d"}
# What is in force is not what is written: it comes from elsewhere, or this test has set it.
DEPENDING = {
    "node.name": "", "node.data_dir": "", "listeners.anonymous": "", "listeners.tls.psk_file": "",
    "acl.rules": [], "admin.token_file": "",
}
# Maps whose keys the user names.
MAPS = ("auth.jwt.claims", "shared_subscriptions.groups")
# Where a key is absent by default, something that has it.
LISTENER_WITH_TLS = 'listeners=[{{tls: {{psk_file: "{psk}"}}}}]'
RULE = 'acl.rules=[{permit: allow, topics: ["#"]}]'


def rows(text):
    """(section, key that the table is about, key, default, meaning) of each table row."""
    section = about = None
    in_table = False
    for line in text.splitlines():
        if line.startswith("## "):
            section, about = line[3:].strip(), ""
        elif line == TABLE:
            in_table = True
        elif not line.startswith("|"):
            in_table = False
            if line.strip():
                named = re.search(r"`(\w+)`", line)
                about = named[1] if named else line
        elif in_table and not line.startswith("|-"):
            key, default, meaning = (cell.strip() for cell in re.split(r"(?<!\\)\|", line[1:-1], maxsplit=2))
            yield section, about, key.strip("`"), default, meaning


def documented():
    """What the page says, by the whole key."""
    found = {}
    maps = {"acl.rules"}
    for section, about, key, default, meaning in rows(DOCUMENT.read_text()):
        below = "acl.rules" if about.startswith("A rule") else f"{section}.{about}"
        path = f"{below}.{key}" if below in maps else f"{section}.{key}"
        if default in ("off", ""):
            maps.add(path)  # its keys have a table of their own
        assert path not in found, f"{path} stands there twice"
        found[path] = (default, meaning)
    return found


def leaves(value, path=""):
    """Every key of a configuration with its value; of a list of maps, those of the first item."""
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = value[0]
    if isinstance(value, dict) and path not in MAPS:
        for key, below in value.items():
            yield from leaves(below, f"{path}.{key}" if path else key)
    if path:
        yield path, value


class ReferenceTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="godwit-test-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.empty = cls.folder / "empty.yaml"
        cls.empty.write_text("")
        psk = cls.folder / "psk"
        psk.write_text("device:00112233445566778899aabbccddeeff\n")
        psk.chmod(0o600)
        cls.tls = LISTENER_WITH_TLS.format(psk=psk)
        cls.documented = documented()

        defaults = dict(leaves(cls.effective()))
        for setting, below in ((cls.tls, "listeners.tls"), (RULE, "acl.rules.")):
            for key, value in leaves(cls.effective(setting)):
                if key.startswith(below):
                    defaults[key] = value
        # A section has no default of its own.
        cls.defaults = {key: value for key, value in defaults.items() if "." in key}

    @classmethod
    def effective(cls, *settings):
        flags = [word for setting in settings for word in ("--set", setting)]
        run = godwit("check", "-c", str(cls.empty), *flags)
        assert run.returncode == 0, run.stderr
        return yaml.safe_load(run.stdout)

    def complaint(self, key, value):
        """What the program says about a wrong value of a key."""
        if key.startswith("listeners.tls."):
            setting = f"listeners=[{{tls: {{{key.split('.')[2]}: {value}}}}}]"
        elif key.startswith("acl.rules."):
            setting = f"acl.rules=[{{{key.split('.')[2]}: {value}}}]"
        elif key.startswith("listeners."):
            setting = f"listeners=[{{{key.split('.')[1]}: {value}}}]"
        else:
            setting = f"{key}={value}"
        run = godwit("check", "-c", str(self.empty), "--set", setting)
        self.assertEqual(run.returncode, 2, f"{setting}: {run.stdout}{run.stderr}")
        return run.stderr

    def test_every_key_is_there_and_no_other(self):
        self.assertEqual(sorted(set(self.defaults) - set(self.documented)), [], "not documented")
        self.assertEqual(sorted(set(self.documented) - set(self.defaults)), [], "no such key")

    def test_the_defaults_are_true(self):
        for key, (written, _) in self.documented.items():
            value = self.defaults[key]
            with self.subTest(key=key):
                if written in ("off", ""):
                    # It has a table of its own, or must be given.
                    self.assertTrue(isinstance(value, dict) or key.startswith("acl.rules."), value)
                elif key in DEPENDING:
                    self.assertEqual(yaml.safe_load(written.strip("`")), DEPENDING[key])
                else:
                    self.assertEqual(str(yaml.safe_load(written.strip("`"))), str(value))

    def test_the_types_choices_and_ranges_are_true(self):
        for key, (default, meaning) in self.documented.items():
            with self.subTest(key=key):
                expected = re.search(r"expected (.+?)(, got .*)?$", self.complaint(key, WRONG).strip())
                self.assertIsNotNone(expected, self.complaint(key, WRONG))
                self.assert_said(key, expected[1], default + " " + meaning)

    def assert_said(self, key, expected, text):
        choices = re.fullmatch(r"((?:\S+, )*\S+) or (\S+)", expected)
        if choices and "true" not in expected:
            for choice in [*choices[1].split(", "), choices[2]]:
                self.assertIn(f"`{choice}`", text)
            return
        for kind, value in TOO_LARGE.items():
            if kind in expected:
                bounds = re.search(r"out of range \((?:0, or )?(\S+) to (\S+?)(?:, or 0)?\)", self.complaint(key, value))
                self.assertIsNotNone(bounds, key)
                if bounds[2] not in GENERAL_MAXIMA:
                    self.assertRegex(text, rf"\b{bounds[2]}\b")


if __name__ == "__main__":
    unittest.main()
