// The three delivery protocols and the order of messages. [MQTT-4.3] [MQTT-4.6]
#include "conformance.hpp"

namespace godwit::test {
namespace {

TEST_P(Conformance, MQTT_4_3_1_1_SendsQos0WithDup0) {
    Client& reader = subscriber("reader", "t");
    Client& publisher = client("p");
    publisher.publish("t", "0");
    publisher.publish("t", "1", Qos::at_least_once, {.dup = true});
    publisher.publish("t", "2", Qos::exactly_once, {.dup = true});
    EXPECT_THAT(reader.texts(), ElementsAre("PUBLISH t q0 0", "PUBLISH t q0 1", "PUBLISH t q0 2"));
}

TEST_P(Conformance, MQTT_4_3_2_1_SendsQos1UntilItIsAcknowledged) {
    const ConnectOptions options{.client_id = "c", .clean_session = false, .acknowledges = false};
    Client& reader = subscriber(options, "t", Qos::at_least_once);
    Client& publisher = client("p");
    publisher.publish("t", "a", Qos::at_least_once);
    publisher.publish("t", "b", Qos::at_least_once);
    // An unused id each, DUP 0.
    EXPECT_THAT(reader.texts(), ElementsAre("PUBLISH t q1 #1 a", "PUBLISH t q1 #2 b"));
    reader.ack(PacketType::puback, 1);
    // Only its own PUBACK ends it.
    reader.ack(PacketType::puback, 99);
    reader.ack(PacketType::pubcomp, 2);
    reader.drop();
    Client& again = broker.connect(options);
    EXPECT_THAT(again.texts(), ElementsAre("CONNACK 0 present", "PUBLISH t q1 #2 dup b"));
    again.ack(PacketType::puback, 2);
    again.drop();
    EXPECT_THAT(broker.connect(options).texts(), ElementsAre("CONNACK 0 present"));
}

TEST_P(Conformance, MQTT_4_3_2_2_TakesTheSameIdAfterPubackAsANewMessage) {
    Client& reader = subscriber("reader", "t", Qos::at_least_once);
    Client& publisher = client({.client_id = "p", .acknowledges = false});
    publisher.publish("t", "a", Qos::at_least_once, {.packet_id = 5});
    publisher.publish("t", "b", Qos::at_least_once, {.packet_id = 5});
    publisher.publish("t", "b", Qos::at_least_once, {.dup = true, .packet_id = 5});
    EXPECT_THAT(publisher.texts(), ElementsAre("PUBACK 5", "PUBACK 5", "PUBACK 5"));
    EXPECT_THAT(reader.payloads(), ElementsAre("a", "b", "b"));
}

TEST_P(Conformance, MQTT_4_3_2_2_AcknowledgesOnceItHasTakenTheMessageOver) {
    subscriber({.client_id = "away", .clean_session = false}, "t", Qos::at_least_once).drop();
    Client& publisher = client("p");
    broker.mail_arrives = false;
    broker.commits_complete = false;
    publisher.publish("t", "x", Qos::at_least_once);
    const bool safe_already = GetParam().keeps == Harness::Keeps::nothing &&
                              broker.home_of("p") == broker.home_of("away");
    if (!safe_already) {
        EXPECT_THAT(publisher.texts(), IsEmpty());
    }
    broker.mail_arrives = true;
    broker.commit();
    EXPECT_THAT(publisher.texts(), ElementsAre("PUBACK 1"));
}

TEST_P(Conformance, MQTT_4_3_3_1_SendsQos2InFourSteps) {
    const ConnectOptions options{.client_id = "c", .clean_session = false, .acknowledges = false};
    Client& reader = subscriber(options, "t", Qos::exactly_once);
    Client& publisher = client("p");
    publisher.publish("t", "a", Qos::exactly_once);
    publisher.publish("t", "b", Qos::exactly_once);
    EXPECT_THAT(reader.texts(), ElementsAre("PUBLISH t q2 #1 a", "PUBLISH t q2 #2 b"));
    reader.forget();
    reader.ack(PacketType::pubrec, 1);
    EXPECT_THAT(reader.texts(), ElementsAre("PUBREL 1"));
    reader.drop();

    // PUBREL is unacknowledged until PUBCOMP; its PUBLISH is never sent again.
    Client& again = broker.connect(options);
    EXPECT_THAT(again.texts(),
                ElementsAre("CONNACK 0 present", "PUBREL 1", "PUBLISH t q2 #2 dup b"));
    again.forget();
    again.ack(PacketType::pubrec, 1);  // the client's may have been lost with PUBREL
    EXPECT_THAT(again.texts(), ElementsAre("PUBREL 1"));
    again.ack(PacketType::pubcomp, 1);
    again.ack(PacketType::puback, 2);  // no answer to QoS 2
    again.drop();
    EXPECT_THAT(broker.connect(options).texts(),
                ElementsAre("CONNACK 0 present", "PUBLISH t q2 #2 dup b"));
}

TEST_P(Conformance, MQTT_4_3_3_2_DeliversQos2Once) {
    Client& reader = subscriber("reader", "t", Qos::exactly_once);
    const ConnectOptions options{.client_id = "p", .clean_session = false, .acknowledges = false};
    Client& publisher = client(options);
    publisher.publish("t", "a", Qos::exactly_once, {.packet_id = 5});
    publisher.publish("t", "a", Qos::exactly_once, {.dup = true, .packet_id = 5});
    publisher.drop();
    Client& again = client(options);
    again.publish("t", "a", Qos::exactly_once, {.dup = true, .packet_id = 5});
    EXPECT_THAT(publisher.texts(), ElementsAre("PUBREC 5", "PUBREC 5"));
    EXPECT_THAT(again.texts(), ElementsAre("PUBREC 5"));
    EXPECT_THAT(reader.payloads(), ElementsAre("a"));

    again.ack(PacketType::pubrel, 5);
    again.ack(PacketType::pubrel, 5);  // PUBCOMP may have been lost
    again.publish("t", "b", Qos::exactly_once, {.packet_id = 5});
    EXPECT_THAT(again.texts(), ElementsAre("PUBREC 5", "PUBCOMP 5", "PUBCOMP 5", "PUBREC 5"));
    EXPECT_THAT(reader.payloads(), ElementsAre("a", "b"));
}

// --- Order -------------------------------------------------------------------------------------

TEST_P(Conformance, MQTT_4_6_0_1_SendsAgainInTheOrderOfFirstSending) {
    const ConnectOptions options{.client_id = "c", .clean_session = false, .acknowledges = false};
    Client& before = subscriber(options, "#", Qos::exactly_once);
    Client& publisher = client("p");
    for (int i = 0; i < 8; ++i) {
        publisher.publish("t" + std::to_string(i % 3), std::to_string(i),
                          i % 2 == 0 ? Qos::at_least_once : Qos::exactly_once);
    }
    before.ack(PacketType::puback, 3);
    before.ack(PacketType::puback, 1);
    before.drop();
    for (int i = 0; i < 2; ++i) {
        Client& after = broker.connect(options);
        EXPECT_THAT(after.payloads(), ElementsAre("1", "3", "4", "5", "6", "7"));
        after.drop();
    }
}

// Some of these publications wait for a commit or another shard, others for nothing.
void publish_fast_and_slow(Harness& broker, Client& publisher, Qos qos) {
    broker.commits_complete = false;
    broker.mail_arrives = false;
    for (mqtt::PacketId id = 1; id <= 9; ++id) {
        publisher.publish(id % 3 == 1 ? "away" : "nobody", "x", qos, {.packet_id = id});
    }
    broker.commits_complete = true;
    broker.mail_arrives = true;
    broker.run();
}

TEST_P(Conformance, MQTT_4_6_0_2_SendsPubacksInTheOrderOfThePublishes) {
    for (int i = 0; i < 5; ++i) {
        subscriber({.client_id = std::to_string(i), .clean_session = false}, "away",
                   Qos::at_least_once)
            .drop();
    }
    Client& publisher = client("p");
    publish_fast_and_slow(broker, publisher, Qos::at_least_once);
    EXPECT_THAT(publisher.texts(),
                ElementsAre("PUBACK 1", "PUBACK 2", "PUBACK 3", "PUBACK 4", "PUBACK 5", "PUBACK 6",
                            "PUBACK 7", "PUBACK 8", "PUBACK 9"));
}

TEST_P(Conformance, MQTT_4_6_0_3_SendsPubrecsInTheOrderOfThePublishes) {
    for (int i = 0; i < 5; ++i) {
        subscriber({.client_id = std::to_string(i), .clean_session = false}, "away",
                   Qos::exactly_once)
            .drop();
    }
    Client& publisher = client({.client_id = "p", .acknowledges = false});
    publish_fast_and_slow(broker, publisher, Qos::exactly_once);
    EXPECT_THAT(publisher.texts(),
                ElementsAre("PUBREC 1", "PUBREC 2", "PUBREC 3", "PUBREC 4", "PUBREC 5", "PUBREC 6",
                            "PUBREC 7", "PUBREC 8", "PUBREC 9"));
}

TEST_P(Conformance, MQTT_4_6_0_4_SendsPubrelsInTheOrderOfThePubrecs) {
    Client& reader = subscriber({.client_id = "c", .clean_session = false, .acknowledges = false},
                                "t", Qos::exactly_once);
    Client& publisher = client("p");
    for (int i = 0; i < 4; ++i)
        publisher.publish("t", "x", Qos::exactly_once);
    reader.forget();
    for (const mqtt::PacketId id : std::initializer_list<mqtt::PacketId>{3, 1, 4, 2})
        reader.ack(PacketType::pubrec, id);
    EXPECT_THAT(reader.texts(), ElementsAre("PUBREL 3", "PUBREL 1", "PUBREL 4", "PUBREL 2"));
}

TEST_P(Conformance, MQTT_4_6_0_5_OrdersEveryTopic) {
    Client& reader = subscriber("reader", "#", Qos::at_least_once);
    Client& publisher = client("p");
    std::vector<std::string> expected;
    for (const std::string_view topic : {"a", "a/b/c", "/", "\xE2\x82\xAC", "a b"}) {
        for (int i = 0; i < 10; ++i) {
            publisher.publish(topic, std::to_string(i), Qos::at_least_once);
            expected.push_back(std::to_string(i));
        }
    }
    EXPECT_THAT(reader.payloads(), ElementsAreArray(expected));
}

TEST_P(Conformance, MQTT_4_6_0_6_DeliversInTheOrderOfThePublisher) {
    broker.settings.session.max_inflight = 3;
    const ConnectOptions options{.client_id = "c", .clean_session = false};
    for (const Qos qos : kEveryQos) {
        Client& reader = subscriber(options, "t", qos);
        std::vector<Client*> publishers;
        for (const std::string_view id : {"p1", "p2", "p3"})
            publishers.push_back(&client(id));
        // Interleaved, with the subscriber's answers late and its connection broken in between.
        std::vector<Client*> connections{&reader};
        std::vector<std::string> expected;
        for (int i = 0; i < 60; ++i) {
            connections.back()->acknowledges = i % 10 < 5;
            for (std::size_t p = 0; p < publishers.size(); ++p) {
                publishers[p]->publish("t", std::to_string(p) + ":" + std::to_string(i), qos);
            }
        }
        std::vector<std::string> seen;
        connections.back()->drop();
        connections.push_back(&broker.connect(options));
        for (const Client* connection : connections) {
            for (const Packet& packet : connection->messages()) {
                if (!packet.dup) seen.push_back(packet.payload);
            }
        }
        for (std::size_t p = 0; p < publishers.size(); ++p) {
            std::vector<std::string> of_one;
            for (const std::string& payload : seen) {
                if (payload.starts_with(std::to_string(p) + ":")) of_one.push_back(payload);
            }
            expected.clear();
            for (int i = 0; i < 60; ++i)
                expected.push_back(std::to_string(p) + ":" + std::to_string(i));
            EXPECT_EQ(of_one, expected);
        }
        connections.back()->disconnect();
        (void)client("c");  // ends the session
    }
}

}  // namespace
}  // namespace godwit::test
