"""Debian's mosquitto as a bridge: it tries level 0x84 first, then forwards both ways."""

import os
import tempfile
import unittest

from godwit_daemon import DaemonTestCase, Program, free_port, on_loops
from raw_client import RawClient, RawClients

CONFIGURATION = """
listener {port} 127.0.0.1
allow_anonymous true
user root
log_dest stderr
log_type all
connection to-godwit
address 127.0.0.1:{godwit}
bridge_protocol_version mqttv311
clientid bridge
local_clientid local-bridge
restart_timeout 1
cleansession false
topic out/# out 2
topic in/# in 2
topic # both 1 mosquitto/ godwit/
"""


@on_loops(1, 4)
class Bridge(RawClients, DaemonTestCase):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory(prefix="godwit-test-")
        self.addCleanup(folder.cleanup)
        port = free_port()
        path = os.path.join(folder.name, "mosquitto.conf")
        with open(path, "w", encoding="ascii") as file:
            file.write(CONFIGURATION.format(port=port, godwit=self.daemon.port))
        self.mosquitto = Program(self, "mosquitto", "-c", path)
        self.daemon.log.wait_for('client connected client_id="bridge"')
        # It has subscribed once it knows the answers for all its filters.
        self.mosquitto.lines.wait_for("Received SUBACK", count=2)
        self.there = ("127.0.0.1", port)

    def other_side(self, client_id):
        client = RawClient(self.there)
        self.addCleanup(client.close)
        return client.connect(client_id)

    def test_it_connects_after_its_first_try_and_forwards_both_ways(self):
        # Level 0x84 was an unknown one. One test for all, since mosquitto tries again after 5 s.
        self.daemon.log.wait_for("connection refused .*reason=unsupported_protocol")
        self.forwards_at_every_qos_and_nothing_comes_back()
        self.remaps_prefixes()

    def forwards_at_every_qos_and_nothing_comes_back(self):
        here = self.client("here").subscribe(("out/#", 2), ("in/#", 2), ("godwit/#", 2))
        there = self.other_side("there").subscribe(("out/#", 2), ("in/#", 2), ("mosquitto/#", 2))
        writer_here, writer_there = self.client("writer"), self.other_side("writer")
        for qos in (0, 1, 2):
            writer_there.publish("out/x", f"out {qos}", qos)
            for reader in (here, there):
                [got] = reader.receive_messages(1)
                self.assertEqual((got.topic, got.payload, got.qos), ("out/x", b"out %d" % qos, qos))
            writer_here.publish("in/x", f"in {qos}", qos)
            for reader in (here, there):
                [got] = reader.receive_messages(1)
                self.assertEqual((got.topic, got.payload, got.qos), ("in/x", b"in %d" % qos, qos))
        for client in (here, there):
            client.expect_quiet()

    def remaps_prefixes(self):
        here = self.client("here").subscribe(("godwit/b", 1))
        there = self.other_side("there").subscribe(("mosquitto/a", 1))
        self.client("writer").publish("godwit/a", "1", 1)
        self.assertEqual(there.receive_payloads(1), ["1"])
        self.other_side("writer").publish("mosquitto/b", "2", 1)
        self.assertEqual(here.receive_payloads(1), ["2"])


if __name__ == "__main__":
    unittest.main()
