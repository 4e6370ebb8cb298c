#!/usr/bin/env python3
"""Prints every message below home/, those too that came while it was not running.

    recorder.py [HOST [PORT [USER PASSWORD]]]

Its session is persistent: the broker keeps it, and queues what comes at QoS 1 or 2, until it is back. By
default for two hours (session.expiry).
"""

import sys

import paho.mqtt.client as mqtt


def main():
    host, port, *credentials = [*sys.argv[1:], *["localhost", "1883"][len(sys.argv) - 1 :]]
    versions = [mqtt.CallbackAPIVersion.VERSION1] if hasattr(mqtt, "CallbackAPIVersion") else []
    client = mqtt.Client(*versions, client_id="recorder", clean_session=False)
    if credentials:
        client.username_pw_set(*credentials)
    client.on_connect = lambda *_: client.subscribe("home/#", qos=1)
    client.on_subscribe = lambda *_: print("subscribed", flush=True)
    client.on_message = lambda _client, _data, message: print(
        message.topic, message.payload.decode(errors="replace"), flush=True
    )
    client.connect(host, int(port))
    try:
        client.loop_forever()
    except KeyboardInterrupt:
        client.disconnect()


if __name__ == "__main__":
    main()
