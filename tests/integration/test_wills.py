"""A will is published at every end of a connection but its own DISCONNECT."""

import socket
import struct
import unittest

from godwit_daemon import DaemonTestCase, on_loops
from raw_client import DISCONNECT_BYTES, RawClients, Will, connack, connect, packet, puback
from tools import MosquittoSub


@on_loops(1, 4)
class Wills(RawClients, DaemonTestCase):
    def setUp(self):
        super().setUp()
        self.reader = self.client("reader").subscribe(("will/#", 2))

    def doomed(self, name="doomed", **fields):
        return self.client(name, will=Will(f"will/{name}", "gone", 1), **fields)

    def expect_will(self, name="doomed"):
        packet_id = self.reader.expect_publish(f"will/{name}", "gone", 1)
        self.reader.send(puback(packet_id))

    def test_when_the_client_closes_without_disconnect(self):
        self.doomed().close()
        self.expect_will()

    def test_when_the_connection_breaks(self):
        client = self.doomed()
        # Closing with a linger time of 0 sends a reset.
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.close()
        self.expect_will()

    def test_not_after_disconnect(self):
        self.doomed().disconnect()
        self.doomed("other").close()
        self.expect_will("other")
        self.reader.expect_quiet()

    def test_not_after_disconnect_in_the_segment_of_connect(self):
        client = self.open()
        client.send(connect("doomed", will=Will("will/doomed", "gone", 1)), DISCONNECT_BYTES)
        client.expect(connack())
        client.expect_closed()
        self.doomed("other").close()
        self.expect_will("other")
        self.reader.expect_quiet()

    def test_when_the_client_breaks_the_protocol(self):
        client = self.doomed()
        client.send(packet(0xF0))
        client.expect_closed()
        self.expect_will()

    def test_when_another_connection_takes_the_client_id_over(self):
        self.doomed()
        self.client("doomed")
        self.expect_will()

    def test_when_keep_alive_ends(self):
        self.doomed(keep_alive=1)
        self.expect_will()
        self.daemon.log.wait_for('client_id="doomed".*reason=keep_alive')

    def test_of_a_persistent_session_too_and_once(self):
        self.doomed(clean=False).close()
        self.expect_will()
        self.client("doomed", present=True, clean=False).close()
        self.daemon.log.wait_for('client disconnected client_id="doomed"', count=2)
        self.reader.expect_quiet()

    def test_at_every_qos_and_with_an_empty_payload(self):
        for qos in (0, 1, 2):
            self.client("doomed", will=Will(f"will/{qos}", "", qos)).close()
            [will] = self.reader.receive_messages(1)
            self.assertEqual((will.topic, will.payload, will.qos), (f"will/{qos}", b"", qos))

    def test_a_retained_will_awaits_later_subscribers(self):
        self.client("doomed", will=Will("will/kept", "gone", 1, True)).close()
        self.reader.expect_publish("will/kept", "gone", 1)
        self.client("later").subscribe(("will/kept", 0)).expect_publish(
            "will/kept", "gone", 0, retain=True
        )

    def test_a_binary_payload_arrives_as_it_was(self):
        payload = bytes(range(256)) * 20
        self.client("doomed", will=Will("will/binary", payload)).close()
        self.reader.expect_publish("will/binary", payload)

    def test_when_mosquitto_sub_is_killed(self):
        program = MosquittoSub(
            self, self.daemon, "--will-topic", "will/tool", "--will-payload", "killed", topic="t"
        )
        program.kill()
        self.reader.expect_publish("will/tool", "killed")


@on_loops(1, 4)
class WillsAtStop(RawClients, DaemonTestCase):
    def test_clients_still_connected_get_the_wills_of_all_others(self):
        # Readers before and after, so that the order of closing cannot help.
        early = self.client("early").subscribe(("will/#", 1))
        for i in range(8):
            self.client(f"doomed-{i}", will=Will(f"will/{i}", "stopped", 1))
        late = self.client("late").subscribe(("will/#", 1))
        self.daemon.stop()
        for reader in (early, late):
            wills = {reader.receive().topic for _ in range(8)}
            self.assertEqual(wills, {f"will/{i}" for i in range(8)})
            reader.expect_closed()


if __name__ == "__main__":
    unittest.main()
