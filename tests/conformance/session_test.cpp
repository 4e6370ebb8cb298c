// Session state, taking over messages, sending again. [MQTT-4.1] [MQTT-4.4] [MQTT-4.5]
#include "conformance.hpp"

namespace godwit::test {
namespace {

TEST_P(Conformance, MQTT_4_1_0_1_StoresTheSessionAsLongAsItLasts) {
    const ConnectOptions options{.client_id = "c", .clean_session = false, .acknowledges = false};
    Client& before = subscriber(options, "t", Qos::exactly_once);
    Client& publisher = client("p");
    publisher.publish("t", "sent", Qos::at_least_once);     // not acknowledged
    publisher.publish("t", "received", Qos::exactly_once);  // acknowledged by PUBREC
    before.ack(PacketType::pubrec, 2);
    before.publish("u", "from c", Qos::exactly_once, {.packet_id = 77});  // not released
    before.drop();
    publisher.publish("t", "queued", Qos::at_least_once);
    broker.advance(broker.settings.session.expiry - core::Duration{1});

    Client& reader = subscriber("reader", "u", Qos::exactly_once);
    Client& after = broker.connect(options);
    EXPECT_THAT(after.texts(), ElementsAre("CONNACK 0 present", "PUBLISH t q1 #1 dup sent",
                                           "PUBREL 2", "PUBLISH t q1 #3 queued"));
    after.forget();
    after.publish("u", "from c", Qos::exactly_once, {.dup = true, .packet_id = 77});
    after.ack(PacketType::pubrel, 77);
    EXPECT_THAT(after.texts(), ElementsAre("PUBREC 77", "PUBCOMP 77"));
    EXPECT_THAT(reader.received(), IsEmpty());
    after.forget();
    publisher.publish("t", "subscribed still", Qos::at_least_once);
    EXPECT_THAT(after.payloads(), ElementsAre("subscribed still"));
}

TEST_P(Conformance, MQTT_4_1_0_2_KeepsTheSessionWhileItsConnectionLasts) {
    broker.settings.session.expiry = std::chrono::seconds{1};
    for (const bool clean : {true, false}) {
        Client& reader = subscriber({.client_id = "c", .clean_session = clean}, "t");
        broker.advance(std::chrono::hours{24 * 30});
        client("p").publish("t", "x");
        EXPECT_THAT(reader.payloads(), ElementsAre("x"));
    }
}

TEST_P(Conformance, MQTT_4_4_0_1_SendsAgainWhatWasNotAcknowledged) {
    const ConnectOptions options{.client_id = "c", .clean_session = false, .acknowledges = false};
    Client& before = subscriber(options, "t", Qos::exactly_once);
    Client& publisher = client("p");
    publisher.publish("t", "one", Qos::at_least_once);
    publisher.publish("t", "two", Qos::exactly_once);
    publisher.publish("t", "three", Qos::exactly_once);
    publisher.publish("t", "four", Qos::exactly_once);
    publisher.publish("t", "five", Qos::at_least_once);
    before.ack(PacketType::pubrec, 3);
    before.ack(PacketType::pubrec, 4);
    before.ack(PacketType::pubcomp, 4);
    before.ack(PacketType::puback, 5);
    before.drop();
    // At every reconnect until they are acknowledged.
    for (int i = 0; i < 3; ++i) {
        Client& after = broker.connect(options);
        EXPECT_THAT(after.texts(), ElementsAre("CONNACK 0 present", "PUBLISH t q1 #1 dup one",
                                               "PUBLISH t q2 #2 dup two", "PUBREL 3"));
        after.drop();
    }
    Client& last = client(options);
    last.ack(PacketType::puback, 1);
    last.ack(PacketType::pubrec, 2);
    last.ack(PacketType::pubcomp, 2);
    last.ack(PacketType::pubcomp, 3);
    last.drop();
    EXPECT_THAT(broker.connect(options).texts(), ElementsAre("CONNACK 0 present"));
}

TEST_P(Conformance, MQTT_4_4_0_1_SendsAgainToAClientThatTookItselfOver) {
    const ConnectOptions options{.client_id = "c", .clean_session = false, .acknowledges = false};
    (void)subscriber(options, "t", Qos::at_least_once);
    client("p").publish("t", "x", Qos::at_least_once);
    EXPECT_THAT(broker.connect(options).texts(),
                ElementsAre("CONNACK 0 present", "PUBLISH t q1 #1 dup x"));
}

TEST_P(Conformance, MQTT_4_5_0_1_AddsAMessageToEverySessionThatSubscribes) {
    const ConnectOptions away{.client_id = "away", .clean_session = false};
    subscriber(away, "t/#", Qos::exactly_once).drop();
    Client& stored =
        subscriber({.client_id = "stored", .clean_session = false}, "+/x", Qos::exactly_once);
    std::vector<Client*> clean;
    for (int i = 0; i < 10; ++i)
        clean.push_back(&subscriber("clean" + std::to_string(i), "t/x", Qos::at_least_once));
    Client& publisher = client({.client_id = "p", .clean_session = false});
    for (const Qos qos : {Qos::at_least_once, Qos::exactly_once})
        publisher.publish("t/x", "m", qos);
    publisher.drop();
    EXPECT_THAT(stored.payloads(), ElementsAre("m", "m"));
    for (const Client* one : clean)
        EXPECT_THAT(one->payloads(), ElementsAre("m", "m"));
    EXPECT_THAT(broker.connect(away).payloads(), ElementsAre("m", "m"));
}

}  // namespace
}  // namespace godwit::test
