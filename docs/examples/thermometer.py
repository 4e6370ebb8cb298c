#!/usr/bin/env python3
"""A thermometer: publishes the temperature of the kitchen, at QoS 1, and whether it is there.

    thermometer.py [HOST [PORT [USER PASSWORD]]]

Wants paho: apt install python3-paho-mqtt. Ends with Ctrl-C.
"""

import random
import sys
import time

import paho.mqtt.client as mqtt

STATUS = "home/kitchen/thermometer"
TEMPERATURE = "home/kitchen/temperature"


def main():
    host, port, *credentials = [*sys.argv[1:], *["localhost", "1883"][len(sys.argv) - 1 :]]
    versions = [mqtt.CallbackAPIVersion.VERSION1] if hasattr(mqtt, "CallbackAPIVersion") else []
    client = mqtt.Client(*versions, client_id="thermometer", clean_session=True)
    if credentials:
        client.username_pw_set(*credentials)
    # The broker publishes it when the connection ends in any other way than by DISCONNECT.
    client.will_set(STATUS, "offline", qos=1, retain=True)
    client.on_connect = lambda *_: client.publish(STATUS, "online", qos=1, retain=True)
    client.connect(host, int(port))
    client.loop_start()  # connects again by itself, too
    try:
        while True:
            client.publish(TEMPERATURE, f"{random.gauss(21, 0.5):.1f}", qos=1, retain=True)
            time.sleep(1)
    except KeyboardInterrupt:
        client.publish(STATUS, "offline", qos=1, retain=True).wait_for_publish(5)
        client.disconnect()


if __name__ == "__main__":
    main()
