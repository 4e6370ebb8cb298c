// UNSUBSCRIBE and UNSUBACK. [MQTT-3.10] [MQTT-3.11]
#include "conformance.hpp"

namespace godwit::test {
namespace {

TEST_P(Conformance, MQTT_3_10_1_1_ClosesOnUnsubscribeWithOtherFlags) {
    Client& reader = subscriber("reader", "#");
    for (const std::string_view packet : {"A0 05 0001 0001 't'", "A1 05 0001 0001 't'",
                                          "A3 05 0001 0001 't'", "AA 05 0001 0001 't'"}) {
        Client& bad = client({.client_id = "bad", .will = WillOptions{"will", "gone"}});
        EXPECT_THAT(answer(bad, packet), IsEmpty()) << packet;
        EXPECT_EQ(bad.closed(), CloseReason::malformed_packet) << packet;
    }
    EXPECT_EQ(reader.messages().size(), 4U);
}

TEST_P(Conformance, MQTT_3_10_3_1_ClosesOnAFilterThatIsNoUtf8) {
    for (const std::string_view packet :
         {"A2 06 0001 0002 'a' FF", "A2 0A 0001 0001 'a' 0003 EDA080", "A2 06 0001 0003 'ab'"}) {
        Client& bad = client("bad");
        EXPECT_THAT(answer(bad, packet), IsEmpty()) << packet;
        EXPECT_EQ(bad.closed(), CloseReason::malformed_packet) << packet;
    }
}

TEST_P(Conformance, MQTT_3_10_3_2_ClosesOnUnsubscribeWithoutAFilter) {
    for (const std::string_view packet : {"A2 02 0001", "A2 00"}) {
        Client& bad = client("bad");
        EXPECT_THAT(answer(bad, packet), IsEmpty()) << packet;
        EXPECT_EQ(bad.closed(), CloseReason::malformed_packet) << packet;
    }
}

TEST_P(Conformance, MQTT_3_10_4_1_RemovesOnlyTheVeryFilter) {
    Client& reader = client("reader");
    reader.subscribe({{"a/b", Qos::at_most_once}, {"A/B", Qos::at_most_once}});
    reader.subscribe("+/c");
    for (const std::string_view other : {"a/+", "#", "a/B", "a/b/", "/a/b", "+/b", "a/c"}) {
        reader.unsubscribe(other);
    }
    reader.forget();
    Client& publisher = client("p");
    for (const std::string_view topic : {"a/b", "A/B", "a/c"})
        publisher.publish(topic, topic);
    EXPECT_THAT(reader.payloads(), ElementsAre("a/b", "A/B", "a/c"));
    reader.unsubscribe("a/b");
    reader.unsubscribe("+/c");
    reader.forget();
    for (const std::string_view topic : {"a/b", "A/B", "a/c"})
        publisher.publish(topic, topic);
    EXPECT_THAT(reader.payloads(), ElementsAre("A/B"));
}

TEST_P(Conformance, MQTT_3_10_4_2_DeliversNothingNewAfterwards) {
    Client& reader = client({.client_id = "reader", .clean_session = false});
    Client& publisher = client("p");
    for (const std::string_view filter : {"t", "+", "#"}) {
        reader.subscribe(filter, Qos::exactly_once);
        reader.unsubscribe(filter);
        reader.forget();
        for (const Qos qos : kEveryQos)
            publisher.publish("t", "x", qos);
        EXPECT_THAT(reader.received(), IsEmpty()) << filter;
    }
    // Nor for later.
    reader.drop();
    publisher.publish("t", "x", Qos::at_least_once);
    EXPECT_THAT(broker.connect({.client_id = "reader", .clean_session = false}).texts(),
                ElementsAre("CONNACK 0 present"));
}

TEST_P(Conformance, MQTT_3_10_4_3_CompletesWhatWasBeingSent) {
    const ConnectOptions options{.client_id = "c", .clean_session = false, .acknowledges = false};
    Client& reader = subscriber(options, "t", Qos::exactly_once);
    Client& publisher = client("p");
    publisher.publish("t", "one", Qos::at_least_once);
    publisher.publish("t", "two", Qos::exactly_once);
    publisher.publish("t", "three", Qos::exactly_once);
    reader.unsubscribe("t");
    reader.forget();
    reader.ack(PacketType::pubrec, 2);
    EXPECT_THAT(reader.texts(), ElementsAre("PUBREL 2"));
    reader.ack(PacketType::pubcomp, 2);
    reader.drop();
    // What is not complete goes on at the next connection.
    EXPECT_THAT(
        broker.connect(options).texts(),
        ElementsAre("CONNACK 0 present", "PUBLISH t q1 #1 dup one", "PUBLISH t q2 #3 dup three"));
}

TEST_P(Conformance, MQTT_3_10_4_4_AnswersUnsubscribeWithItsPacketId) {
    Client& reader = subscriber("reader", "t");
    EXPECT_THAT(answer(reader, "A2 05 1234 0001 't' A2 05 FFFF 0001 't'"),
                ElementsAre("UNSUBACK 4660", "UNSUBACK 65535"));
}

TEST_P(Conformance, MQTT_3_10_4_5_AnswersAlsoWhereNothingIsRemoved) {
    EXPECT_THAT(answer(client("c"), "A2 05 0007 0001 't'"), ElementsAre("UNSUBACK 7"));
}

TEST_P(Conformance, MQTT_3_10_4_6_TakesSeveralFiltersAsSoManyUnsubscribes) {
    Client& reader = client("reader");
    reader.subscribe(
        {{"a", Qos::at_most_once}, {"b", Qos::at_most_once}, {"c", Qos::at_most_once}});
    EXPECT_THAT(answer(reader, "A2 0E 0009 0001 'a' 0001 'x' 0001 'c' 0001 'a'"),
                ElementsAre("UNSUBACK 9"));
    reader.forget();
    Client& publisher = client("p");
    for (const std::string_view topic : {"a", "b", "c"})
        publisher.publish(topic, topic);
    EXPECT_THAT(reader.payloads(), ElementsAre("b"));
}

}  // namespace
}  // namespace godwit::test
