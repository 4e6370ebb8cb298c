"""What goes wrong for a user of the dashboard, and for whom it must work all the same: on a phone, by
keyboard, in the dark."""

import os
import unittest

from dashboard_case import DEADLINE, DashboardCase


class Trouble(DashboardCase):
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
