#!/usr/bin/env python3
"""One of any number of workers: each job goes to one of them.

    worker.py NAME [HOST [PORT [USER PASSWORD]]]

Start it several times with different names, and publish to jobs/...
"""

import sys

import paho.mqtt.client as mqtt


def main():
    name = sys.argv[1]
    host, port, *credentials = [*sys.argv[2:], *["localhost", "1883"][len(sys.argv) - 2 :]]
    versions = [mqtt.CallbackAPIVersion.VERSION1] if hasattr(mqtt, "CallbackAPIVersion") else []
    client = mqtt.Client(*versions, client_id=f"worker-{name}", clean_session=False)
    if credentials:
        client.username_pw_set(*credentials)
    client.on_connect = lambda *_: client.subscribe("$share/workers/jobs/#", qos=1)
    client.on_subscribe = lambda *_: print("subscribed", flush=True)

    def work(_client, _data, message):
        print(f"{name} does {message.payload.decode(errors='replace')}", flush=True)
        # paho acknowledges when this returns. A worker that dies before leaves the job to another one.

    client.on_message = work
    client.connect(host, int(port))
    try:
        client.loop_forever()
    except KeyboardInterrupt:
        client.disconnect()


if __name__ == "__main__":
    main()
