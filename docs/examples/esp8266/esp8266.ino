// A thermometer and a lamp on an ESP8266, with Adafruit's MQTT library ("Adafruit MQTT Library" in the
// Arduino IDE's library manager).
#include <ESP8266WiFi.h>

#include "Adafruit_MQTT.h"
#include "Adafruit_MQTT_Client.h"

const char* const kWifi = "your network";
const char* const kWifiPassword = "its password";
const char* const kBroker = "192.168.1.10";
// A client id of its own for each board: of two with the same, each throws the other one out.
const char* const kClientId = "kitchen-board";
const char* const kUser = "sensor";
const char* const kPassword = "secret";

WiFiClient wifi;
Adafruit_MQTT_Client mqtt(&wifi, kBroker, 1883, kClientId, kUser, kPassword);
Adafruit_MQTT_Publish temperature(&mqtt, "home/kitchen/temperature", MQTT_QOS_1);
Adafruit_MQTT_Subscribe lamp(&mqtt, "home/kitchen/lamp/set", MQTT_QOS_1);

void setup() {
  pinMode(LED_BUILTIN, OUTPUT);
  WiFi.begin(kWifi, kWifiPassword);
  while (WiFi.status() != WL_CONNECTED) delay(100);
  // The broker publishes it when the board is gone without a word.
  mqtt.will("home/kitchen/board", "offline", MQTT_QOS_1, 1);
  mqtt.subscribe(&lamp);
}

void connectToBroker() {
  while (!mqtt.connected()) {
    // 0 is success. Else wait, so that a broker that refuses is not asked without a pause.
    if (mqtt.connect() != 0) {
      mqtt.disconnect();
      delay(5000);
    }
  }
}

void loop() {
  connectToBroker();
  // Takes what comes for 5 seconds.
  while (Adafruit_MQTT_Subscribe* received = mqtt.readSubscription(5000)) {
    // The builtin LED is lit when its pin is low.
    if (received == &lamp) digitalWrite(LED_BUILTIN, strcmp((char*)lamp.lastread, "on") == 0 ? LOW : HIGH);
  }
  temperature.publish(21.5f + analogRead(A0) / 1024.0f);
}
