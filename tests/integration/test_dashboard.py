"""Each page of the dashboard does its job, with the real daemon and real clients."""

import socket
import unittest

import raw_client
from dashboard_case import DEADLINE, DashboardCase


class Pages(DashboardCase):
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
        self.run_scenario("retained")

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


if __name__ == "__main__":
    unittest.main()
