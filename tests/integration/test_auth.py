"""Who is let in: password files, inline users, tokens, the HTTP hook, lockout."""

import base64
import hashlib
import hmac
import http.server
import json
import os
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from godwit_daemon import BINARY, DEADLINE, NoDaemonTestCase, Program, free_port, refused
from raw_client import RawClients, connack, connect
from tools import MosquittoSub, mosquitto_pub, target

SERVER_UNAVAILABLE, BAD_CREDENTIALS, NOT_AUTHORIZED = 3, 4, 5
LISTENERS = '[{name: tcp, bind: "127.0.0.1:0"}]'


class AuthTestCase(RawClients, NoDaemonTestCase):
    loops = 2

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="godwit-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def file(self, name, content, mode=0o600):
        path = os.path.join(self.folder, name)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())
        os.chmod(path, mode)
        return path

    def start(self, auth, listeners=LISTENERS, **more):
        """A daemon with this section `auth`, a flow map of YAML without its braces."""
        self.daemon = self.start_daemon(
            config=f"listeners: {listeners}\nauth: {{{auth}}}\n", **more
        )
        return self.daemon

    def login(self, user=None, password=None, client_id=""):
        """The code of CONNACK."""
        with self.open() as client:
            client.send(connect(client_id, user=user, password=password))
            got = client.receive()
            if got.raw != connack(0):
                client.expect_closed()
            return got.raw[3]

    def assert_in(self, *credentials, **more):
        self.assertEqual(self.login(*credentials, **more), 0)

    def assert_refused(self, code, *credentials, **more):
        self.assertEqual(self.login(*credentials, **more), code)


def godwit_passwd(path, user, password):
    subprocess.run(
        [BINARY, "passwd", path, user, "--password-stdin"],
        input=password + "\n", text=True, check=True, timeout=DEADLINE,
    )


class PasswordFile(AuthTestCase):
    """Made by mosquitto_passwd and godwit passwd, used by mosquitto's clients."""

    def setUp(self):
        super().setUp()
        self.path = self.file("users", "# made by two programs\n")
        self.mosquitto_passwd("alice", "wonderland")
        self.mosquitto_passwd("bob", "builder", "-H", "sha512")
        godwit_passwd(self.path, "carol", "tücke und list")
        self.start(f"password_file: {self.path}")

    def mosquitto_passwd(self, user, password, *options):
        subprocess.run(
            ["mosquitto_passwd", *options, "-b", self.path, user, password],
            check=True, capture_output=True, timeout=DEADLINE,
        )

    def test_mosquitto_clients_come_in_with_the_right_password(self):
        reader = MosquittoSub(
            self, self.daemon, "-u", "alice", "-P", "wonderland", topic="t", count=2
        )
        mosquitto_pub(self, self.daemon, "-u", "bob", "-P", "builder", "-m", "1", topic="t")
        mosquitto_pub(
            self, self.daemon, "-u", "carol", "-P", "tücke und list", "-m", "2", topic="t"
        )
        self.assertEqual(reader.messages(), ["t 0 0 1", "t 0 0 2"])
        self.daemon.log.wait_for(r'client connected .* user_name="carol"')

    def test_all_others_stay_out_and_cannot_tell_why(self):
        self.assert_refused(NOT_AUTHORIZED, "alice", "builder")
        self.assert_refused(NOT_AUTHORIZED, "dave", "builder")
        self.assert_refused(NOT_AUTHORIZED)
        self.assert_refused(BAD_CREDENTIALS, "alice")
        self.assert_refused(BAD_CREDENTIALS, "dave")
        pub = Program(
            self, "mosquitto_pub", *target(self.daemon), "-t", "t", "-m", "x",
            "-u", "alice", "-P", "wrong",
        )
        self.assertNotEqual(pub.wait(), 0)
        self.assertIn("not authorised", pub.lines.text())
        log = self.daemon.log
        log.wait_for('connection refused .*reason=not_authorized detail="wrong password"', 2)
        log.wait_for('connection refused .*reason=not_authorized detail="nobody knows the user"')
        self.assertNotIn("builder", log.text())

    def test_who_knew_the_password_comes_back_for_next_to_nothing(self):
        """A storm of clients after a restart of the network is not one of argon2."""
        users = [f"device{i}" for i in range(30)]
        one = self.file("one", "")
        godwit_passwd(one, "x", "secret")
        with open(one, encoding="utf-8") as file:
            password_hash = file.read().strip().split(":", 1)[1]
        lines = "".join(f"{user}:{password_hash}\n" for user in users)
        daemon = self.start(f"password_file: {self.file('many', lines)}")

        def cpu_seconds(rounds):
            before = self.cpu_ticks(daemon)
            for _ in range(rounds):
                for user in users:
                    self.assert_in(user, "secret")
            return (self.cpu_ticks(daemon) - before) / os.sysconf("SC_CLK_TCK")

        first = cpu_seconds(1)
        again = cpu_seconds(4)
        self.assertLess(again / 4, first / 2, "a known client costs as much as a new one")

    @staticmethod
    def cpu_ticks(daemon):
        with open(f"/proc/{daemon.pid}/stat", encoding="ascii") as file:
            fields = file.read().rsplit(")", 1)[1].split()
        return int(fields[11]) + int(fields[12])


class Anonymous(AuthTestCase):
    def test_loopback_is_closed_to_strangers_once_there_are_users(self):
        self.start("")
        self.assert_in()
        self.assert_in("whoever", "whatever")
        self.start('users: [{username: a, password_hash: "*"}]')
        self.assert_refused(NOT_AUTHORIZED)
        self.assert_refused(NOT_AUTHORIZED, "a", "*")

    def test_a_listener_that_allows_strangers_takes_nobody_at_his_word(self):
        self.start(
            'users: [{username: a, password_hash: "*"}]',
            '[{name: tcp, bind: "127.0.0.1:0", anonymous: allow}]',
        )
        self.assert_in()
        self.assert_refused(NOT_AUTHORIZED, "whoever", "whatever")


    def test_a_listener_that_others_can_reach_lets_nobody_in_and_says_what_would(self):
        port = free_port()
        listener = f'{{name: lan, bind: "*:{port}"'
        for auth, more, told in (
            ("", "", 1),
            ("", ", anonymous: deny", 0),
            ('users: [{username: a, password_hash: "*"}]', "", 0),
            ("anonymous: allow", "", 0),
        ):
            daemon = self.start(auth, f"[{listener}{more}}}]", listen=False)
            lines = daemon.log.matching("listener 'lan' lets nobody in.*GODWIT_AUTH__ANONYMOUS=allow")
            self.assertEqual(len(lines), told, (auth, more))
            daemon.ports = [port]
            code = self.login()
            self.assertEqual(code, 0 if "allow" in auth else NOT_AUTHORIZED)
            daemon.stop()


class Lockout(AuthTestCase):
    def test_who_guesses_is_locked_out_and_others_are_not(self):
        path = self.file("users", "")
        godwit_passwd(path, "alice", "right")
        godwit_passwd(path, "bob", "right")
        self.start(f"password_file: {path}, lockout: {{failures: 3, duration: 1h}}")
        self.assert_in("alice", "right")
        for _ in range(3):
            self.assert_refused(NOT_AUTHORIZED, "alice", "wrong")
        self.assert_refused(NOT_AUTHORIZED, "alice", "right")
        self.daemon.log.wait_for("connection refused .*reason=locked_out")
        self.assert_in("bob", "right")


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def unsigned(header, claims):
    return b".".join(base64url(json.dumps(part).encode()) for part in (header, claims))


def hs256(claims, secret, algorithm="HS256"):
    text = unsigned({"alg": algorithm, "typ": "JWT"}, claims)
    return text + b"." + base64url(hmac.new(secret, text, hashlib.sha256).digest())


class Tokens(AuthTestCase):
    SECRET = b"0123456789abcdef0123456789abcdef"

    def test_a_signed_token_is_a_password(self):
        secret = self.file("secret", self.SECRET)
        self.start(f"jwt: {{secret_file: {secret}, algorithm: HS256}}")
        now = time.time()
        self.assert_in("alice", hs256({"sub": "alice", "exp": now + 1000}, self.SECRET))
        self.assert_refused(NOT_AUTHORIZED, "bob", hs256({"sub": "alice"}, self.SECRET))
        self.assert_refused(
            NOT_AUTHORIZED, "alice", hs256({"sub": "alice", "exp": now - 1}, self.SECRET)
        )
        self.assert_refused(NOT_AUTHORIZED, "alice", hs256({"sub": "alice"}, b"guessed"))
        none = unsigned({"alg": "none"}, {"sub": "alice"}) + b"."
        self.assert_refused(NOT_AUTHORIZED, "alice", none)
        self.assert_refused(BAD_CREDENTIALS, "alice", "no token")
        self.assert_refused(BAD_CREDENTIALS, "alice")
        self.daemon.log.wait_for('detail="the token has expired"')

    def test_a_token_in_the_place_of_the_user_name_names_the_user(self):
        secret = self.file("secret", self.SECRET)
        self.start(f"jwt: {{secret_file: {secret}, algorithm: HS256, from: username}}")
        self.assert_in(hs256({"sub": "carol"}, self.SECRET))
        self.daemon.log.wait_for('client connected .*user_name="carol"')
        self.assert_refused(BAD_CREDENTIALS, "carol", "x")

    def openssl(self, *arguments, stdin=b""):
        return subprocess.run(
            ["openssl", *arguments], input=stdin, check=True, capture_output=True, timeout=DEADLINE
        ).stdout

    def test_a_private_key_signs_what_the_public_one_verifies(self):
        private = os.path.join(self.folder, "private.pem")
        public = os.path.join(self.folder, "public.pem")
        self.openssl("genrsa", "-out", private, "2048")
        self.openssl("rsa", "-in", private, "-pubout", "-out", public)
        self.start(
            f'jwt: {{public_key_file: {public}, algorithm: RS256, claims: {{aud: mqtt, id: "%c"}}}}'
        )
        text = unsigned({"alg": "RS256"}, {"aud": ["mqtt"], "id": "c1"})
        token = text + b"." + base64url(
            self.openssl("dgst", "-sha256", "-sign", private, stdin=text)
        )
        self.assert_in("whoever", token, client_id="c1")
        self.assert_refused(NOT_AUTHORIZED, "whoever", token, client_id="c2")
        with open(public, "rb") as file:
            confused = hs256({"aud": "mqtt", "id": "c1"}, file.read())
        self.assert_refused(NOT_AUTHORIZED, "whoever", confused, client_id="c1")


class HookServer:
    """An HTTP server that answers what `decide` makes of a question, on loopback."""

    def __init__(self, case, decide):
        self.questions = []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers["Content-Length"])
                question = json.loads(self.rfile.read(size))
                outer.questions.append(question)
                status, answer = decide(question)
                body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", outer.url + "/elsewhere")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, *_):
                """A broker that does not wait for the answer is no error."""

        server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{server.server_address[1]}/auth"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        case.addCleanup(server.server_close)
        case.addCleanup(server.shutdown)


class Hook(AuthTestCase):
    def test_it_is_asked_and_obeyed_and_its_answer_kept(self):
        answers = {
            "allowed": {"result": "allow", "superuser": True},
            "denied": {"result": "deny"},
            "ignored": {"result": "ignore"},
        }
        hook = HookServer(self, lambda question: (200, answers[question["username"]]))
        self.start(f"http: {{url: {hook.url}}}")
        self.assert_in("allowed", "p", client_id="c1")
        self.assertEqual(
            hook.questions,
            [{"client_id": "c1", "username": "allowed", "password": "p", "address": "127.0.0.1",
              "listener": "tcp"}],
        )  # fmt: skip
        self.assert_in("allowed", "p", client_id="c1")
        self.assertEqual(len(hook.questions), 1)
        self.assert_in("allowed", "q", client_id="c1")
        self.assert_in("allowed", client_id="c1")
        self.assertIsNone(hook.questions[-1]["password"])
        self.assert_refused(NOT_AUTHORIZED, "denied", "p")
        self.assert_refused(NOT_AUTHORIZED, "ignored", "p")
        asked = len(hook.questions)
        self.assert_refused(NOT_AUTHORIZED)
        self.assert_refused(BAD_CREDENTIALS, "allowed", b"\xff")
        self.assertEqual(len(hook.questions), asked)

    def test_whatever_else_it_answers_lets_nobody_in(self):
        allow = {"result": "allow"}
        answers = {
            "500": (500, allow),
            "204": (204, b""),
            "302": (302, allow),
            "html": (200, b"<html>allow</html>"),
            "long": (200, {"result": "allow", "x": "x" * 100_000}),
            "yes": (200, {"result": "yes"}),
        }
        hook = HookServer(self, lambda question: answers[question["username"]])
        self.start(f"http: {{url: {hook.url}}}")
        for user in answers:
            self.assert_refused(SERVER_UNAVAILABLE, user, "p")
        self.assertEqual(len(hook.questions), len(answers))  # nothing followed the redirect
        self.daemon.log.wait_for("warning auth.http: .* it answers with 500; clients are refused")

    def test_a_dead_one_lets_nobody_in(self):
        self.start(f"http: {{url: 'http://127.0.0.1:{free_port()}/'}}")
        for _ in range(3):
            self.assert_refused(SERVER_UNAVAILABLE, "alice", "p")
        self.assertEqual(len(self.daemon.log.matching("warning auth.http")), 1)

    def test_a_slow_one_delays_only_those_whom_it_is_asked_about(self):
        release = threading.Event()
        self.addCleanup(release.set)

        def decide(question):
            release.wait(DEADLINE)
            return 200, {"result": "allow"}

        hook = HookServer(self, decide)
        path = self.file("users", "")
        godwit_passwd(path, "known", "secret")
        self.start(f"password_file: {path}, http: {{url: {hook.url}, timeout: 1m}}")
        # More than are asked about at once.
        waiting = [self.open() for _ in range(100)]
        for number, client in enumerate(waiting):
            client.send(connect(f"c{number}", user="unknown", password="p"))
        self.wait_until(lambda: len(hook.questions) >= 60, "the hook is asked")
        reader = self.client("reader", user="known", password="secret").subscribe(("t", 1))
        self.client("writer", user="known", password="secret").publish("t", "x", 1)
        reader.expect_publish("t", "x", 1)
        release.set()
        for client in waiting:
            client.expect(connack(0))

    def test_one_that_takes_too_long_lets_nobody_in(self):
        release = threading.Event()
        self.addCleanup(release.set)
        hook = HookServer(self, lambda _: (release.wait(DEADLINE), (200, {"result": "allow"}))[1])
        self.start(f"http: {{url: {hook.url}, timeout: 200ms}}")
        self.assert_refused(SERVER_UNAVAILABLE, "alice", "p")

    def test_the_broker_stops_without_waiting_for_it(self):
        release = threading.Event()
        self.addCleanup(release.set)
        hook = HookServer(self, lambda _: (release.wait(DEADLINE), (200, {"result": "allow"}))[1])
        self.start(f"http: {{url: {hook.url}, timeout: 1m}}")
        client = self.open()
        client.send(connect("c", user="alice", password="p"))
        self.wait_until(lambda: hook.questions, "the hook is asked")
        begin = time.monotonic()
        self.daemon.stop()
        self.assertLess(time.monotonic() - begin, DEADLINE / 2)


class Reload(AuthTestCase):
    """The files are read again at SIGHUP."""

    def setUp(self):
        super().setUp()
        self.path = self.file("users", "")
        for user in ("alice", "bob"):
            godwit_passwd(self.path, user, "secret")
        self.start(f"password_file: {self.path}")

    def reload(self, expect="configuration reloaded"):
        self.daemon.process.send_signal(signal.SIGHUP)
        self.daemon.log.wait_for(expect)

    def test_who_is_gone_or_has_another_password_is_closed_and_others_stay(self):
        godwit_passwd(self.path, "carol", "secret")
        self.reload()
        alice, bob, carol = (
            self.client(user, user=user, password="secret") for user in ("alice", "bob", "carol")
        )
        subprocess.run([BINARY, "passwd", self.path, "alice", "--delete"], check=True)
        godwit_passwd(self.path, "carol", "another")
        self.daemon.process.send_signal(signal.SIGHUP)
        alice.expect_closed()
        carol.expect_closed()
        bob.publish("t", "x", 1)
        self.assert_refused(NOT_AUTHORIZED, "alice", "secret")
        self.assert_refused(NOT_AUTHORIZED, "carol", "secret")
        self.assert_in("carol", "another")

    def test_a_broken_file_changes_nothing(self):
        bob = self.client("bob", user="bob", password="secret")
        self.file("users", "bob:hunter2\n")
        self.reload(r"configuration not reloaded.*users:1: auth.password_file: user 'bob'")
        bob.publish("t", "x", 1)
        self.assert_in("bob", "secret")


class Files(AuthTestCase):
    def test_a_broken_one_stops_the_start_with_its_line(self):
        path = self.file("users", "# x\nalice:hunter2\n")
        run = refused("--set", f"auth.password_file={path}")
        self.assertEqual(run.returncode, 2)
        self.assertIn(f"{path}:2: auth.password_file: user 'alice': not a password hash", run.stderr)
        self.assertNotIn("hunter2", run.stderr)

    def test_check_reads_them_too(self):
        def check(path):
            config = self.file("godwit.yaml", f"auth: {{password_file: {path}}}\n")
            return subprocess.run(
                [BINARY, "check", "-c", config], capture_output=True, text=True, timeout=DEADLINE,
                check=False,
            )  # fmt: skip

        good = check(self.file("good", "alice:*\n"))
        self.assertEqual((good.returncode, good.stderr), (0, ""))
        open_to_all = check(self.file("open", "alice:*\n", mode=0o644))
        self.assertEqual(open_to_all.returncode, 0)
        self.assertIn("mode 0644", open_to_all.stderr)
        broken = check(self.file("broken", "alice:hunter2\n"))
        self.assertEqual((broken.returncode, broken.stdout), (2, ""))
        self.assertIn("broken:1: auth.password_file: user 'alice'", broken.stderr)
        missing = check("/nowhere")
        self.assertEqual(missing.returncode, 2)
        self.assertIn("/nowhere: auth.password_file: cannot be read", missing.stderr)

    def test_one_that_others_can_read_is_warned_of(self):
        path = self.file("users", "alice:*\n", mode=0o644)
        self.start(f"password_file: {path}").log.wait_for(f"warning {path}: .*mode 0644")


if __name__ == "__main__":
    unittest.main()
