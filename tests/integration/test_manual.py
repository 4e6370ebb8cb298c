"""The man pages and the completions of shells: all that the program understands is in them."""

import functools
import os
import pathlib
import re
import subprocess
import unittest

import yaml

from godwit_daemon import BINARY, DEADLINE

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = ROOT / "packaging/man"
COMPLETION = ROOT / "packaging/completion"


def output_of(*command, **environment):
    run = subprocess.run(
        command, capture_output=True, text=True, timeout=DEADLINE, check=False,
        env=os.environ | environment,
    )
    return run.stdout, run.stderr


@functools.cache
def help_of(words):
    return output_of(BINARY, *words, "--help")[0]


def part_of(text, heading):
    found = re.search(rf"(?ms)^{heading}:\n(.*?)(?=^\S|\Z)", text)
    return found[1] if found else ""


def options_of(words):
    """Short and long names."""
    lines = re.findall(r"(?m)^  (-\S+)", part_of(help_of(tuple(words)), "Options"))
    return {name for line in lines for name in line.split(",")}


def subcommands_of(words):
    return re.findall(r"(?m)^  ([a-z]\S*)", part_of(help_of(tuple(words)), "Subcommands"))


def every_command(words=()):
    yield words
    for name in subcommands_of(words):
        yield from every_command((*words, name))


class ManPages(unittest.TestCase):
    def rendered(self, name):
        text, complaints = output_of(
            "man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z", str(PAGES / name),
            MANROFFSEQ="", LC_ALL="C.UTF-8",
        )
        self.assertEqual(complaints, "")
        self.assertTrue(text)
        text, _ = output_of("man", "-l", str(PAGES / name), MANWIDTH="100", LC_ALL="C.UTF-8")
        return re.sub(r".\x08", "", text).replace("\u2010", "-").replace("\u2212", "-")

    def test_are_what_make_man_writes(self):
        run = subprocess.run(
            [ROOT / "scripts/make-man", "--check", BINARY], capture_output=True, text=True,
            timeout=10 * DEADLINE, check=False,
        )
        self.assertEqual((run.returncode, run.stderr), (0, ""))

    def test_godwit_has_every_subcommand_and_option(self):
        text = self.rendered("godwit.1")
        commands = list(every_command())
        self.assertGreater(len(commands), 20)
        for words in commands:
            self.assertIn(" ".join(words), text)
            for option in options_of(words):
                self.assertRegex(text, rf"(^|[\s,]){re.escape(option)}\b", words)

    def test_godwit_yaml_has_every_key(self):
        text = self.rendered("godwit.yaml.5")
        printed = output_of(BINARY, "check", "-c", str(ROOT / "config/godwit.yaml"))[0]
        keys = 0
        for section, content in yaml.safe_load(printed).items():
            self.assertRegex(text, rf"(?m)^{section.upper()}$")
            first = content[0] if isinstance(content, list) else content
            for key in first:
                self.assertRegex(text, rf"(?m)^ +{key}\b", section)
                keys += 1
        self.assertGreater(keys, 50)


class Completion:
    """Mixin: what a shell offers behind each command; `offers(*words)` asks it."""

    def test_every_subcommand(self):
        for words in every_command():
            if subcommands_of(words):
                self.assertLessEqual(set(subcommands_of(words)), self.offers(*words, ""), words)

    def test_every_option(self):
        for words in every_command():
            self.assertEqual(self.offers(*words, "--"), self.beginning("--", words), words)

    def test_a_beginning(self):
        self.assertEqual(self.offers("ctl", "cl"), self.beginning("cl", ("ctl",)))
        self.assertEqual(self.offers("ctl", "--json", "--url", "x", "retained", "g") & {"get"},
                         {"get"})  # fmt: skip

    def test_values(self):
        self.assertLessEqual({"debug", "error"}, self.offers("--log-level", ""))
        self.assertLessEqual({"0", "1", "2"}, self.offers("ctl", "publish", "-q", ""))

    def beginning(self, text, words):
        return {name for name in options_of(words) | set(subcommands_of(words))
                if name.startswith(text)}  # fmt: skip


class Bash(Completion, unittest.TestCase):
    def offers(self, *words):
        quoted = " ".join(f"'{word}'" for word in (BINARY, *words))
        text, complaints = output_of(
            "bash", "-c",
            f"source '{COMPLETION}/godwit.bash'; COMP_WORDS=({quoted}); COMP_CWORD={len(words)}; "
            'COMPREPLY=(); _godwit; printf "%s\\n" "${COMPREPLY[@]}"',
        )
        self.assertEqual(complaints, "")
        return set(text.split())

    def test_files(self):
        self.assertIn(str(ROOT / "CMakeLists.txt"), self.offers("-c", str(ROOT / "CMakeL")))


class Zsh(Completion, unittest.TestCase):
    # What zsh's own completion would be asked for, printed; it drops what does not fit.
    FAKES = """
        compadd() { print -l -- "$@" }
        _files() { print files }
        _describe() { print -l -- ${${(P)2}%%:*} }
    """

    def offers(self, *words):
        quoted = " ".join(f"'{word}'" for word in (BINARY, *words))
        text, complaints = output_of(
            "zsh", "-f", "-c",
            f"{self.FAKES}; words=({quoted}); CURRENT={len(words) + 1}; "
            f"source '{COMPLETION}/_godwit'",
        )
        self.assertEqual(complaints, "")
        return {name for name in text.split() if name.startswith(words[-1])}

    def test_files(self):
        self.assertEqual(self.offers("import-mosquitto", ""), {"files"})

    def test_says_what_a_subcommand_does(self):
        described = self.FAKES.replace("%%:*", "")
        text, _ = output_of(
            "zsh", "-f", "-c",
            f"{described}; words=('{BINARY}' ctl ''); CURRENT=3; source '{COMPLETION}/_godwit'",
        )
        self.assertIn("kick:Close a client's connection\n", text)


if __name__ == "__main__":
    unittest.main()
