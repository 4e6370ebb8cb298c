"""TLS as users meet it: mosquitto's clients, openssl's, and sockets of Python's."""

import contextlib
import hashlib
import os
import pathlib
import signal
import socket
import ssl
import subprocess
import tempfile
import unittest

from certificates import Authority
from godwit_daemon import (
    BINARY, DEADLINE, NoDaemonTestCase, Program, environment_of, raise_descriptor_limit,
)
from raw_client import (
    DISCONNECT_BYTES, PINGREQ_BYTES, PINGRESP_BYTES, RawClient, connack, connect, puback, publish,
    suback, subscribe,
)


class TlsClient(RawClient):
    """A RawClient behind TLS; by default it takes any server."""

    def __init__(self, address, context=None, receive_buffer=None):
        super().__init__(address)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if context is None:
            context = client_context()
        self.socket = context.wrap_socket(self.socket, server_hostname="localhost")


def client_context(authority=None, certificate=None, key=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if authority:
        context.load_verify_locations(authority)
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if certificate:
        context.load_cert_chain(certificate, key)
    return context


class TlsTestCase(NoDaemonTestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="godwit-tls-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.root = Authority(cls.folder, "root")
        cls.middle = Authority(cls.folder, "middle", above=cls.root)
        cls.middle.issue("server")
        chain = (cls.folder / "server.pem").read_text() + (cls.folder / "middle.pem").read_text()
        (cls.folder / "server.pem").write_text(chain)

    def path(self, name):
        return str(self.folder / name)

    def config(self, *, more="", **tls):
        """A configuration with one TLS listener; by default with the server's certificate."""
        tls = tls or {"certificate": self.path("server.pem"), "private_key": self.path("server.key")}
        section = ", ".join(f"{key}: '{value}'" for key, value in tls.items())
        return f"listeners: [{{name: tls, bind: '127.0.0.1:0', tls: {{{section}}}}}]\n{more}"

    def start(self, *, more="", **tls):
        return self.start_daemon(config=self.config(more=more, **tls))

    def with_client_certificates(self, **more):
        return {
            "certificate": self.path("server.pem"), "private_key": self.path("server.key"),
            "ca": self.path("root.pem"), "client_certificate": "required", **more,
        }

    def publish(self, daemon, *options):
        """The exit code of a mosquitto_pub."""
        return Program(self, "mosquitto_pub", "-h", "localhost", "-p", daemon.port, "-t", "t",
                       "-m", "hello", *options).wait()  # fmt: skip

    def s_client(self, daemon, *options, data=b""):
        """What openssl s_client says, from a connection that ends when the broker ends it."""
        run = subprocess.run(
            ["openssl", "s_client", "-connect", f"127.0.0.1:{daemon.port}", "-ign_eof", *options],
            input=data, capture_output=True, timeout=DEADLINE, check=False,
        )
        return (run.stdout + run.stderr).decode(errors="replace")


SHORT_VISIT = connect("visitor") + DISCONNECT_BYTES


class ServerCertificateTest(TlsTestCase):
    def test_mosquittos_clients_verify_the_chain(self):
        daemon = self.start()
        self.assertIn(f"tls 127.0.0.1:{daemon.port}", daemon.ready_line)
        trust = ("--cafile", self.path("root.pem"))
        subscriber = Program(self, "mosquitto_sub", "-h", "localhost", "-p", daemon.port, *trust,
                             "-t", "t", "-C", "1", "-d")  # fmt: skip
        subscriber.lines.wait_for("SUBACK")
        self.assertEqual(self.publish(daemon, *trust), 0)
        self.assertEqual(subscriber.wait(), 0)
        self.assertIn("hello", subscriber.lines.all())

    def test_versions(self):
        daemon = self.start()
        for option, name in (("-tls1_2", "TLSv1.2"), ("-tls1_3", "TLSv1.3")):
            said = self.s_client(daemon, option, "-CAfile", self.path("root.pem"), data=SHORT_VISIT)
            self.assertIn(f"New, {name}", said)
            self.assertIn("Verify return code: 0 (ok)", said)
        old = self.s_client(daemon, "-tls1_1", "-cipher", "ALL:@SECLEVEL=0")
        self.assertIn("alert protocol version", old)

    def test_sessions_are_resumed(self):
        daemon = self.start()
        for option in ("-tls1_2", "-tls1_3"):
            session = self.path("session" + option)
            first = self.s_client(daemon, option, "-sess_out", session, data=SHORT_VISIT)
            self.assertNotIn("Reused", first)
            # Each resumed session brings a ticket for the next.
            for _ in range(3):
                again = self.s_client(
                    daemon, option, "-sess_in", session, "-sess_out", session, data=SHORT_VISIT
                )
                self.assertIn("Reused", again)

    def test_plain_mqtt_is_refused(self):
        daemon = self.start()
        with RawClient(daemon.address) as client:
            client.send(connect("plain"))
            with contextlib.suppress(ConnectionResetError):
                while client.socket.recv(4096):  # an alert at most
                    pass
        daemon.log.wait_for("tls_error")

    def test_slow_readers_get_large_messages_whole(self):
        daemon = self.start(more="limits: {outbound_buffer: 64MiB}\n"
                                 "session: {max_queued_bytes: 64MiB}")  # fmt: skip
        subscriber = TlsClient(daemon.address, receive_buffer=65536)
        subscriber.send(connect("s"), subscribe(1, ("t", 1)))
        subscriber.expect(connack(), suback(1, 1))
        payloads = [os.urandom(size) for size in (1, 16383, 16384, 16385, 1 << 20, 1000000) * 3]
        publisher = TlsClient(daemon.address)
        publisher.send(connect("p"))
        publisher.expect(connack())
        for number, payload in enumerate(payloads, 1):
            publisher.send(publish("t", payload[:1048000], 1, number))
            publisher.expect(puback(number))
        for payload in payloads:
            got = subscriber.receive()
            self.assertEqual(hashlib.sha256(got.payload).digest(),
                             hashlib.sha256(payload[:1048000]).digest())  # fmt: skip
            subscriber.send(puback(got.packet_id))
        publisher.close()
        subscriber.close()

    def test_a_renewed_certificate_serves_new_connections(self):
        for name in ("server.pem", "server.key"):
            (self.folder / f"mine-{name}").write_bytes((self.folder / name).read_bytes())
        mine = [self.path("mine-server.pem"), self.path("mine-server.key")]
        daemon = self.start(certificate=mine[0], private_key=mine[1])
        old = TlsClient(daemon.address)
        old.send(connect("old"))
        old.expect(connack())

        self.middle.issue("renewed")
        os.rename(self.path("renewed.pem"), mine[0])
        os.rename(self.path("renewed.key"), mine[1])
        daemon.log.wait_for("new connections get the new ones")
        said = self.s_client(daemon, data=SHORT_VISIT)
        self.assertIn("subject=CN = renewed", said)
        old.expect_quiet()
        old.close()


    def test_sighup_reads_the_files_at_once_or_leaves_all_as_it_was(self):
        daemon = self.start()
        with TlsClient(daemon.address) as old:
            old.send(connect("old"))
            old.expect(connack())
            key = (self.folder / "server.key").read_bytes()
            (self.folder / "server.key").write_text("no key\n")
            daemon.process.send_signal(signal.SIGHUP)
            daemon.log.wait_for("not reloaded.*server.key: listeners.0..tls.private_key: has no")
            self.assertIn("subject=CN = server", self.s_client(daemon, data=SHORT_VISIT))
            (self.folder / "server.key").write_bytes(key)
            daemon.process.send_signal(signal.SIGHUP)
            daemon.log.wait_for("configuration reloaded: tls 127")
            self.assertIn("subject=CN = server", self.s_client(daemon, data=SHORT_VISIT))
            old.expect_quiet()


class ClientCertificateTest(TlsTestCase):
    def test_required(self):
        self.root.issue("pump", extension="keyUsage=digitalSignature")
        daemon = self.start(**self.with_client_certificates(username_from="common_name"))
        trust = ("--cafile", self.path("root.pem"))
        mine = ("--cert", self.path("pump.pem"), "--key", self.path("pump.key"))
        self.assertEqual(self.publish(daemon, *trust, *mine), 0)
        self.assertNotEqual(self.publish(daemon, *trust), 0)
        daemon.log.wait_for("tls_error.*peer did not return a certificate")

    def test_revoked(self):
        lost = self.root.issue("lost", extension="keyUsage=digitalSignature")
        self.root.issue("kept", extension="keyUsage=digitalSignature")
        self.root.revoke(lost)
        daemon = self.start(**self.with_client_certificates(crl=self.path("root.crl")))
        trust = ("--cafile", self.path("root.pem"))
        for name, works in (("lost", False), ("kept", True)):
            mine = ("--cert", self.path(f"{name}.pem"), "--key", self.path(f"{name}.key"))
            self.assertEqual(self.publish(daemon, *trust, *mine) == 0, works, name)
        daemon.log.wait_for("tls_error.*certificate verify failed")


class PreSharedKeyTest(TlsTestCase):
    def test_mosquittos_clients(self):
        (self.folder / "psk").write_text("pump:0123456789abcdef\n")
        daemon = self.start(psk_file=self.path("psk"), username_from="common_name")
        for version in ("tlsv1.2", "tlsv1.3"):
            known = ("--psk-identity", "pump", "--tls-version", version)
            self.assertEqual(self.publish(daemon, *known, "--psk", "0123456789abcdef"), 0)
            self.assertNotEqual(self.publish(daemon, *known, "--psk", "0123456789abcdee"), 0)
        unknown = ("--psk-identity", "valve", "--psk", "0123456789abcdef")
        self.assertNotEqual(self.publish(daemon, *unknown), 0)


class FilesTest(TlsTestCase):
    """`godwit check` and the start say the same about files that are not in order."""

    def run_godwit(self, command, **tls):
        path = self.path("godwit.yaml")
        pathlib.Path(path).write_text(self.config(**tls), encoding="utf-8")
        return subprocess.run(
            [BINARY, command, "-c", path], capture_output=True, text=True, timeout=DEADLINE,
            check=False, env=environment_of(self.path("state")),
        )

    def expect(self, problem, **tls):
        checked = self.run_godwit("check", **tls)
        self.assertEqual((checked.returncode, checked.stderr), (2, problem + "\n"))
        served = self.run_godwit("serve", **tls)
        self.assertEqual((served.returncode, served.stderr.count("\n")), (1, 1))
        self.assertIn(problem, served.stderr)

    def test_good_files(self):
        self.assertEqual(self.run_godwit("check").returncode, 0)

    def test_unreadable(self):
        none = self.path("none.pem")
        self.expect(f"{none}: listeners[0].tls.certificate: cannot be read: "
                    "No such file or directory",
                    certificate=none, private_key=self.path("server.key"))  # fmt: skip

    def test_mismatch(self):
        key = self.path("root.key")
        self.expect(f"{key}: listeners[0].tls.private_key: does not match the certificate in "
                    + self.path("server.pem"),
                    certificate=self.path("server.pem"), private_key=key)  # fmt: skip

    def test_line_of_a_key_file(self):
        (self.folder / "bad-psk").write_text("pump:0123\nvalve\n")
        psk = self.path("bad-psk")
        self.expect(f"{psk}:2: listeners[0].tls.psk_file: expected IDENTITY:HEXKEY", psk_file=psk)

    def test_expired(self):
        self.root.issue("late", days=-1)
        files = {"certificate": self.path("late.pem"), "private_key": self.path("late.key")}
        checked = self.run_godwit("check", **files)
        self.assertEqual(checked.returncode, 2)
        self.assertIn("late.pem: listeners[0].tls.certificate: expired on ", checked.stderr)
        daemon = self.start(**files)
        daemon.log.wait_for("warning .*late.pem: listeners.0..tls.certificate: expired on ")


class HandshakeLimitTest(TlsTestCase):
    def test_handshakes_that_go_on_with_nothing_keep_nobody_out_for_long(self):
        """One loop works on 1,024 handshakes; 1,100 begin and go on with nothing."""
        if not raise_descriptor_limit(1300):
            self.fail("needs 1,300 descriptors")
        daemon = self.start(more="mqtt: {connect_timeout: 3s}")
        established = TlsClient(daemon.address)
        established.send(connect("established"))
        established.expect(connack())
        with contextlib.ExitStack() as half:
            for _ in range(1100):
                one = half.enter_context(socket.create_connection(daemon.address))
                one.sendall(b"\x16\x03\x01\x02\x00\x01")
            established.send(PINGREQ_BYTES)
            established.expect(PINGRESP_BYTES)
            late = TlsClient(daemon.address)  # waits until the others have had their time
            late.send(connect("late"))
            late.expect(connack())
            late.close()
        daemon.log.wait_for("connect_timeout", count=76)  # over the limit
        established.expect_quiet()
        established.close()


if __name__ == "__main__":
    unittest.main()
