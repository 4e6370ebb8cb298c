"""What the Debian package brings beside the program."""

import pathlib
import re
import subprocess
import tempfile
import unittest

from test_cli import godwit

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGING = ROOT / "packaging"
SAMPLE = ROOT / "config/godwit.yaml"


class ConffileTest(unittest.TestCase):
    """/etc/godwit/godwit.yaml as it is installed."""

    def setUp(self):
        self.text = subprocess.run(
            [PACKAGING / "comment-out", SAMPLE], capture_output=True, text=True, check=True
        ).stdout
        folder = tempfile.TemporaryDirectory(prefix="godwit-test-")
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "godwit.yaml"

    def effective(self, text):
        self.path.write_text(text)
        run = godwit("check", "-c", str(self.path))
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return run.stdout

    def test_it_sets_nothing(self):
        self.assertEqual(self.effective(self.text), self.effective(""))
        for line in self.text.splitlines():
            self.assertRegex(line, r"^ *(#|$)")

    def test_each_key_is_there_to_be_uncommented(self):
        uncommented = re.sub(r"(?m)^#(?=  |[a-z_]+:)", "", self.text)
        self.assertEqual(uncommented.split("\n\n", 1)[1], SAMPLE.read_text().split("\n\n", 1)[1])
        self.assertEqual(self.effective(uncommented), self.effective(""))

    def test_one_key_and_its_section_are_enough(self):
        changed = self.text.replace("#mqtt:", "mqtt:").replace("#  max_qos: 2", "  max_qos: 1")
        self.assertIn("\n  max_qos: 1\n", self.effective(changed))


if __name__ == "__main__":
    unittest.main()
