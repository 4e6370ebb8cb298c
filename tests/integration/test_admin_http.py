"""The admin interface over HTTP: who gets in, what is answered, and that nobody who is slow or
wrong keeps others from being answered. What clients and subscriptions look like there is elsewhere.
"""

import os
import pathlib
import signal
import socket
import stat
import subprocess
import tempfile
import threading
import time
import unittest

import open_api
from certificates import Authority
from full_disk import MIB, Disk, Publisher, private_mounts
from godwit_daemon import (
    BINARY, DEADLINE, DaemonTestCase, NoDaemonTestCase, free_port, on_loops, raise_descriptor_limit, refused,
)
from http_client import Api, tls_context
from raw_client import RawClients, Will

# As mosquitto_passwd writes one.
PASSWORD_HASH = (
    "$7$101$fVfqe5/1VyTiLNKi$6cCg8LMRbT/BAkY4+kpe5Ra/gTD18XsIB/"
    "mYzJ0B8uJw71NdazAyykVJEdIgA5AF8h4JROlBbml1QV0TtmPFPQ=="
)

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Of each, one request that succeeds on a node as prepare() leaves it; in this order.
ROUTES = {
    ("GET", "/healthz"): "/healthz",
    ("GET", "/readyz"): "/readyz",
    ("GET", "/metrics"): "/metrics",
    ("POST", "/api/v1/session"): "/api/v1/session",
    ("DELETE", "/api/v1/session"): "/api/v1/session",
    ("GET", "/api/v1/openapi.json"): "/api/v1/openapi.json",
    ("GET", "/api/v1/node"): "/api/v1/node",
    ("GET", "/api/v1/stats"): "/api/v1/stats",
    ("GET", "/api/v1/clients"): "/api/v1/clients?q=FULL&connected=true&limit=10",
    ("GET", "/api/v1/clients/{id}"): "/api/v1/clients/full%2F1",
    ("GET", "/api/v1/subscriptions"): "/api/v1/subscriptions?match=a/b",
    ("GET", "/api/v1/shared"): "/api/v1/shared",
    ("GET", "/api/v1/explain"): "/api/v1/explain?client_id=full/1&topic=a/b",
    ("GET", "/api/v1/retained"): "/api/v1/retained?filter=a/%23",
    ("GET", "/api/v1/retained/{topic}"): "/api/v1/retained/a%2Fb",
    ("POST", "/api/v1/publish"): "/api/v1/publish",
    ("POST", "/api/v1/reload"): "/api/v1/reload",
    ("GET", "/api/v1/events"): "/api/v1/events",
    ("GET", "/api/v1/log"): "/api/v1/log",
    ("GET", "/api/v1/subscribe"): "/api/v1/subscribe?filter=a/%23&qos=1",
    ("DELETE", "/api/v1/retained/{topic}"): "/api/v1/retained/a%2Fb",
    ("DELETE", "/api/v1/clients/{id}"): "/api/v1/clients/full%2F1?session=true",
}
# Lists that hold something then.
LISTS = ("/api/v1/clients", "/api/v1/subscriptions", "/api/v1/shared", "/api/v1/retained")
STREAMS = ("/api/v1/events", "/api/v1/log", "/api/v1/subscribe")


class AdminTestCase(RawClients, DaemonTestCase):
    def start_daemon(self, *settings, **more):
        return super().start_daemon(*settings, **({"admin": True} | more))

    def setUp(self):
        super().setUp()
        self.api = Api(self.daemon)

    def body_for(self, path):
        if path == "/api/v1/session":
            return {"token": self.daemon.token}
        return {"topic": "a/b"} if path == "/api/v1/publish" else None


class Routes(AdminTestCase):
    def prepare(self):
        """A client with all that a client can have, and a retained message."""
        client = self.client("full/1", clean=False, will=Will("gone", "x", 1, True), user="alice")
        client.subscribe(("a/#", 1))
        client.subscribe(("$share/workers/jobs/#", 2))
        self.client("helper").publish("a/b", b"\xff\x00", 1, retain=True)

    def test_every_route_of_the_description_answers_as_it_says(self):
        description = self.api.get("/api/v1/openapi.json").json
        described = {
            (method.upper(), path)
            for path, methods in description["paths"].items() for method in methods
        }
        self.assertEqual(described, set(ROUTES))
        self.prepare()
        for (method, path), target in ROUTES.items():
            with self.subTest(method=method, path=path):
                if path in STREAMS:
                    stream = self.api.stream(target)
                    self.addCleanup(stream.close)
                    self.assertEqual(stream.status, 200)
                    self.assertIn("Content-Type: text/event-stream", stream.head)
                    continue
                answer = self.api.ask(method, target, self.body_for(path))
                self.assertIn(answer.status, (200, 204), answer)
                open_api.check(description, method, path, answer)
                if path in LISTS:
                    self.assertEqual(len(answer.json["items"]), 1, answer)

    def test_every_error_is_as_described(self):
        description = self.api.get("/api/v1/openapi.json").json
        stranger = Api(self.daemon, token=None)
        for method, path, answer in (
            ("GET", "/api/v1/clients", self.api.get("/api/v1/clients", limit=0)),
            ("GET", "/api/v1/node", stranger.get("/api/v1/node")),
            ("GET", "/api/v1/clients/{id}", self.api.get("/api/v1/clients/nobody")),
            ("DELETE", "/api/v1/clients/{id}", self.api.delete("/api/v1/clients/nobody")),
            ("GET", "/api/v1/explain", self.api.get("/api/v1/explain", client_id="x", topic="a")),
            ("GET", "/api/v1/retained/{topic}", self.api.get("/api/v1/retained/a")),
            ("DELETE", "/api/v1/retained/{topic}", self.api.delete("/api/v1/retained/a")),
            ("POST", "/api/v1/session", stranger.post("/api/v1/session", {"token": "x"})),
            ("POST", "/api/v1/publish", self.api.post("/api/v1/publish", b"x" * (MIB + 1))),
        ):
            with self.subTest(path=path, status=answer.status):
                self.assertGreaterEqual(answer.status, 400)
                open_api.check(description, method, path, answer)

    def test_the_documentation_names_every_route(self):
        text = (ROOT / "docs/http-api.md").read_text()
        for _, path in ROUTES:
            with self.subTest(path=path):
                self.assertIn(path.replace("{topic}", "{topic, percent-encoded}"), text)

    def test_the_node_tells_what_is_in_force(self):
        node = self.api.get("/api/v1/node").json
        self.assertEqual(node["listeners"], [
            {"name": "127.0.0.1:0", "address": f"127.0.0.1:{self.daemon.port}", "transport": "tcp",
             "tls": False}
        ])
        self.assertEqual(node["threads"], self.loops)
        self.assertEqual(node["configuration"]["mqtt"]["max_qos"], 2)
        self.assertEqual(node["configuration"]["session"]["expiry"], "2h")
        self.assertIs(node["configuration"]["admin"]["dashboard"], True)

    def test_secrets_are_not_shown(self):
        daemon = self.start_daemon(
            f"auth.users=[{{username: alice, password_hash: '{PASSWORD_HASH}'}}]")
        answer = Api(daemon).get("/api/v1/node")
        auth = answer.json["configuration"]["auth"]
        self.assertEqual(auth["users"], [{"username": "alice", "password_hash": "***"}])
        self.assertNotIn(PASSWORD_HASH.encode(), answer.body)
        self.assertNotIn(daemon.token.encode(), answer.body)

    def test_counters_count(self):
        client = self.client("counted").subscribe(("t", 0))
        client.publish("t", "x")
        client.expect_publish("t", "x")
        stats = self.api.get("/api/v1/stats").json
        self.assertEqual(stats["connections"], 1)
        self.assertEqual(stats["sessions"]["connected"], 1)
        self.assertEqual(stats["messages_received"], {"0": 1, "1": 0, "2": 0})
        self.assertEqual(stats["packets_received"]["connect"], 1)
        self.assertEqual(stats["connects"]["accepted"], 1)
        self.assertGreater(stats["resident_memory"], MIB)

    def test_events_tell_who_comes_and_goes(self):
        stream = self.api.stream("/api/v1/events")
        self.addCleanup(stream.close)
        client = self.client("noisy", user="alice")
        came = stream.wait_for("client.connected")
        self.assertEqual((came["client_id"], came["user_name"]), ("noisy", "alice"))
        client.disconnect()
        self.assertEqual(stream.wait_for("client.disconnected"), {
            "client_id": "noisy", "address": came["address"], "reason": "disconnect"
        })
        first, second = stream.wait_for("stats"), stream.wait_for("stats")
        self.assertGreater(second["uptime"], first["uptime"])

    def test_the_log_can_be_followed(self):
        stream = self.api.stream("/api/v1/log")
        self.addCleanup(stream.close)
        self.client("noisy")
        self.assertRegex(stream.wait_for("line")["text"],
                         r'^\d{4}-\d\d-\d\dT\S+Z info client connected client_id="noisy"')

    def test_several_requests_share_a_connection(self):
        with socket.create_connection(("127.0.0.1", self.daemon.admin_port), DEADLINE) as raw:
            raw.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3)
            received = b""
            while received.count(b'{"status":"ok"}') < 3:
                received += raw.recv(65536)
            raw.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            while more := raw.recv(65536):
                received += more
        self.assertEqual(received.count(b"HTTP/1.1 200 OK"), 4)

    def test_head_has_no_body(self):
        answer = self.api.ask("HEAD", "/healthz")
        self.assertEqual((answer.status, answer.body), (200, b""))

    def test_the_dashboard_is_served(self):
        page = Api(self.daemon, token=None).get("/")
        self.assertEqual(page.status, 200)
        self.assertIn("text/html", page.headers["Content-Type"])
        self.assertIn("script-src 'self'", page.headers["Content-Security-Policy"])
        chart = Api(self.daemon, token=None).get("/chart.js")
        self.assertEqual(chart.body, pathlib.Path("/usr/share/javascript/chart.js/chart.min.js").read_bytes())

    def test_the_dashboard_can_be_turned_off(self):
        daemon = self.start_daemon("admin.dashboard=false")
        self.assertEqual(Api(daemon).get("/").status, 404)
        self.assertEqual(Api(daemon).get("/api/v1/stats").status, 200)


class Access(AdminTestCase):
    def test_who_shows_no_token_or_a_wrong_one_gets_nothing(self):
        answers = set()
        for token in (None, "x", self.daemon.token[:-1], self.daemon.token + "x"):
            answer = Api(self.daemon, token=token).get("/api/v1/stats")
            self.assertEqual(answer.status, 401)
            self.assertEqual(answer.headers["WWW-Authenticate"], "Bearer")
            answers.add(answer.body)
        self.assertEqual(len(answers), 1, "the answer gives a hint")

    def test_a_cookie_takes_the_place_of_the_token(self):
        stranger = Api(self.daemon, token=None)
        answer = stranger.post("/api/v1/session", {"token": self.daemon.token})
        self.assertEqual(answer.status, 204)
        cookie = answer.headers["Set-Cookie"].split(";")[0]
        own = {"Cookie": cookie, "Origin": f"http://127.0.0.1:{self.daemon.admin_port}"}
        self.assertEqual(stranger.get("/api/v1/stats", headers={"Cookie": cookie}).status, 200)
        self.assertEqual(stranger.post("/api/v1/publish", {"topic": "a"}, own).status, 200)
        for origin in ("http://evil.example", "null", f"http://127.0.0.1:{free_port()}"):
            foreign = {"Cookie": cookie, "Origin": origin}
            answer = stranger.post("/api/v1/publish", {"topic": "a"}, foreign)
            self.assertEqual((answer.status, answer.error[0]), (403, "forbidden"))
        answer = stranger.post("/api/v1/publish", {"topic": "a"}, {"Cookie": cookie})
        self.assertEqual(answer.status, 403)
        answer = stranger.delete("/api/v1/session", headers=own)
        self.assertEqual(answer.status, 204)
        self.assertIn("Max-Age=0", answer.headers["Set-Cookie"])

    def test_a_foreign_name_that_points_here_is_refused(self):
        for path in ("/", "/healthz", "/metrics", "/api/v1/stats"):
            answer = self.api.get(path, headers={"Host": "evil.example"})
            self.assertEqual((answer.status, answer.error[0]), (421, "wrong_host"))
        for host in ("localhost:1", "127.0.0.1", "[::1]:1", "10.0.0.1"):
            self.assertEqual(self.api.get("/api/v1/stats", headers={"Host": host}).status, 200)
        daemon = self.start_daemon("node.name=broker-1.example")
        answer = Api(daemon).get("/api/v1/stats", headers={"Host": "Broker-1.example:18083"})
        self.assertEqual(answer.status, 200)

    def test_the_token_file_is_its_owners_alone_and_stays(self):
        state = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="godwit-test-")))
        daemon = self.start_daemon(state=state)
        token = daemon.token
        self.assertGreaterEqual(len(token), 43)
        self.assertEqual(stat.S_IMODE((state / "admin.token").stat().st_mode), 0o600)
        daemon.stop()
        self.assertEqual(self.start_daemon(state=state).token, token)

    def test_a_reload_reads_the_token_file_again(self):
        path = pathlib.Path(self.daemon.state) / "admin.token"
        old = self.daemon.token
        path.write_text("another-token-of-mine\n", encoding="ascii")
        self.assertEqual(self.api.post("/api/v1/reload").status, 200)
        self.assertEqual(Api(self.daemon).get("/api/v1/stats").status, 200)
        self.assertEqual(Api(self.daemon, token=old).get("/api/v1/stats").status, 401)
        path.write_text("short\n", encoding="ascii")
        answer = Api(self.daemon, token="another-token-of-mine").post("/api/v1/reload")
        self.assertEqual(answer.status, 422)
        self.assertIn("admin.token_file", answer.error[1])
        self.assertEqual(
            Api(self.daemon, token="another-token-of-mine").get("/api/v1/stats").status, 200)

    def test_metrics_can_be_kept_to_the_token(self):
        self.assertEqual(Api(self.daemon, token=None).get("/metrics").status, 200)
        daemon = self.start_daemon("admin.open_metrics=false")
        self.assertEqual(Api(daemon, token=None).get("/metrics").status, 401)
        self.assertEqual(Api(daemon).get("/metrics").status, 200)


class BadInput(AdminTestCase):
    def test_bad_json_is_told_with_its_place(self):
        answer = self.api.post("/api/v1/publish", b'{"topic": "a", "qos": }')
        self.assertEqual(answer.status, 400)
        self.assertEqual(answer.error,
                         ("bad_request", "the body is not valid JSON at byte 23"))

    def test_an_unknown_parameter_is_named(self):
        answer = self.api.get("/api/v1/clients", limt=5)
        self.assertEqual(answer.status, 400)
        self.assertIn("'limt'", answer.error[1])

    def test_a_body_of_more_than_1_mib_is_refused_and_the_answer_arrives(self):
        answer = self.api.post("/api/v1/publish", b"x" * (8 * MIB))
        self.assertEqual((answer.status, answer.error[0]), (413, "too_large"))
        payload = "x" * (MIB - 100)
        answer = self.api.post("/api/v1/publish", {"topic": "a", "payload": payload})
        self.assertEqual(answer.status, 200)

    def test_a_stranger_cannot_make_it_keep_a_large_body(self):
        with socket.create_connection(("127.0.0.1", self.daemon.admin_port), DEADLINE) as raw:
            raw.sendall(b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n"
                        b"Content-Length: 1000000\r\n\r\n")
            self.assertTrue(raw.recv(1000).startswith(b"HTTP/1.1 401 "))

    def test_a_client_that_asks_before_it_sends_a_body_is_answered(self):
        with socket.create_connection(("127.0.0.1", self.daemon.admin_port), DEADLINE) as raw:
            raw.sendall(b"POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n"
                        b"Expect: 100-continue\r\nContent-Length: 14\r\n\r\n")
            self.assertEqual(raw.recv(1000), b"HTTP/1.1 100 Continue\r\n\r\n")
            raw.sendall(b'{"token": "x"}')
            self.assertTrue(raw.recv(1000).startswith(b"HTTP/1.1 401 "))

    def test_noise_is_answered_with_an_error_and_closed(self):
        for noise in (b"\x16\x03\x01\x02\x00\x01\r\n\r\n", b"\x10\x0c\x00\x04MQTT\x04\x02\r\n\r\n",
                      b"GET\r\n\r\n", b"G" * 10_000,
                      b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 10_000):
            with self.subTest(noise[:20]):
                with socket.create_connection(("127.0.0.1", self.daemon.admin_port),
                                              DEADLINE) as raw:
                    raw.sendall(noise)
                    received = b""
                    while more := raw.recv(65536):
                        received += more
                self.assertRegex(received, rb"^HTTP/1\.1 4\d\d ")
        self.assertEqual(self.api.get("/healthz").status, 200)

    def test_a_taken_port_ends_the_start_with_one_line(self):
        run = refused("--listen", "127.0.0.1:0", "--set",
                      f"admin.bind=127.0.0.1:{self.daemon.admin_port}")
        self.assertEqual(run.returncode, 1, run.stderr)
        lines = [line for line in run.stderr.splitlines() if line.startswith("godwit: ")]
        self.assertEqual(len(lines), 1, run.stderr)
        self.assertIn(f"admin.bind: cannot listen on 127.0.0.1:{self.daemon.admin_port}: Address "
                      "already in use", lines[0])


class Slow(AdminTestCase):
    CLIENTS, STREAMS = 1000, 50

    def half_requests(self, count):
        for number in range(count):
            slow = socket.create_connection(("127.0.0.1", self.daemon.admin_port), DEADLINE)
            self.addCleanup(slow.close)
            # Some say nothing, some half a request, and some do not read their answer.
            if number % 3 == 1:
                slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: lo")
            elif number % 3 == 2:
                slow.sendall(b"GET /chart.js HTTP/1.1\r\nHost: localhost\r\n\r\n" * 3)
            yield slow

    def assert_answered_within_a_second(self, path):
        """At least in one of three attempts: what else the machine does may take a second too."""
        took = []
        while not took or (min(took) > 1 and len(took) < 3):
            begin = time.monotonic()
            self.assertEqual(Api(self.daemon, token=None).get(path).status, 200)
            took.append(time.monotonic() - begin)
        self.assertLess(min(took), 1, path)

    def test_health_and_metrics_are_answered_beside_slow_clients_and_streams(self):
        if not raise_descriptor_limit(4 * (self.CLIENTS + self.STREAMS)):
            self.fail("this needs 4,200 descriptors")
        streams = [self.api.stream("/api/v1/events") for _ in range(self.STREAMS)]
        for stream in streams:
            self.addCleanup(stream.close)
        slow = list(self.half_requests(self.CLIENTS))
        for path in ("/healthz", "/readyz", "/metrics") * 3:
            self.assert_answered_within_a_second(path)
        self.assertEqual(streams[0].wait_for("stats")["connections"], 0)
        self.assertEqual(streams[-1].wait_for("stats")["connections"], 0)
        self.client("not delayed").publish("t", "x", 1)
        del slow

    def test_beyond_its_limit_the_oldest_idle_connection_gives_way(self):
        if not raise_descriptor_limit(8000):
            self.fail("this needs 8,000 descriptors")
        stream = self.api.stream("/api/v1/log")
        self.addCleanup(stream.close)
        first = socket.create_connection(("127.0.0.1", self.daemon.admin_port), DEADLINE)
        self.addCleanup(first.close)
        for _ in range(2100):
            more = socket.create_connection(("127.0.0.1", self.daemon.admin_port), DEADLINE)
            self.addCleanup(more.close)
        self.assert_answered_within_a_second("/healthz")
        self.assertEqual(first.recv(1), b"")
        self.client("seen")
        self.assertIn("seen", stream.wait_for("line")["text"])

    def test_half_a_request_is_given_up(self):
        begin = time.monotonic()
        with socket.create_connection(("127.0.0.1", self.daemon.admin_port), DEADLINE) as raw:
            raw.sendall(b"GET /healthz HTTP/1.1\r\nHost:")
            self.assertEqual(raw.recv(1), b"")
        self.assertGreater(time.monotonic() - begin, 8)

    def test_a_stream_that_is_not_read_misses_events_and_says_how_many(self):
        stream = self.api.stream("/api/v1/subscribe", filter="bulk", qos=0)
        self.addCleanup(stream.close)
        publisher = self.client("publisher")
        received = missed = 0
        published = 0
        while published < 4000:
            for _ in range(100):
                publisher.publish("bulk", b"x" * 10_000)
            published += 100
        publisher.publish("bulk", b"done", 1)
        while received + missed < published:
            name, data = stream.next()
            missed += data["count"] if name == "missed" else 0
            received += name == "message"
        self.assertGreater(missed, 0)

    def test_a_connection_gone_leaves_nothing(self):
        sockets = self.daemon.sockets()
        for _ in range(20):
            self.api.stream("/api/v1/events").close()
            self.api.get("/api/v1/stats")
        self.wait_until(lambda: self.daemon.sockets() == sockets, "the sockets come back")


class Tls(NoDaemonTestCase):
    def test_with_a_certificate_it_speaks_https_and_nothing_else(self):
        folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory(prefix="godwit-test-")))
        authority = Authority(folder, "authority")
        authority.issue("server")
        daemon = self.start_daemon(
            f"admin.tls={{certificate: {folder}/server.pem, private_key: {folder}/server.key}}",
            admin=True)
        api = Api(daemon, tls=tls_context(folder / "authority.pem"))
        self.assertEqual(api.get("/api/v1/stats").status, 200)
        answer = Api(daemon, token=None, tls=api.tls).post("/api/v1/session",
                                                           {"token": daemon.token})
        self.assertIn("; Secure", answer.headers["Set-Cookie"])
        stream = api.stream("/api/v1/events")
        self.addCleanup(stream.close)
        self.assertIn("uptime", stream.wait_for("stats"))
        with socket.create_connection(("127.0.0.1", daemon.admin_port), DEADLINE) as raw:
            raw.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertNotIn(b"200", raw.recv(1000))

        # A new certificate of another authority, which a reload brings.
        Authority(folder, "successor").issue("server")
        self.assertEqual(api.post("/api/v1/reload").status, 200)
        after = Api(daemon, tls=tls_context(folder / "successor.pem"))
        self.assertEqual(after.get("/api/v1/stats").status, 200)

    def test_a_certificate_that_cannot_be_read_is_named(self):
        run = refused("--listen", "127.0.0.1:0", "--set", "admin.bind=127.0.0.1:0",
                      "--set", "admin.tls={certificate: /nothing, private_key: /nothing}")
        self.assertEqual(run.returncode, 2)
        self.assertIn("admin.tls.certificate: /nothing: ", run.stderr)
        check = subprocess.run(
            [BINARY, "check", "-c", "/dev/null",
             "--set", "admin.tls={certificate: /nothing, private_key: /nothing}"],
            capture_output=True, text=True, timeout=DEADLINE, check=False)
        self.assertEqual(check.returncode, 2)
        self.assertIn("admin.tls.certificate: /nothing: ", check.stderr)


@on_loops(1, 2)
class Reload(AdminTestCase):
    def test_it_does_what_sighup_does(self):
        daemon = self.start_daemon(config="listeners: [{bind: '127.0.0.1:0'}]")
        api = Api(daemon)
        path = pathlib.Path(daemon.config_path)
        path.write_text("listeners: [{bind: '127.0.0.1:0'}]\nmqtt: {max_qos: 1}\n")
        answer = api.post("/api/v1/reload")
        self.assertEqual((answer.status, answer.json), (200, {"status": "reloaded"}))
        self.assertEqual(api.get("/api/v1/node").json["configuration"]["mqtt"]["max_qos"], 1)

        path.write_text("mqtt: {max_qos: 7}\n")
        answer = api.post("/api/v1/reload")
        self.assertEqual((answer.status, answer.error[0]), (422, "rejected"))
        self.assertIn("mqtt.max_qos: 7 is out of range", answer.error[1])
        self.assertEqual(api.get("/api/v1/node").json["configuration"]["mqtt"]["max_qos"], 1)

    def test_several_at_once_are_all_answered(self):
        answers = []
        threads = [
            threading.Thread(target=lambda: answers.append(self.api.post("/api/v1/reload").status))
            for _ in range(8)
        ]
        for thread in threads:
            thread.start()
        self.daemon.process.send_signal(signal.SIGHUP)
        for thread in threads:
            thread.join(DEADLINE)
        self.assertEqual(answers, [200] * 8)

    def test_where_it_listens_waits_for_the_next_start(self):
        daemon = self.start_daemon(config="listeners: [{bind: '127.0.0.1:0'}]")
        pathlib.Path(daemon.config_path).write_text(
            "listeners: [{bind: '127.0.0.1:0'}]\nadmin: {dashboard: false}\n")
        self.assertEqual(Api(daemon).post("/api/v1/reload").status, 200)
        daemon.log.wait_for("configuration change waits for the next start key=admin.dashboard")
        self.assertEqual(Api(daemon).get("/").status, 200)


class Stop(AdminTestCase):
    def test_while_it_stops_it_is_not_ready(self):
        # A client that does not read what was published for it delays the stop.
        slow = self.client("slow").subscribe(("bulk", 0))
        publisher = self.client("publisher")
        for _ in range(60):
            publisher.publish("bulk", b"x" * 100_000)
        publisher.publish("done", "", 1)
        connection = self.api.connection()
        stream = self.api.stream("/api/v1/events")
        self.addCleanup(stream.close)
        self.daemon.terminate()
        self.daemon.log.wait_for("godwit stops")
        connection.request("GET", "/readyz", headers=self.api.headers())
        response = connection.getresponse()
        self.assertEqual((response.status, response.read()), (503, b'{"status":"stopping"}\n'))
        connection.request("GET", "/api/v1/stats", headers=self.api.headers())
        self.assertEqual(connection.getresponse().status, 503)
        connection.close()
        self.assertEqual(self.daemon.wait(), 0)
        stream.wait_for_end()
        slow.close()

    def test_open_streams_and_connections_do_not_delay_it(self):
        streams = [self.api.stream(path) for path in ("/api/v1/events", "/api/v1/log")]
        for stream in streams:
            self.addCleanup(stream.close)
        raw = socket.create_connection(("127.0.0.1", self.daemon.admin_port), DEADLINE)
        self.addCleanup(raw.close)
        begin = time.monotonic()
        self.daemon.stop()
        self.assertLess(time.monotonic() - begin, 5)


class FullDisk(RawClients, NoDaemonTestCase):
    def test_while_the_store_fails_it_is_not_ready(self):
        disk = Disk(self, 256 * MIB)
        self.daemon = self.start_daemon(
            "session.max_queued_messages=0", "session.max_queued_bytes=0", admin=True,
            state=disk.path / "state")
        api = Api(self.daemon, token=None)
        self.assertEqual(api.get("/readyz").json, {"status": "ready"})
        self.client("absent", clean=False).subscribe(("absent", 1)).disconnect()
        disk.leave(24 * MIB)
        publisher = Publisher(self.daemon.address, "absent")
        self.addCleanup(publisher.finish)
        self.daemon.log.wait_for("the store cannot write", deadline=4 * DEADLINE)
        self.assertEqual(api.get("/readyz").json, {"status": "store_failing"})
        self.assertEqual(api.get("/healthz").status, 200)
        disk.make_room()
        self.daemon.log.wait_for("the store writes to .* again")
        self.assertEqual(api.get("/readyz").json, {"status": "ready"})


def setUpModule():
    private_mounts()


if __name__ == "__main__":
    unittest.main()
