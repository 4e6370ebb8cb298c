#!/usr/bin/python3
"""godwit-bench must notice what a broker does wrong, and bench/compare must sum up right.

The program under test is the one that the environment variable GODWIT_BENCH names.
"""

import json
import os
import subprocess
import sys
import types
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from comparison import brokers, durable, machine, results, suite
from relaying_broker import BENCH, RelayingBroker, run_bench


class VerdictTest(unittest.TestCase):
    def load(self, broker, scenario="p2p --pairs 2 --messages 50"):
        with broker:
            result = run_bench(
                *scenario.split(), "--port", str(broker.port), "--stall", "0.5", "--linger", "50"
            )
        return result.returncode, json.loads(result.stdout)

    def test_a_faithful_broker_is_exact(self):
        code, report = self.load(RelayingBroker())
        self.assertEqual(code, 0)
        self.assertTrue(report["ok"])
        self.assertEqual((report["expected"], report["delivered"]), (100, 100))

    def test_several_loops_count_the_same(self):
        scenario = "fanout --pubs 2 --subs 5 --messages 40 --threads 3"
        code, report = self.load(RelayingBroker(), scenario)
        self.assertEqual((code, report["delivered"]), (0, 400))

    def test_sessions_are_left_one_after_the_other(self):
        code, report = self.load(RelayingBroker(), "sessions --sessions 25 --conns 10")
        self.assertEqual((code, report["sessions"]), (0, 25))

    def test_a_lost_message_is_missing(self):
        code, report = self.load(RelayingBroker(lambda n, packet: [] if n == 30 else [packet]))
        self.assertEqual((code, report["missing"]), (1, 1))

    def test_a_doubled_message_is_a_duplicate(self):
        code, report = self.load(
            RelayingBroker(lambda n, packet: [packet] * (2 if n == 30 else 1))
        )
        self.assertEqual((code, report["missing"], report["dups"]), (1, 0, 1))

    def test_a_message_after_the_last_is_noticed(self):
        code, report = self.load(
            RelayingBroker(lambda n, packet: [packet] * (2 if n == 100 else 1))
        )
        self.assertEqual((code, report["dups"]), (1, 1))

    def test_an_overtaken_message_fails_when_order_is_asked_for(self):
        held = []

        def swap(number, packet):
            if number == 7:
                held.append(packet)
                return []
            return [packet, *(held.pop() for _ in list(held))]

        code, report = self.load(RelayingBroker(swap), "p2p --pairs 1 --messages 50")
        self.assertEqual((code, report["out_of_order"]), (0, 1))
        held.clear()
        scenario = "p2p --pairs 1 --messages 50 --strict-order 1"
        code, report = self.load(RelayingBroker(swap), scenario)
        self.assertEqual((code, report["out_of_order"], report["missing"]), (1, 1, 0))

    def test_a_changed_topic_is_bad(self):
        code, report = self.load(
            RelayingBroker(lambda n, packet: [packet.replace(b"p2p", b"p3p") if n == 3 else packet])
        )
        self.assertEqual((code, report["bad"]), (1, 1))

    def test_a_packet_without_end_is_bad(self):
        code, report = self.load(
            RelayingBroker(lambda n, packet: [b"\x30\xff\xff\xff\xff" if n == 3 else packet])
        )
        self.assertEqual((code, report["bad"], report["lost_conns"]), (1, 1, 1))


class UsageTest(unittest.TestCase):
    def check(self, code, *arguments):
        result = run_bench(*arguments)
        self.assertEqual(result.returncode, code, result.stderr)
        self.assertEqual(result.stdout, "")
        self.assertEqual(result.stderr.count("\n"), 1)
        return result.stderr

    def test_wrong_arguments_end_with_one_line(self):
        self.assertIn("--wat", self.check(2, "p2p", "--wat", "1"))
        self.assertIn("nosuch", self.check(2, "nosuch"))
        self.check(2)
        self.check(2, "p2p", "stray")
        self.check(2, "p2p", "--pairs", "0")
        self.check(2, "p2p", "--pairs", "1x")
        self.check(2, "p2p", "--qos", "3")
        self.check(2, "p2p", "--port")
        self.check(2, "fanin", "--mode", "other")

    def test_only_loopback_is_loaded(self):
        self.assertIn("loopback", self.check(2, "p2p", "--host", "192.0.2.1"))
        self.assertIn("loopback", self.check(2, "p2p", "--host", "localhost"))

    def test_a_refused_connect_ends_the_set_up(self):
        with RelayingBroker(connack=b"\x20\x02\x00\x05") as broker:
            self.assertIn("refused", self.check(3, "p2p", "--port", str(broker.port)))

    def test_every_scenario_explains_itself(self):
        general = run_bench("--help")
        self.assertEqual(general.returncode, 0)
        for scenario in {row.load.split()[0] for row in suite.ROWS}:
            self.assertIn(f"\n  {scenario} ", general.stdout)
            help_text = run_bench(scenario, "--help")
            self.assertEqual(help_text.returncode, 0)
            self.assertIn("--port", help_text.stdout)

    def test_every_row_of_the_suite_is_accepted(self):
        runs = {  # They get as far as connecting, where nobody answers.
            row.name: subprocess.Popen(
                [BENCH, *row.load.split(), "--port", "1"], stderr=subprocess.PIPE, text=True
            )
            for row in suite.ROWS
        }
        for name, run in runs.items():
            self.assertIn("port 1:", run.communicate()[1], name)
            self.assertEqual(run.returncode, 3, name)


class SummaryTest(unittest.TestCase):
    COMPARED = [types.SimpleNamespace(name="godwit"), types.SimpleNamespace(name="mosquitto")]
    ROW = suite.Row("row", "p2p", (suite.CPU, suite.RATE))

    def report(self, broker, cpu, rate, ok=True):
        return {"row": "row", "broker": broker, "ok": ok, "round": 0, "gen_share": 0.5,
                "cpu_us_per_msg": cpu, "rate": rate}

    def test_medians_are_of_exact_runs_and_ratios_favour_the_better(self):
        reports = [
            self.report("godwit", 2.0, 100),
            self.report("godwit", 1.0, 400),
            self.report("godwit", 4.0, 200),
            self.report("godwit", 0.1, 9999, ok=False),
            self.report("mosquitto", 20.0, 50),
        ]
        cpu, rate = results.summarize([self.ROW], self.COMPARED, reports)
        self.assertEqual(cpu["values"]["godwit"], {"median": 2.0, "min": 1.0, "max": 4.0, "runs": 3})
        self.assertEqual(cpu["ratios"], {"mosquitto": 10.0})
        self.assertEqual(rate["ratios"], {"mosquitto": 4.0})

    def test_a_broker_without_an_exact_run_has_no_figure(self):
        reports = [self.report("godwit", 0.0, 10), self.report("mosquitto", 20.0, 50, ok=False)]
        summaries = results.summarize([self.ROW], self.COMPARED, reports)
        self.assertEqual(summaries[0]["ratios"], {})
        self.assertIn("-", results.table([self.ROW], self.COMPARED, reports, summaries))
        self.assertEqual(len(results.failures(reports)), 1)


class DurableTest(unittest.TestCase):
    def test_only_the_persistent_mosquitto_keeps_its_state(self):
        with brokers.new_folder() as folder:
            def configuration(broker):
                with open(broker.command(1883, folder, suite.ROWS[0])[2], encoding="utf-8") as file:
                    return file.read()

            self.assertIn("persistence false", configuration(brokers.Mosquitto()))
            text = configuration(brokers.Mosquitto(persistent=True))
            self.assertIn(f"persistence true\npersistence_location {folder}/mosquitto/\n", text)
            self.assertNotIn("persistence false", text)

    def test_the_data_is_measured_without_rocksdbs_own_log(self):
        with brokers.new_folder() as folder:
            os.mkdir(f"{folder}/state")
            for name in ("000001.log", "LOG", "LOG.old.1"):
                with open(f"{folder}/state/{name}", "wb") as file:
                    file.write(bytes(10_000))
            instance = durable.Instance(types.SimpleNamespace(threads=1), None, folder)
            self.assertIn(instance.disk_bytes(), range(10_000, 20_000))

    def test_what_is_missing_after_a_restart_fails(self):
        with brokers.new_folder() as folder:
            godwit = f"{folder}/godwit"
            with open(godwit, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\necho 'retained messages      41'\n")
            os.chmod(godwit, 0o755)
            instance = durable.Instance(
                types.SimpleNamespace(threads=1), types.SimpleNamespace(path=godwit), folder
            )
            instance.expect(retained_messages=41)
            with self.assertRaises(durable.Failed):
                instance.expect(retained_messages=42)

    def test_a_file_system_has_a_name(self):
        self.assertEqual(machine.file_system("/proc"), "proc")


if __name__ == "__main__":
    unittest.main()
