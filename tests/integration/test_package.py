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
            [PACKAGING / "debian/make-configuration", SAMPLE], capture_output=True, text=True, check=True
        ).stdout
        folder = tempfile.TemporaryDirectory(prefix="godwit-test-")
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "godwit.yaml"

    def effective(self, text, *flags):
        self.path.write_text(text)
        run = godwit("check", "-c", str(self.path), *flags)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        return run.stdout

    def test_it_sets_nothing_but_where_the_data_is(self):
        self.assertEqual(self.effective(self.text), self.effective("", "--data-dir", "/var/lib/godwit"))
        set_lines = [line for line in self.text.splitlines() if not re.match(r" *(#|$)", line)]
        self.assertEqual(set_lines, ["node:", "  data_dir: /var/lib/godwit"])

    def test_each_key_is_there_to_be_uncommented(self):
        uncommented = re.sub(r"(?m)^#(?=  |[a-z_]+:)", "", self.text)
        sample = re.sub(r"data_dir: .*", "data_dir: /var/lib/godwit", SAMPLE.read_text())
        self.assertEqual(uncommented.split("\n\n", 1)[1], sample.split("\n\n", 1)[1])
        self.assertEqual(
            self.effective(uncommented), self.effective("", "--data-dir", "/var/lib/godwit")
        )

    def test_one_key_and_its_section_are_enough(self):
        changed = self.text.replace("#mqtt:", "mqtt:").replace("#  max_qos: 2", "  max_qos: 1")
        self.assertIn("\n  max_qos: 1\n", self.effective(changed))


if __name__ == "__main__":
    unittest.main()
