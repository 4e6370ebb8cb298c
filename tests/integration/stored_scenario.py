"""A state with a record of every kind, as a broker leaves it that is killed. scripts/make-store-fixture
keeps it for the format of the day; test_old_data.py reads what was kept."""

import pathlib

from godwit_daemon import Daemon
from raw_client import PUBLISH, PUBREL, RawClient, Will, publish, pubrec

# One window of three and room for four more, so that a replay stays unfinished and a queue fills up.
# A mount point for the second listener.
CONFIG = """
node: {threads: 2}
listeners:
  - {name: plain, bind: "127.0.0.1:0", anonymous: allow}
  - {name: mounted, bind: "127.0.0.1:0", anonymous: allow, mount_point: "m/"}
session: {expiry: 0, max_inflight: 3, max_queued_messages: 4, queue_qos0: true, overflow: hold}
retained: {expiry_overrides: [{filter: kept/4, expiry: 876000h}]}
"""
ROOMY = [f"roomy-{i}" for i in range(6)]  # on both loops, all but surely
RETAINED = 8


class Scenario:
    def __init__(self, state):
        self._state = pathlib.Path(state)
        self._daemon = None
        self._clients = []

    def leave(self):
        """Leaves it in that folder. What the first daemon wrote is in tables then, the rest in a log."""
        self._run(self._leave_absent_sessions)
        self._run(self._leave_what_is_under_way)

    def _run(self, part):
        self._daemon = Daemon(config=CONFIG, state=self._state)
        try:
            part()
        finally:
            self._daemon.destroy()
            for client in self._clients:
                client.close()
            self._clients.clear()

    def _client(self, client_id, listener=0, present=False, **fields):
        client = RawClient(("127.0.0.1", self._daemon.ports[listener]))
        self._clients.append(client)
        return client.connect(client_id, present, clean=False, **fields)

    def _leave_absent_sessions(self):
        self._client("absent").subscribe(("a/#", 2), ("b", 1), ("will/#", 1)).disconnect()
        self._client("mounted", listener=1, user="u").subscribe(("t", 1)).disconnect()
        self._client("local").subscribe(("$local/l", 1), ("$queue/q", 1)).disconnect()
        for name in ("share-1", "share-2"):
            self._client(name).subscribe(("$share/g/s/#", 1)).disconnect()
        publisher = self._client("publisher")
        publisher.publish("a/0", "zero", 0).publish("a/1", "one", 1)
        publisher.publish("s/1", "one", 1).publish("s/2", "two", 1)
        publisher.publish("l", "here", 1).publish("q", "queue", 1)
        self._client("other", listener=1).publish("t", "mounted", 1).disconnect()
        for number in range(RETAINED):
            publisher.publish(f"kept/{number}", str(number), number % 3, retain=True)

    def _leave_what_is_under_way(self):
        publisher = self._client("publisher", present=True)
        publisher.send(publish("a/2", b"\x00\xff", 2, 7))
        publisher.expect(pubrec(7))
        self._client("frail", will=Will("will/frail", "gone", 1, True))
        self._leave_a_window(publisher)
        self._leave_unacknowledged(publisher)
        self._leave_a_replay()
        self._leave_a_held_publication(publisher)

    def _leave_a_window(self, publisher):
        """A connected client with a message in each state."""
        reader = self._client("window").subscribe(("f/#", 2))
        for number, qos in ((1, 1), (2, 2), (3, 2)):
            publisher.publish(f"f/{number}", str(number), qos)
            last = reader.receive()
        reader.send(pubrec(last.packet_id))
        assert reader.receive().type == PUBREL  # it is committed that PUBREC came
        publisher.publish("f/4", "4", 1)

    def _leave_unacknowledged(self, publisher):
        """An absent client that has seen one of two messages."""
        reader = self._client("left").subscribe(("g/#", 1))
        publisher.publish("g/1", "1", 1)
        assert reader.receive().type == PUBLISH
        reader.disconnect()
        publisher.publish("g/2", "2", 1)

    def _leave_a_replay(self):
        """A client that has got as many retained messages as it may without an acknowledgement."""
        reader = self._client("replayed").subscribe(("kept/#", 1))
        for _ in range(5):  # three of them at QoS 1
            assert reader.receive().type == PUBLISH

    def _leave_a_held_publication(self, publisher):
        """A QoS 2 publication that one loop has placed, and the other one not for all."""
        self._client("full").subscribe(("full", 1), ("h", 2)).disconnect()
        for number in range(4):
            publisher.publish("full", str(number), 1)
        readers = [self._client(name).subscribe(("h", 2)) for name in ROOMY]
        holder = self._client("holder")
        holder.send(publish("h", "held", 2, 9))
        for reader in readers:
            assert reader.receive().type == PUBLISH  # it is committed that it was placed
        holder.expect_quiet()
