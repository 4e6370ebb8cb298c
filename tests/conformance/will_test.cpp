// Wills. [MQTT-3.1.2-8] to [MQTT-3.1.2-17]
#include "conformance.hpp"

namespace godwit::test {
namespace {

ConnectOptions with_will(Qos qos = Qos::at_most_once, bool retain = false) {
    return {.client_id = "c", .will = WillOptions{"will/c", "gone", qos, retain}};
}

TEST_P(Conformance, MQTT_3_1_2_8_PublishesTheWillWhenTheConnectionEnds) {
    Client& reader = subscriber("reader", "will/#");
    const auto expect_will = [&](std::string_view why) {
        EXPECT_THAT(reader.texts(), ElementsAre("PUBLISH will/c q0 gone")) << why;
        reader.forget();
    };
    client(with_will()).drop(CloseReason::peer_closed);
    expect_will("closed by the client without DISCONNECT");
    client(with_will()).drop(CloseReason::network_error);
    expect_will("network failure");
    client(with_will()).drop(CloseReason::keep_alive);
    expect_will("silence beyond keep-alive");
    (void)answer(client(with_will()), "F0 00");
    expect_will("closed by the server for a protocol error");
    (void)client(with_will());
    EXPECT_THAT(reader.texts(), IsEmpty());
    client("c").disconnect();
    expect_will("taken over");
}

TEST_P(Conformance, MQTT_3_1_2_9_PublishesTheWillAsConnectSaid) {
    for (const Qos qos : kEveryQos) {
        Client& reader = subscriber("reader", "will/#", Qos::exactly_once);
        client(with_will(qos)).drop();
        ASSERT_EQ(reader.messages().size(), 1U);
        EXPECT_EQ(reader.messages()[0].topic, "will/c");
        EXPECT_EQ(reader.messages()[0].payload, "gone");
        EXPECT_EQ(reader.messages()[0].qos, qos);
    }
}

TEST_P(Conformance, MQTT_3_1_2_9_PublishesAnEmptyWill) {
    Client& reader = subscriber("reader", "will/#");
    client({.client_id = "c", .will = WillOptions{"will/c", ""}}).drop();
    EXPECT_THAT(reader.texts(), ElementsAre("PUBLISH will/c q0 "));
}

TEST_P(Conformance, MQTT_3_1_2_10_RemovesTheWillOncePublishedOrDisconnected) {
    Client& reader = subscriber("reader", "will/#");
    ConnectOptions options = with_will();
    options.clean_session = false;
    client(options).drop();
    EXPECT_THAT(reader.payloads(), ElementsAre("gone"));
    client(options).disconnect();
    // The session goes on without a will.
    client({.client_id = "c", .clean_session = false}).drop();
    EXPECT_THAT(reader.payloads(), ElementsAre("gone"));
}

TEST_P(Conformance, MQTT_3_1_2_12_PublishesNothingWithoutAWill) {
    Client& reader = subscriber("reader", "#");
    for (const CloseReason reason : {CloseReason::peer_closed, CloseReason::keep_alive}) {
        client("c").drop(reason);
    }
    (void)answer(client("c"), "F0 00");
    EXPECT_THAT(reader.received(), IsEmpty());
}

TEST_P(Conformance, MQTT_3_1_2_16_PublishesTheWillNotRetained) {
    client(with_will(Qos::at_least_once, false)).drop();
    EXPECT_THAT(subscriber("reader", "will/#").messages(), IsEmpty());
    Client& later = client("later");
    later.subscribe("will/#");
    EXPECT_THAT(later.messages(), IsEmpty());
}

TEST_P(Conformance, MQTT_3_1_2_17_PublishesTheWillRetained) {
    Client& reader = subscriber("reader", "will/#", Qos::at_least_once);
    client(with_will(Qos::at_least_once, true)).drop();
    EXPECT_THAT(reader.texts(), ElementsAre("PUBLISH will/c q1 #1 gone"));
    Client& later = client("later");
    later.subscribe("will/#", Qos::at_least_once);
    EXPECT_THAT(later.texts(), ElementsAre("SUBACK 1 [1]", "PUBLISH will/c q1 #1 retain gone"));
}

}  // namespace
}  // namespace godwit::test
