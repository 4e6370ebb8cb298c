"""/metrics: for promtool, for a real Prometheus that scrapes, and for what docs/ say of it."""

import json
import os
import re
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request

from godwit_daemon import DEADLINE, DaemonTestCase, Program, free_port, on_loops
from raw_client import RawClients, connack, connect, suback, subscribe

DOCS = os.path.join(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))),
                    "docs")

# The contract's, which dashboards and alerts of users are made of.
NAMES = {
    "godwit_connections", "godwit_sessions", "godwit_subscriptions", "godwit_shared_subscriptions",
    "godwit_retained_messages", "godwit_messages_received_total", "godwit_messages_sent_total",
    "godwit_messages_dropped_total", "godwit_bytes_received_total", "godwit_bytes_sent_total",
    "godwit_packets_received_total", "godwit_packets_sent_total", "godwit_connects_total",
    "godwit_queued_messages", "godwit_inflight_messages", "godwit_publish_latency_seconds",
    "godwit_store_commit_seconds", "godwit_process_resident_memory_bytes", "godwit_build_info",
}  # fmt: skip

NAME = re.compile(r"\bgodwit_[a-z0-9_]+")
PARTS_OF_A_HISTOGRAM = re.compile(r"_(bucket|sum|count)$")

PROMETHEUS_CONFIG = """\
global: {{scrape_interval: 1s}}
scrape_configs:
  - job_name: godwit
    static_configs: [{{targets: ["127.0.0.1:{port}"]}}]
"""


class Scraped:
    """The text of /metrics, by series."""

    def __init__(self, text):
        self.text = text
        self.types = dict(re.findall(r"^# TYPE (\S+) (\S+)$", text, re.MULTILINE))
        lines = (line for line in text.splitlines() if not line.startswith("#"))
        self.values = {name: float(value) for name, value in (one.rsplit(" ", 1) for one in lines)}

    def __getitem__(self, series):
        return self.values[series]


class MetricsTestCase(RawClients, DaemonTestCase):
    def setUp(self):
        self.daemon = self.start_daemon(admin=True)

    def scrape(self):
        url = f"http://127.0.0.1:{self.daemon.admin_port}/metrics"
        with urllib.request.urlopen(url, timeout=DEADLINE) as answer:
            self.assertRegex(answer.headers["Content-Type"], r"^text/plain; version=0\.0\.4")
            return Scraped(answer.read().decode())

    def wait_for_series(self, series, value):
        """The first scrape that has it. A client hears of what it did before it is counted."""
        seen = []

        def there():
            seen[:] = [self.scrape()]
            return seen[0][series] == value

        self.wait_until(there, f"{series} is {value}")
        return seen[0]


@on_loops(1, 3)
class MetricsTest(MetricsTestCase):
    def test_promtool_finds_no_fault(self):
        check = subprocess.run(["promtool", "check", "metrics"], input=self.scrape().text,
                               capture_output=True, text=True, timeout=DEADLINE, check=False)
        self.assertEqual((check.stdout, check.stderr, check.returncode), ("", "", 0))

    def test_every_name_of_the_contract_is_there_from_the_start(self):
        scraped = self.scrape()
        self.assertLessEqual(NAMES, scraped.types.keys())
        for series, value in scraped.values.items():
            if not re.match(r"godwit_(build_info|process_|store_commit)", series):
                self.assertEqual(value, 0, series)

    def test_what_clients_do_is_counted(self):
        subscriber = self.client("s").subscribe(("t/#", 1), ("$share/g/u", 0))
        publisher = self.client("p")
        publisher.publish("t/0", "0").publish("t/1", "1", 1).publish("t/2", "2", 2, retain=True)
        subscriber.receive_payloads(3)
        stays = self.client("stays", clean=False).subscribe(("q", 1))
        stays.disconnect()
        publisher.publish("q", "waits", 1)
        publisher.publish("$share/g/u", "to nobody", 1)
        scraped = self.wait_for_series('godwit_disconnects_total{reason="disconnect"}', 1)
        for series, value in {
            "godwit_connections": 2,
            'godwit_sessions{state="connected"}': 2,
            'godwit_sessions{state="persistent"}': 1,
            "godwit_subscriptions": 2,
            "godwit_shared_subscriptions": 1,
            "godwit_retained_messages": 1,
            "godwit_queued_messages": 1,
            'godwit_messages_received_total{qos="0"}': 1,
            'godwit_messages_received_total{qos="1"}': 3,
            'godwit_messages_received_total{qos="2"}': 1,
            'godwit_messages_sent_total{qos="0"}': 1,
            'godwit_messages_sent_total{qos="1"}': 2,
            'godwit_messages_dropped_total{reason="not_routable"}': 1,
            'godwit_connects_total{result="accepted"}': 3,
            'godwit_packets_received_total{type="connect"}': 3,
            'godwit_packets_received_total{type="publish"}': 5,
            'godwit_packets_received_total{type="pubrel"}': 1,
            'godwit_packets_received_total{type="subscribe"}': 2,
            'godwit_packets_received_total{type="disconnect"}': 1,
            'godwit_packets_sent_total{type="connack"}': 3,
            'godwit_packets_sent_total{type="publish"}': 3,
            'godwit_packets_sent_total{type="suback"}': 2,
            'godwit_packets_sent_total{type="puback"}': 3,
            'godwit_packets_sent_total{type="pubrec"}': 1,
            'godwit_packets_sent_total{type="pubcomp"}': 1,
            "godwit_publish_latency_seconds_count": 3,
        }.items():
            self.assertEqual(scraped[series], value, series)
        self.assertGreater(scraped["godwit_publish_latency_seconds_sum"], 0)
        self.assertGreater(scraped["godwit_store_commit_seconds_count"], 0)
        self.assertGreater(scraped["godwit_process_resident_memory_bytes"], 1_000_000)

    def test_bytes_are_those_of_the_packets(self):
        hello, question = connect("c"), subscribe(1, ("t", 0))
        client = self.open()
        client.send(hello, question)
        client.expect(connack(), suback(1, 0))
        scraped = self.wait_for_series("godwit_bytes_sent_total", len(connack() + suback(1, 0)))
        self.assertEqual(scraped["godwit_bytes_received_total"], len(hello + question))

    def test_a_refused_client_counts_by_the_reason(self):
        stranger = self.open()
        stranger.send(connect("c", level=5))
        stranger.expect(connack(1))
        scraped = self.wait_for_series(
            'godwit_connects_total{result="unsupported_protocol"}', 1)
        self.assertEqual(scraped['godwit_connects_total{result="accepted"}'], 0)
        self.assertEqual(scraped['godwit_packets_sent_total{type="connack"}'], 1)
        self.assertEqual(scraped["godwit_bytes_sent_total"], len(connack(1)))

    def test_latency_counts_each_delivery(self):
        subscribers = [self.client(f"s{i}").subscribe(("t", 0)) for i in range(10)]
        publisher = self.client("p")
        for _ in range(5):
            publisher.publish("t", "x")
        for subscriber in subscribers:
            subscriber.receive_payloads(5)
        scraped = self.wait_for_series("godwit_publish_latency_seconds_count", 50)
        self.assertEqual(scraped['godwit_publish_latency_seconds_bucket{le="+Inf"}'], 50)
        self.assertLess(scraped["godwit_publish_latency_seconds_sum"], 50 * DEADLINE)


class PrometheusTest(MetricsTestCase):
    def test_a_real_prometheus_scrapes_it(self):
        self.clients = [self.client(f"c{i}") for i in range(3)]
        with tempfile.TemporaryDirectory(prefix="godwit-test-") as folder:
            config = os.path.join(folder, "prometheus.yml")
            with open(config, "w", encoding="ascii") as file:
                file.write(PROMETHEUS_CONFIG.format(port=self.daemon.admin_port))
            port = free_port()
            prometheus = Program(
                self, "prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder}/data",
                f"--web.listen-address=127.0.0.1:{port}",
            )
            prometheus.lines.wait_for("Server is ready to receive web requests")
            self.wait_until(lambda: self.query(port, "godwit_connections") == ["3"],
                            "godwit_connections is 3 in Prometheus", 2 * DEADLINE)
            self.assertEqual(self.query(port, "up"), ["1"])
            self.client("another")
            self.wait_until(lambda: self.query(port, "godwit_connections") == ["4"],
                            "godwit_connections is 4 in Prometheus", 2 * DEADLINE)
            self.assert_dashboard_works(port)
            prometheus.terminate()
            prometheus.wait()

    def query(self, port, expression):
        """The values of what it selects."""
        query = urllib.parse.urlencode({"query": expression})
        url = f"http://127.0.0.1:{port}/api/v1/query?{query}"
        try:
            with urllib.request.urlopen(url, timeout=DEADLINE) as answer:
                found = json.load(answer)
        except urllib.error.HTTPError as error:
            self.fail(f"{expression}: {error.read().decode()}")
        return [one["value"][1] for one in found["data"]["result"]]

    def assert_dashboard_works(self, port):
        for expression in expressions_of_dashboard():
            expression = expression.replace("$__rate_interval", "4s").replace("$instance", ".*")
            self.query(port, expression)


def expressions_of_dashboard():
    with open(os.path.join(DOCS, "grafana", "godwit.json"), encoding="utf-8") as file:
        dashboard = json.load(file)
    return [target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", [])]


class DocumentsTest(MetricsTestCase):
    def names_in(self, text):
        return {PARTS_OF_A_HISTOGRAM.sub("", name) for name in NAME.findall(text)}

    def test_the_dashboard_asks_for_what_there_is(self):
        asked = set().union(*map(self.names_in, expressions_of_dashboard()))
        self.assertEqual(asked - self.scrape().types.keys(), set())
        self.assertEqual(NAMES - asked, set())

    def test_the_page_explains_every_metric_and_no_other(self):
        with open(os.path.join(DOCS, "metrics.md"), encoding="utf-8") as file:
            self.assertEqual(self.names_in(file.read()), self.scrape().types.keys())

    def test_the_page_explains_every_reason_of_a_drop(self):
        with open(os.path.join(DOCS, "metrics.md"), encoding="utf-8") as file:
            explained = set(re.findall(r"^\| `([a-z0-9_]+)` \| [^|]*\|$", file.read(), re.MULTILINE))
        reasons = re.findall(r'^godwit_messages_dropped_total\{reason="(\w+)"\}',
                             self.scrape().text, re.MULTILINE)
        self.assertEqual(set(reasons) - explained, set())


if __name__ == "__main__":
    unittest.main()
