"""The dashboard in headless Chromium, against the real daemon and real clients. The scenarios are in
tests/e2e/dashboard/, by the same names."""

import os
import pathlib
import re
import socket
import tempfile
import unittest

import raw_client
from godwit_daemon import NoDaemonTestCase, Program

E2E = pathlib.Path(__file__).resolve().parents[1] / "e2e"
# A browser has a start of its own, on a machine that is busy with it.
DEADLINE = 200.0

CONFIG = """
listeners: [{{name: indoors, bind: "127.0.0.1:{port}"}}]
admin: {{bind: "127.0.0.1:{admin}"}}
{more}
"""


class Dashboard(NoDaemonTestCase):
    def setUp(self):
        self.assertTrue(
            (E2E / "node_modules/playwright-core").is_dir(),
            "playwright-core is missing: scripts/install-deps test",
        )
        folder = tempfile.TemporaryDirectory(prefix="godwit-test-", ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        self.state = os.path.join(folder.name, "state")
        self.port, self.admin = 0, 0

    def start(self, more=""):
        """The daemon; a later one in its place gets its ports and its state."""
        config = CONFIG.format(port=self.port, admin=self.admin, more=more)
        self.daemon = self.start_daemon(config=config, state=self.state)
        self.port = self.daemon.port
        self.admin = int(re.search(r"admin (?:http://)?127\.0\.0\.1:(\d+)", self.daemon.ready_line)[1])

    def begin(self, scenario):
        return Program(
            self, "node", E2E / "dashboard.mjs", scenario, f"http://127.0.0.1:{self.admin}",
            f"mqtt://127.0.0.1:{self.port}", self.token_file,
        )

    @property
    def token_file(self):
        return os.path.join(self.state, "admin.token")

    def finish(self, program):
        program.wait(DEADLINE)
        self.assertEqual(program.lines.all()[-1:], ["passed"], program.lines.text())

    def run_scenario(self, scenario, more=""):
        self.start(more)
        self.finish(self.begin(scenario))

    def test_overview_shows_what_flows_and_who_comes(self):
        self.run_scenario("overview")

    def test_clients_are_listed_and_found(self):
        self.run_scenario("clients")

    def test_client_is_shown_and_kicked(self):
        self.run_scenario("client")

    def test_drops_are_shown_with_their_reason(self):
        self.run_scenario("drops", "session: {max_inflight: 1, max_queued_messages: 2}")

    def test_explain(self):
        self.run_scenario("explain")

    def test_subscriptions_and_who_gets_a_topic(self):
        self.run_scenario("subscriptions")

    def test_retained_messages_are_browsed_and_deleted(self):
        self.run_scenario("retained", "sys_topics: {enabled: false}")

    def test_groups_show_their_split(self):
        self.run_scenario("groups", "node: {threads: 1}")

    def test_publishing_and_subscribing(self):
        self.run_scenario("tryout")

    def test_log_is_followed(self):
        self.run_scenario("log")

    def test_empty_pages_say_what_to_do(self):
        self.run_scenario("nothing_yet", "sys_topics: {enabled: false}")

    def test_node_and_reload(self):
        self.start("session: {max_inflight: 17}")
        program = self.begin("node")
        program.lines.wait_for("^break", deadline=DEADLINE)
        with open(self.daemon.config_path, "a", encoding="utf-8") as file:
            file.write("lisenters: []\n")
        self.finish(program)

    def test_many_clients(self):
        self.start()
        self.leave_sessions(10_000)
        self.finish(self.begin("many_clients"))

    def leave_sessions(self, count):
        for first in range(0, count, 100):
            sockets = []
            for number in range(first, first + 100):
                sock = socket.create_connection(self.daemon.address)
                sock.sendall(raw_client.connect(f"many-{number:05}", clean=False))
                sockets.append(sock)
            for sock in sockets:
                self.assertEqual(sock.recv(4), raw_client.connack())
                sock.sendall(raw_client.DISCONNECT_BYTES)
                sock.close()

    def test_wrong_token(self):
        self.run_scenario("wrong_token")

    def test_expired_session_leads_back_to_the_token(self):
        self.start()
        program = self.begin("expired")
        program.lines.wait_for("^restart", deadline=DEADLINE)
        self.daemon.stop()
        os.remove(self.token_file)
        self.start()
        self.finish(program)

    def test_daemon_that_goes_away_and_comes_back(self):
        self.start()
        program = self.begin("gone")
        program.lines.wait_for("^stop$", deadline=DEADLINE)
        self.daemon.stop()
        program.lines.wait_for("^start$", deadline=DEADLINE)
        self.start()
        self.finish(program)

    def test_names_never_become_markup(self):
        self.run_scenario("hostile_names")

    def test_unknown_page_and_client(self):
        self.run_scenario("nowhere")

    def test_payloads_as_text_json_and_hex(self):
        self.run_scenario("payloads")

    def test_figures(self):
        self.run_scenario("figures")

    def test_phone(self):
        self.run_scenario("phone")

    def test_keyboard_alone(self):
        self.run_scenario("keyboard")

    def test_light_and_dark(self):
        self.run_scenario("colours")


if __name__ == "__main__":
    unittest.main()
