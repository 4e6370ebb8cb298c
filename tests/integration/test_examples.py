"""The programs of docs/examples, as their readers would run them."""

import contextlib
import functools
import http.server
import os
import pathlib
import signal
import tempfile
import threading
import unittest
import urllib.parse

from godwit_daemon import DaemonTestCase, NoDaemonTestCase, Program
from tools import MosquittoSub, mosquitto_pub

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs/examples"
MQTT_JS = ROOT / "tests/e2e/node_modules/mqtt/dist/mqtt.min.js"
# A browser has a start of its own, on a machine that is busy with it.
DEADLINE = 90.0


class ExamplesTest(DaemonTestCase):
    def example(self, name, *arguments):
        return Program(self, "/usr/bin/python3", EXAMPLES / name, *arguments)

    def address(self):
        return "127.0.0.1", self.daemon.port

    def kill_children(self, pid):
        """The clients that a shell started, which outlive it."""
        with contextlib.suppress(FileNotFoundError):
            for child in pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(child), signal.SIGKILL)

    def test_the_thermometer_tells_the_temperature_and_that_it_is_gone(self):
        status = MosquittoSub(self, self.daemon, topic="home/kitchen/thermometer", qos=1, count=2)
        thermometer = self.example("thermometer.py", *self.address())
        readings = MosquittoSub(self, self.daemon, topic="home/kitchen/temperature", qos=1, count=2)
        for message in readings.messages():
            self.assertRegex(message, r"^home/kitchen/temperature 1 [01] \d\d\.\d$")
        thermometer.kill()
        self.assertEqual(
            [line.split()[-1] for line in status.messages()], ["online", "offline"]
        )

    def test_the_recorder_gets_what_came_while_it_was_away(self):
        recorder = self.example("recorder.py", *self.address())
        recorder.lines.wait_for("^subscribed$")
        mosquitto_pub(self, self.daemon, "-m", "1", topic="home/a", qos=1)
        recorder.lines.wait_for("^home/a 1$")
        recorder.kill()
        recorder.wait()
        mosquitto_pub(self, self.daemon, "-m", "2", topic="home/a", qos=1)
        self.example("recorder.py", *self.address()).lines.wait_for("^home/a 2$")

    def test_each_job_goes_to_one_worker(self):
        workers = [self.example("worker.py", name, *self.address()) for name in ("ann", "bob")]
        for worker in workers:
            worker.lines.wait_for("^subscribed$")
        for job in range(4):
            mosquitto_pub(self, self.daemon, "-m", job, topic="jobs/sweep", qos=1)
        for worker in workers:
            worker.lines.wait_for(" does ", count=2)
        done = [line.split()[-1] for worker in workers for line in worker.lines.matching(" does ")]
        self.assertEqual(sorted(done), ["0", "1", "2", "3"])

    def test_the_alarm_goes_on_and_off_once(self):
        alarms = MosquittoSub(self, self.daemon, topic="home/kitchen/alarm", qos=1, count=3)
        readings = (21, 26, 27, 22)
        mosquitto_pub(self, self.daemon, "-r", "-m", readings[0], topic="home/kitchen/temperature", qos=1)
        alarm = Program(self, EXAMPLES / "alarm.sh", "25", "-h", "127.0.0.1", "-p", self.daemon.port)
        self.addCleanup(self.kill_children, alarm.pid)
        alarms.lines.wait_for("off$")  # it has taken the first reading
        for reading in readings[1:]:
            mosquitto_pub(self, self.daemon, "-m", reading, topic="home/kitchen/temperature", qos=1)
        self.assertEqual([line.split()[-1] for line in alarms.messages()], ["off", "on", "off"])


class Site(http.server.BaseHTTPRequestHandler):
    """The page, which gets mqtt.js from here instead of from the network."""

    def do_GET(self):
        page = (EXAMPLES / "lamp.html").read_text()
        script = "https://unpkg.com/mqtt@5.16.0/dist/mqtt.min.js"
        assert script in page
        body = page.replace(script, "/mqtt.min.js").encode()
        if self.path == "/mqtt.min.js":
            body = MQTT_JS.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", "text/javascript" if self.path.endswith("js") else "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class BrowserTest(NoDaemonTestCase):
    def test_the_lamp_is_switched_from_outside(self):
        listeners = '[{name: tcp, bind: "127.0.0.1:0"}, {name: web, bind: "127.0.0.1:0", transport: websocket}]'
        self.daemon = self.start_daemon(config=f"listeners: {listeners}")
        lamp = MosquittoSub(self, self.daemon, topic="home/lamp", qos=1, count=3)
        site = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
        threading.Thread(target=site.serve_forever, daemon=True).start()
        self.addCleanup(site.server_close)
        self.addCleanup(site.shutdown)
        folder = tempfile.TemporaryDirectory(prefix="godwit-test-", ignore_cleanup_errors=True)
        self.addCleanup(folder.cleanup)
        query = urllib.parse.urlencode({"broker": f"ws://127.0.0.1:{self.daemon.ports[1]}/mqtt"})
        Program(
            self, "chromium", "--headless=new", "--no-sandbox", "--disable-gpu",
            "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking",
            "--remote-debugging-port=0", f"--user-data-dir={folder.name}/browser",
            f"http://127.0.0.1:{site.server_port}/lamp.html?{query}",
        )
        state = functools.partial(lamp.lines.wait_for, deadline=DEADLINE)
        state("home/lamp 1 0 off$")
        mosquitto_pub(self, self.daemon, "-m", "on", topic="home/lamp/set", qos=1)
        state("home/lamp 1 0 on$")
        mosquitto_pub(self, self.daemon, "-m", "off", topic="home/lamp/set", qos=1)
        state("home/lamp 1 0 off$", count=2)


if __name__ == "__main__":
    unittest.main()
