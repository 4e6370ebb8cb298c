// Fixed header flags and packet ids. [MQTT-2.2] [MQTT-2.3]
#include <set>

#include "conformance.hpp"

namespace godwit::test {
namespace {

TEST_P(Conformance, MQTT_2_2_2_2_ClosesOnInvalidFlags) {
    static constexpr std::string_view kPackets[] = {
        "41 02 0001",
        "42 02 0001",
        "48 02 0001",  // PUBACK
        "51 02 0001",
        "5F 02 0001",  // PUBREC
        "60 02 0001",
        "63 02 0001",
        "6A 02 0001",  // PUBREL
        "71 02 0001",  // PUBCOMP
        "80 06 0001 0001 't'",
        "8A 06 0001 0001 't'",  // SUBSCRIBE
        "A0 05 0001 0001 't'",
        "A1 05 0001 0001 't'",  // UNSUBSCRIBE
        "C1 00",
        "C8 00",  // PINGREQ
        "E1 00",
        "E2 00",  // DISCONNECT
    };
    for (const std::string_view packet : kPackets) {
        SCOPED_TRACE(packet);
        Client& bad = client("bad");
        EXPECT_THAT(answer(bad, packet), IsEmpty());
        EXPECT_EQ(bad.closed(), CloseReason::malformed_packet);
    }
}

TEST_P(Conformance, MQTT_2_3_1_1_ClosesOnPacketIdZero) {
    for (const std::string_view packet : {
             "82 06 0000 0001 't' 00",
             "A2 05 0000 0001 't'",
             "32 05 0001 't' 0000",
             "34 05 0001 't' 0000",
         }) {
        SCOPED_TRACE(packet);
        Client& bad = client("bad");
        EXPECT_THAT(answer(bad, packet), IsEmpty());
        EXPECT_EQ(bad.closed(), CloseReason::malformed_packet);
    }
}

TEST_P(Conformance, MQTT_2_3_1_1_NeverSendsPacketIdZero) {
    Client& busy = subscriber("busy", "t", Qos::at_least_once);
    Client& publisher = client("p");
    for (int i = 0; i < 65'537; ++i) {
        publisher.publish("t", "", Qos::at_least_once, {.packet_id = 1});
        ASSERT_EQ(busy.received().size(), 1U);
        ASSERT_NE(busy.received().front().packet_id, 0);
        busy.forget();
        publisher.forget();
    }
}

TEST_P(Conformance, MQTT_2_3_1_4_NeverSendsAnIdThatIsInUse) {
    Client& slow =
        subscriber({.client_id = "slow", .acknowledges = false}, "t", Qos::at_least_once);
    Client& publisher = client("p");
    publisher.publish("t", "never acknowledged", Qos::at_least_once);
    const mqtt::PacketId taken = slow.received().at(0).packet_id;
    for (int i = 0; i < 65'537; ++i) {
        slow.forget();
        publisher.publish("t", "", Qos::at_least_once, {.packet_id = 1});
        ASSERT_EQ(slow.received().size(), 1U);
        ASSERT_NE(slow.received().front().packet_id, taken);
        slow.ack(PacketType::puback, slow.received().front().packet_id);
        publisher.forget();
    }
}

TEST_P(Conformance, MQTT_2_3_1_4_SendsAgainUnderTheSameId) {
    const ConnectOptions slow{.client_id = "slow", .clean_session = false, .acknowledges = false};
    Client& before = subscriber(slow, "t", Qos::exactly_once);
    Client& publisher = client("p");
    for (const std::string_view payload : {"a", "b", "c", "d"}) {
        publisher.publish("t", payload, payload < "c" ? Qos::at_least_once : Qos::exactly_once);
    }
    std::set<mqtt::PacketId> ids;
    for (const Packet& packet : before.received())
        ids.insert(packet.packet_id);
    EXPECT_EQ(ids.size(), 4U);
    before.drop();
    Client& again = broker.connect(slow);
    ASSERT_EQ(again.messages().size(), 4U);
    for (std::size_t i = 0; i < 4; ++i) {
        EXPECT_EQ(again.messages()[i].packet_id, before.received()[i].packet_id);
        EXPECT_EQ(again.messages()[i].payload, before.received()[i].payload);
    }
}

TEST_P(Conformance, MQTT_2_3_1_5_HasNoPacketIdAtQos0) {
    Client& reader = subscriber("reader", "t", Qos::exactly_once);
    // Whatever follows the topic is payload.
    (void)answer(client("p"), "30 05 0001 't' 0007");
    EXPECT_THAT(reader.texts(), ElementsAre(std::string("PUBLISH t q0 \0\a", 15)));
}

TEST_P(Conformance, MQTT_2_3_1_6_AnswersWithTheIdOfThePublish) {
    Client& publisher = client({.client_id = "p", .acknowledges = false});
    EXPECT_THAT(answer(publisher, "32 05 0001 't' 1234"), ElementsAre("PUBACK 4660"));
    EXPECT_THAT(answer(publisher, "34 05 0001 't' FFFF"), ElementsAre("PUBREC 65535"));
    EXPECT_THAT(answer(publisher, "62 02 FFFF"), ElementsAre("PUBCOMP 65535"));

    Client& reader =
        subscriber({.client_id = "reader", .acknowledges = false}, "u", Qos::exactly_once);
    publisher.publish("u", "x", Qos::exactly_once);
    const mqtt::PacketId id = reader.received().at(0).packet_id;
    reader.ack(PacketType::pubrec, id);
    EXPECT_EQ(reader.texts().back(), "PUBREL " + std::to_string(id));
}

TEST_P(Conformance, MQTT_2_3_1_7_AnswersWithTheIdOfSubscribeAndUnsubscribe) {
    Client& reader = client("reader");
    EXPECT_THAT(answer(reader, "82 06 ABCD 0001 't' 00"), ElementsAre("SUBACK 43981 [0]"));
    EXPECT_THAT(answer(reader, "A2 05 FFFF 0001 't'"), ElementsAre("UNSUBACK 65535"));
}

}  // namespace
}  // namespace godwit::test
