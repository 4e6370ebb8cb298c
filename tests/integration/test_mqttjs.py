"""mqtt.js over WebSocket, in Node and in headless Chromium, with a restart of the broker amid it."""

import functools
import http.server
import os
import pathlib
import queue
import tempfile
import threading
import unittest
import urllib.parse

from certificates import Authority
from godwit_daemon import NoDaemonTestCase, Program

E2E = pathlib.Path(__file__).resolve().parents[1] / "e2e"
# A browser has a start of its own, on a machine that is busy with it.
DEADLINE = 90.0


class Site(http.server.SimpleHTTPRequestHandler):
    """Serves the page of the test, and takes the lines that it reports."""

    def __init__(self, lines, *arguments):
        self._lines = lines
        super().__init__(*arguments, directory=str(E2E))

    def do_POST(self):
        size = int(self.headers["Content-Length"])
        self._lines.put(self.rfile.read(size).decode())
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_):
        pass


class MqttJs(NoDaemonTestCase):
    scheme = "ws"
    listener = ""  # what its listener has beside the address
    environment = ()  # of Node

    def setUp(self):
        self.assertTrue(
            (E2E / "node_modules/mqtt").is_dir(), "mqtt.js is missing: scripts/install-deps test"
        )
        folder = tempfile.TemporaryDirectory(prefix="godwit-test-", ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.prepare()
        self.daemon = self.start(0)

    def prepare(self):
        """Makes the files that the listener needs."""

    def start(self, port):
        keys = f'bind: "127.0.0.1:{port}", transport: websocket{self.listener}'
        return self.start_daemon(
            config=f"listeners: [{{{keys}}}]",
            state=os.path.join(self.folder, "state"),
        )

    def restart(self):
        """As after a crash, on the same port with the same state."""
        self.daemon.kill()
        self.daemon = self.start(self.daemon.port)

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.daemon.port}/mqtt"

    def test_in_node(self):
        self.assertIn(f"{self.scheme} 127.0.0.1:", self.daemon.ready_line)
        node = Program(self, "env", *self.environment, "node", E2E / "node.mjs", self.url)
        node.lines.wait_for("^restart$", deadline=DEADLINE)
        self.restart()
        node.wait(DEADLINE)
        self.assertEqual(node.lines.all(), ["restart", "passed"])

    def test_in_chromium(self):
        lines = queue.Queue()
        page = self.open_page(lines)
        self.assertEqual(lines.get(timeout=DEADLINE), "restart", page.lines.text())
        self.restart()
        self.assertEqual(lines.get(timeout=DEADLINE), "passed", page.lines.text())

    def open_page(self, lines):
        site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Site, lines))
        threading.Thread(target=site.serve_forever, daemon=True).start()
        self.addCleanup(site.server_close)
        self.addCleanup(site.shutdown)
        query = urllib.parse.urlencode({"url": self.url})
        return Program(
            self, "chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
            "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
            "--remote-debugging-port=0", "--ignore-certificate-errors", f"--user-data-dir={self.folder}/browser",
            f"http://127.0.0.1:{site.server_port}/page.html?{query}",
        )


class MqttJsOverTls(MqttJs):
    scheme = "wss"

    def prepare(self):
        Authority(pathlib.Path(self.folder), "root").issue("server")
        files = f"certificate: {self.folder}/server.pem, private_key: {self.folder}/server.key"
        self.listener = f", tls: {{{files}}}"
        self.environment = [f"NODE_EXTRA_CA_CERTS={self.folder}/root.pem"]


if __name__ == "__main__":
    unittest.main()
