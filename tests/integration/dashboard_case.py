"""A daemon, and a scenario of tests/e2e/dashboard/ in headless Chromium against it."""

import os
import pathlib
import tempfile

from godwit_daemon import NoDaemonTestCase, Program

E2E = pathlib.Path(__file__).resolve().parents[1] / "e2e"
# A browser has a start of its own, on a machine that is busy with it.
DEADLINE = 200.0

CONFIG = """
listeners: [{{name: indoors, bind: "127.0.0.1:{port}"}}]
{more}
"""


class DashboardCase(NoDaemonTestCase):
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
        self.daemon = self.start_daemon(
            f"admin.bind=127.0.0.1:{self.admin}",
            config=CONFIG.format(port=self.port, more=more), state=self.state, admin=True,
        )
        self.port, self.admin = self.daemon.port, self.daemon.admin_port

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
