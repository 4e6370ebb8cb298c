"""Clients that others wrote: mosquitto_pub, mosquitto_sub and paho."""

import queue

import paho.mqtt.client as paho

from godwit_daemon import DEADLINE, Program


class MosquittoSub(Program):
    """mosquitto_sub that has subscribed; each message is a line 'topic qos retained payload'."""

    def __init__(self, case, daemon, *arguments, topic, qos=0, count=1):
        super().__init__(
            case, "mosquitto_sub", "-d", *target(daemon), "-t", topic, "-q", qos, "-C", count,
            "-F", "message: %t %q %r %p", *arguments,
        )
        self.lines.wait_for(r"^Subscribed")

    def messages(self):
        """All messages, once it has as many as it was told to wait for."""
        code = self.wait()
        if code != 0:
            raise AssertionError(f"mosquitto_sub exited with {code}:\n{self.lines.text()}")
        return [line.split(": ", 1)[1] for line in self.lines.matching("^message: ")]


def mosquitto_pub(case, daemon, *arguments, topic, qos=0, stdin=None):
    """Publishes and waits until all was acknowledged."""
    program = Program(
        case, "mosquitto_pub", *target(daemon), "-t", topic, "-q", qos, *arguments, stdin=stdin
    )
    code = program.wait()
    if code != 0:
        raise AssertionError(f"mosquitto_pub exited with {code}:\n{program.lines.text()}")


def target(daemon):
    return ["-h", "127.0.0.1", "-p", daemon.port]


class PahoClient:
    """paho's client on a thread of its own, its callbacks turned into queues."""

    def __init__(self, case, daemon, client_id="", clean=True, will=None):
        self._client = paho.Client(client_id, clean_session=clean, protocol=paho.MQTTv311)
        self._connected = queue.Queue()
        self._subscribed = queue.Queue()
        self._messages = queue.Queue()
        self._client.on_connect = lambda _c, _u, flags, code: self._connected.put((flags, code))
        self._client.on_subscribe = lambda _c, _u, _mid, granted: self._subscribed.put(granted)
        self._client.on_message = lambda _c, _u, message: self._messages.put(message)
        if will:
            self._client.will_set(*will)
        self._client.connect("127.0.0.1", daemon.port, keepalive=60)
        self._client.loop_start()
        case.addCleanup(self.leave)
        flags, code = self._connected.get(timeout=DEADLINE)
        case.assertEqual(code, 0)
        self.session_present = bool(flags["session present"])

    def subscribe(self, topic, qos):
        self._client.subscribe(topic, qos)
        return self._subscribed.get(timeout=DEADLINE)

    def publish(self, topic, payload, qos=0, retain=False):
        """Returns once it is acknowledged, or sent at QoS 0."""
        info = self._client.publish(topic, payload, qos, retain)
        info.wait_for_publish(DEADLINE)
        if not info.is_published():
            raise AssertionError("paho's PUBLISH was not acknowledged")

    def message(self):
        return self._messages.get(timeout=DEADLINE)

    def has_messages(self):
        return not self._messages.empty()

    def leave(self):
        self._client.disconnect()
        self._client.loop_stop()
