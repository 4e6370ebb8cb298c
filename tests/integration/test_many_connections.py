"""Two thousand clients at once."""

import unittest

from godwit_daemon import DaemonTestCase, on_loops, raise_descriptor_limit
from raw_client import RawClients, connack, connect, publish, suback, subscribe

COUNT = 2000


@on_loops(1, 4)
class ManyConnections(RawClients, DaemonTestCase):
    def test_two_thousand_clients_reach_each_other(self):
        self.assertTrue(raise_descriptor_limit(COUNT + 100))
        clients = [self.open() for _ in range(COUNT)]
        for number, client in enumerate(clients):
            client.send(connect(f"client-{number}"))
            client.send(subscribe(1, (f"own/{number}", 1), ("all", 0)))
        for client in clients:
            client.expect(connack(), suback(1, 1, 0))
        # To everybody at once, and each to its neighbour.
        clients[0].send(publish("all", "hello"))
        for client in clients:
            client.expect_publish("all", "hello")
        for number, client in enumerate(clients):
            client.send(publish(f"own/{(number + 1) % COUNT}", f"from {number}", 0))
        for number, client in enumerate(clients):
            client.expect_publish(f"own/{number}", f"from {(number - 1) % COUNT}")
        for client in clients[1:]:
            client.close()
        self.daemon.log.wait_for("client disconnected", count=COUNT - 1)
        clients[0].expect_quiet()


if __name__ == "__main__":
    unittest.main()
