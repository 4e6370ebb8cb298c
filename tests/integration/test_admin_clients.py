"""What an operator sees and does over the admin interface: clients, subscriptions, groups, retained
messages, and why a message does not arrive."""

import base64
import tempfile
import unittest

from godwit_daemon import DaemonTestCase, on_loops
from http_client import Api
from raw_client import DISCONNECT_BYTES, RawClients, connack, connect, suback, subscribe

MANY = 5000

ACL = """
acl:
  rules:
    - {permit: deny, action: subscribe, topics: ["secret/deep"]}
    - {permit: allow, topics: ["#"]}
"""


def encoded(text):
    return base64.b64encode(text.encode()).decode()


class AdminTestCase(RawClients, DaemonTestCase):
    def start_daemon(self, *settings, **more):
        return super().start_daemon(*settings, **({"admin": True} | more))

    def setUp(self):
        super().setUp()
        self.api = Api(self.daemon)

    def clients(self, **parameters):
        return {one["client_id"]: one for one in self.api.items("/api/v1/clients", **parameters)}

    def absent(self, client_id, *filters):
        """A persistent session whose client has left."""
        with self.open() as client:
            client.send(connect(client_id, clean=False))
            client.expect(connack())
            if filters:
                client.send(subscribe(1, *filters))
                client.expect(suback(1, *(qos for _, qos in filters)))
            client.send(DISCONNECT_BYTES)
            client.expect_closed()

    def explain(self, client_id, topic):
        answer = self.api.get("/api/v1/explain", client_id=client_id, topic=topic)
        self.assertEqual(answer.status, 200, answer)
        return answer.json

    def retained(self, **parameters):
        return [(one["topic"], base64.b64decode(one["payload"]).decode())
                for one in self.api.items("/api/v1/retained", **parameters)]


@on_loops(3)
class ManyClients(AdminTestCase):
    def test_every_session_is_listed_once_page_by_page(self):
        for i in range(MANY):
            self.absent(f"device-{i}")
        connected = self.client("Connected-One", user="alice")
        items = self.api.items("/api/v1/clients", limit=701)
        ids = [one["client_id"] for one in items]
        self.assertEqual(len(ids), MANY + 1)
        self.assertEqual(set(ids), {f"device-{i}" for i in range(MANY)} | {"Connected-One"})

        for parameters in ({"q": "connected-ONE"}, {"q": "ALICE"}, {"connected": "true"}):
            with self.subTest(**parameters):
                self.assertEqual(list(self.clients(**parameters)), ["Connected-One"])
        self.assertEqual(len(self.clients(q="device-49", limit=10)), 111)
        self.assertEqual(len(self.clients(connected="false", limit=10_000)), MANY)
        connected.disconnect()

    def test_a_cursor_from_elsewhere_is_refused(self):
        for cursor in ("x", "0", "9.0.", "0.x.", "0.1.x", "-1.0."):
            with self.subTest(cursor=cursor):
                answer = self.api.get("/api/v1/clients", cursor=cursor)
                self.assertEqual(answer.status, 400, answer)


@on_loops(1, 3)
class Clients(AdminTestCase):
    def test_a_client_is_shown_as_it_is(self):
        client = self.client("c", clean=False, keep_alive=90, user="alice")
        client.subscribe(("a/#", 1), ("$share/g/b", 0))
        self.assertEqual(self.api.post("/api/v1/publish", {"topic": "a/b", "qos": 1}).json,
                         {"matched": 1})
        client.receive()
        shown = self.api.get("/api/v1/clients/c").json
        self.assertEqual(
            {key: shown[key] for key in ("user_name", "connected", "keep_alive", "clean_session",
                                         "protocol", "inflight_messages", "expires_at")},
            {"user_name": "alice", "connected": True, "keep_alive": 90, "clean_session": False,
             "protocol": "3.1.1", "inflight_messages": 1, "expires_at": None})
        self.assertEqual(shown["subscriptions"],
                         [{"filter": "$share/g/b", "qos": 0}, {"filter": "a/#", "qos": 1}])
        self.assertRegex(shown["connected_at"], r"^20\d\d-.*Z$")
        self.assertEqual(self.api.get("/api/v1/clients/nobody").status, 404)

    def test_a_kicked_client_is_closed_and_keeps_its_session(self):
        client = self.client("c", clean=False)
        client.subscribe(("a", 1))
        self.assertEqual(self.api.delete("/api/v1/clients/c").status, 204)
        client.expect_closed()
        self.assertFalse(self.clients()["c"]["connected"])
        self.client("c", True, clean=False)

    def test_a_client_can_be_kicked_with_its_session(self):
        client = self.client("c", clean=False)
        self.absent("away", ("a", 1))
        for client_id in ("c", "away"):
            self.assertEqual(
                self.api.delete(f"/api/v1/clients/{client_id}", session="true").status, 204)
            self.assertEqual(self.api.get(f"/api/v1/clients/{client_id}").status, 404)
            self.assertEqual(self.api.delete(f"/api/v1/clients/{client_id}").status, 404)
        client.expect_closed()
        self.client("away", False, clean=False)

    def test_subscriptions_are_found_by_client_filter_and_topic(self):
        for i in range(5):
            self.client(f"c{i}").subscribe((f"a/{i}", 1), ("a/#", 0))
        self.client("s").subscribe(("$share/g/a/+", 2))

        def found(**parameters):
            return sorted((one["client_id"], one["filter"], one["qos"])
                          for one in self.api.items("/api/v1/subscriptions", **parameters))

        self.assertEqual(len(found(limit=2)), 11)
        self.assertEqual(found(client_id="c3"), [("c3", "a/#", 0), ("c3", "a/3", 1)])
        self.assertEqual(found(filter="$share/g/a/+"), [("s", "$share/g/a/+", 2)])
        self.assertEqual(found(match="a/3", limit=1),
                         sorted([(f"c{i}", "a/#", 0) for i in range(5)] +
                                [("c3", "a/3", 1), ("s", "$share/g/a/+", 2)]))
        self.assertEqual(found(match="$SYS/a"), [])

    def test_groups_show_how_messages_are_split(self):
        members = [self.client(f"m{i}").subscribe(("$share/g/jobs", 1), ("$queue/jobs", 0))
                   for i in range(3)]
        with self.open() as publisher:
            publisher.connect("p")
            for i in range(9):
                publisher.publish("jobs", f"{i}", 1)
        for member in members:
            member.receive_messages(6)
        groups = self.api.items("/api/v1/shared", limit=1)
        self.assertEqual([(one["group"], one["filter"], one["strategy"]) for one in groups],
                         [("", "jobs", "round_robin"), ("g", "jobs", "round_robin")])
        for group in groups:
            self.assertEqual([(one["client_id"], one["deliveries"]) for one in group["members"]],
                             [("m0", 3), ("m1", 3), ("m2", 3)])


@on_loops(1, 3)
class Explanations(AdminTestCase):
    settings = ("session.max_queued_messages=1", "session.overflow=drop_newest")

    def start_daemon(self, *settings, **more):
        listeners = "listeners: [{name: tcp, bind: '127.0.0.1:0'}]\n"
        return super().start_daemon(*settings, **({"config": listeners + ACL} | more))

    def expect(self, client_id, topic, delivered, reason):
        explained = self.explain(client_id, topic)
        self.assertEqual((explained["delivered"], explained["reason"]), (delivered, reason))
        return explained

    def test_each_verdict_says_what_happens(self):
        here = self.client("here").subscribe(("a/#", 1), ("secret/#", 0))
        self.client("worker").subscribe(("$share/g/jobs", 0))
        self.absent("away", ("q/0", 0), ("q/1", 1))

        matches = self.expect("here", "a/b", True, "subscribed")["matches"]
        self.assertEqual(matches, [{"filter": "a/#", "qos": 1, "allowed": True,
                                    "acl": "acl.rules[1] (allow, all)"}])
        self.expect("here", "b", False, "no_matching_subscription")
        denied = self.expect("here", "secret/deep", False, "denied_by_acl")
        self.assertEqual(denied["matches"][0]["acl"], "acl.rules[0] (deny, subscribe)")
        self.expect("worker", "jobs", True, "shared")
        self.expect("away", "q/0", False, "absent_qos0")
        self.expect("away", "q/1", True, "subscribed")
        self.assertEqual(self.api.get("/api/v1/explain", client_id="no", topic="a").status, 404)

        for topic, qos in (("secret/deep", 0), ("q/0", 0), ("q/1", 1), ("q/1", 1), ("a/b", 0)):
            self.api.post("/api/v1/publish", {"topic": topic, "qos": qos, "payload": "x"})
        here.expect_publish("a/b", "x")
        here.expect_quiet()
        full = self.expect("away", "q/1", False, "queue_full")
        self.assertTrue(full["queue"]["full"])
        self.assertEqual(full["queue"]["queued_messages"], 1)
        for client_id, drop in (("away", ("queue_full", "q/1", 1)),
                                ("here", ("denied_delivery", "secret/deep", 0))):
            drops = self.api.get(f"/api/v1/clients/{client_id}").json["last_drops"]
            self.assertEqual([(one["reason"], one["topic"], one["qos"]) for one in drops], [drop])


@on_loops(1, 3)
class Messages(AdminTestCase):
    def test_retained_messages_are_listed_shown_and_deleted(self):
        watcher = self.client("watcher").subscribe(("r/#", 0))
        with self.open() as client:
            client.connect("p")
            for i in range(10):
                client.publish(f"r/{i}", f"v{i}", 1, True)
                watcher.expect_publish(f"r/{i}", f"v{i}")
        everything = [(f"r/{i}", f"v{i}") for i in range(10)]
        self.assertEqual(self.retained(filter="r/#", limit=3), everything)
        self.assertEqual(self.retained(filter="r/4"), [("r/4", "v4")])
        shown = self.api.get("/api/v1/retained/r%2F4").json
        self.assertEqual((shown["payload"], shown["qos"], shown["truncated"]),
                         (encoded("v4"), 1, False))

        self.assertEqual(self.api.delete("/api/v1/retained/r%2F4").status, 204)
        watcher.expect_publish("r/4", "")
        self.assertEqual(self.api.get("/api/v1/retained/r%2F4").status, 404)
        self.assertEqual(self.api.delete("/api/v1/retained/r%2F4").status, 404)
        self.assertEqual(self.retained(filter="r/#"), everything[:4] + everything[5:])

    def test_a_list_goes_on_although_what_it_showed_is_deleted(self):
        for i in range(7):
            self.api.post("/api/v1/publish", {"topic": f"r/{i}", "payload": "x", "retain": True})
        seen, cursor = [], None
        while True:
            more = {} if cursor is None else {"cursor": cursor}
            page = self.api.get("/api/v1/retained", filter="r/#", limit=2, **more).json
            for one in page["items"]:
                seen.append(one["topic"])
                self.api.delete(f"/api/v1/retained/{one['topic'].replace('/', '%2F')}")
            cursor = page["next_cursor"]
            if cursor is None:
                break
        self.assertEqual(seen, [f"r/{i}" for i in range(7)])

    def test_deleted_retained_messages_stay_away_after_a_restart(self):
        with tempfile.TemporaryDirectory(prefix="godwit-test-") as state:
            first = self.start_daemon(state=state)
            api = Api(first)
            for topic in ("kept", "deleted"):
                api.post("/api/v1/publish",
                         {"topic": topic, "payload": "x", "retain": True, "qos": 1})
            self.assertEqual(api.delete("/api/v1/retained/deleted").status, 204)
            first.stop()
            self.api = Api(self.start_daemon("sys_topics.enabled=false", state=state))
            self.assertEqual(self.retained(), [("kept", "x")])

    def test_what_is_published_reaches_subscribers(self):
        one = self.client("one").subscribe(("a/#", 2), ("a/+", 0))
        two = self.client("two").subscribe(("$share/g/a/b", 1))
        answer = self.api.post("/api/v1/publish", {
            "topic": "a/b", "payload": base64.b64encode(b"\0\xff").decode(), "encoding": "base64",
            "qos": 1})
        self.assertEqual((answer.status, answer.json), (200, {"matched": 2}))
        for client in (one, two):
            message, = client.receive_messages(1)
            self.assertEqual((message.topic, message.payload, message.qos), ("a/b", b"\0\xff", 1))
        self.assertEqual(self.api.post("/api/v1/publish", {"topic": "nobody"}).json, {"matched": 0})

    def test_a_subscription_streams_messages(self):
        self.api.post("/api/v1/publish", {"topic": "t/old", "payload": "kept", "retain": True})
        stream = self.api.stream("/api/v1/subscribe", filter="t/#", qos=2)
        self.addCleanup(stream.close)
        self.assertEqual(stream.wait_for("message"),
                         {"topic": "t/old", "payload": encoded("kept"), "qos": 0, "retain": True})
        client_id, = [one for one in self.clients() if one.startswith("admin-")]
        self.assertEqual(self.clients()[client_id]["subscriptions"], 1)
        with self.open() as client:
            client.connect("p")
            for i in range(100):
                client.publish("t/x", f"{i}", i % 3)
            got = [stream.wait_for("message") for _ in range(100)]
        self.assertEqual([one["payload"] for one in got], [encoded(f"{i}") for i in range(100)])
        self.assertEqual([one["qos"] for one in got], [i % 3 for i in range(100)])
        stream.close()
        self.daemon.log.wait_for(f'client disconnected client_id="{client_id}"')
        self.assertNotIn(client_id, self.clients())

    def test_a_stream_ends_when_its_client_is_kicked(self):
        stream = self.api.stream("/api/v1/subscribe", filter="t/#")
        self.addCleanup(stream.close)
        client_id, = self.wait_for_clients(1)
        self.assertEqual(self.api.delete(f"/api/v1/clients/{client_id}").status, 204)
        self.assertEqual(stream.wait_for("ended"), {"reason": "kicked"})
        stream.wait_for_end()
        self.assertEqual(self.clients(), {})
        self.assertEqual(self.api.post("/api/v1/publish", {"topic": "t/x"}).json, {"matched": 0})

    def wait_for_clients(self, count):
        self.daemon.log.wait_for("client connected", count)
        return list(self.clients())


if __name__ == "__main__":
    unittest.main()
