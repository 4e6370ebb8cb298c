"""End to end in seconds, for builds with sanitizers too: every kind of traffic once."""

import unittest

from godwit_daemon import DaemonTestCase, on_loops
from raw_client import RawClients, Will
from tools import MosquittoSub, PahoClient, mosquitto_pub


@on_loops(1, 4)
class Smoke(RawClients, DaemonTestCase):
    def test_mosquitto_tools_exchange_messages_at_every_qos(self):
        subscribers = {
            qos: MosquittoSub(self, self.daemon, topic=f"smoke/{qos}/+", qos=qos, count=3)
            for qos in (0, 1, 2)
        }
        for qos, subscriber in subscribers.items():
            mosquitto_pub(
                self, self.daemon, "-l", topic=f"smoke/{qos}/x", qos=qos, stdin="a\nb\nc\n"
            )
            wanted = [f"smoke/{qos}/x {qos} 0 {payload}" for payload in "abc"]
            self.assertEqual(subscriber.messages(), wanted)

    def test_paho_exchanges_messages_at_every_qos(self):
        subscriber = PahoClient(self, self.daemon, "reader")
        publisher = PahoClient(self, self.daemon, "writer")
        self.assertEqual(subscriber.subscribe("paho/#", 2), (2,))
        for qos in (0, 1, 2):
            publisher.publish(f"paho/{qos}", b"\x00payload\xff", qos)
            message = subscriber.message()
            self.assertEqual(
                (message.topic, message.payload, message.qos, message.retain),
                (f"paho/{qos}", b"\x00payload\xff", qos, False),
            )

    def test_a_retained_message_awaits_its_subscribers(self):
        mosquitto_pub(self, self.daemon, "-r", "-m", "kept", topic="smoke/retained", qos=1)
        reader = MosquittoSub(self, self.daemon, topic="smoke/retained", qos=1)
        self.assertEqual(reader.messages(), ["smoke/retained 1 1 kept"])

    def test_the_will_of_a_lost_client_is_published(self):
        reader = self.client("reader").subscribe(("wills/+", 1))
        lost = self.client("lost", will=Will("wills/lost", "gone", 1))
        lost.close()
        reader.expect_publish("wills/lost", "gone", 1)

    def test_a_persistent_session_gets_what_it_missed(self):
        sleeper = PahoClient(self, self.daemon, "sleeper", clean=False)
        sleeper.subscribe("missed/#", 2)
        sleeper.leave()
        self.daemon.log.wait_for('client disconnected client_id="sleeper"')
        publisher = self.client("publisher")
        for qos in (1, 2):
            publisher.publish(f"missed/{qos}", "while away", qos)
        sleeper = PahoClient(self, self.daemon, "sleeper", clean=False)
        self.assertTrue(sleeper.session_present)
        missed = [sleeper.message() for _ in range(2)]
        self.assertEqual([(m.topic, m.qos) for m in missed], [("missed/1", 1), ("missed/2", 2)])

    def test_it_stops_cleanly_with_clients_connected(self):
        client = self.client("last").subscribe(("#", 0))
        self.daemon.stop()
        client.expect_closed()


if __name__ == "__main__":
    unittest.main()
