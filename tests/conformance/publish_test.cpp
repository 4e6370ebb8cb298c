// PUBLISH and its answers, retained messages. [MQTT-3.3] [MQTT-3.6]
#include "conformance.hpp"
#include "godwit/mqtt/topic.hpp"

namespace godwit::test {
namespace {

TEST_P(Conformance, MQTT_3_3_1_1_SetsDupWhenItSendsAgain) {
    const ConnectOptions options{.client_id = "c", .clean_session = false, .acknowledges = false};
    Client& before = subscriber(options, "t", Qos::exactly_once);
    Client& publisher = client("p");
    publisher.publish("t", "one", Qos::at_least_once);
    publisher.publish("t", "two", Qos::exactly_once);
    EXPECT_THAT(before.texts(), ElementsAre("PUBLISH t q1 #1 one", "PUBLISH t q2 #2 two"));
    before.drop();
    publisher.publish("t", "new", Qos::at_least_once);
    EXPECT_THAT(broker.connect(options).texts(),
                ElementsAre("CONNACK 0 present", "PUBLISH t q1 #1 dup one",
                            "PUBLISH t q2 #2 dup two", "PUBLISH t q1 #3 new"));
}

TEST_P(Conformance, MQTT_3_3_1_2_ClosesOnDupAtQos0) {
    Client& bad = client("bad");
    EXPECT_THAT(answer(bad, "38 03 0001 't'"), IsEmpty());
    EXPECT_EQ(bad.closed(), CloseReason::malformed_packet);
}

TEST_P(Conformance, MQTT_3_3_1_2_NeverSetsDupAtQos0) {
    Client& reader = subscriber("reader", "t");
    client("p").publish("t", "x", Qos::at_least_once, {.dup = true});
    EXPECT_THAT(reader.texts(), ElementsAre("PUBLISH t q0 x"));
}

TEST_P(Conformance, MQTT_3_3_1_3_DoesNotPassDupOn) {
    Client& reader = subscriber("reader", "t", Qos::exactly_once);
    Client& publisher = client("p");
    publisher.publish("t", "one", Qos::at_least_once, {.dup = true});
    publisher.publish("t", "two", Qos::exactly_once, {.dup = true});
    ASSERT_EQ(reader.messages().size(), 2U);
    EXPECT_FALSE(reader.messages()[0].dup);
    EXPECT_FALSE(reader.messages()[1].dup);
}

TEST_P(Conformance, MQTT_3_3_1_4_ClosesOnQos3) {
    for (const std::string_view packet : {"36 05 0001 't' 0001", "3E 05 0001 't' 0001"}) {
        Client& bad = client("bad");
        EXPECT_THAT(answer(bad, packet), IsEmpty());
        EXPECT_EQ(bad.closed(), CloseReason::malformed_packet);
    }
}

// --- Retained messages -------------------------------------------------------------------------

TEST_P(Conformance, MQTT_3_3_1_5_StoresARetainedMessageWithItsQos) {
    Client& publisher = client("p");
    for (const Qos qos : kEveryQos) {
        publisher.publish("t/" + std::to_string(static_cast<int>(qos)), "kept", qos,
                          {.retain = true});
    }
    Client& reader = client("reader");
    reader.subscribe("t/+", Qos::exactly_once);
    std::vector<std::pair<std::string, Qos>> kept;
    for (const Packet& packet : reader.messages())
        kept.emplace_back(packet.topic, packet.qos);
    EXPECT_THAT(kept, UnorderedElementsAre(std::pair("t/0", Qos::at_most_once),
                                           std::pair("t/1", Qos::at_least_once),
                                           std::pair("t/2", Qos::exactly_once)));
}

TEST_P(Conformance, MQTT_3_3_1_6_SendsTheLastRetainedMessageOfEachMatchingTopic) {
    Client& publisher = client("p");
    for (const std::string_view topic : {"a", "a/b", "a/b/c", "a/x", "b"}) {
        publisher.publish(topic, "old", Qos::at_least_once, {.retain = true});
        publisher.publish(topic, "new", Qos::at_least_once, {.retain = true});
    }
    struct Case {
        std::string_view filter;
        std::vector<std::string> topics;
    };
    for (const Case& one : {
             Case{"a/b", {"a/b"}},
             Case{"a/+", {"a/b", "a/x"}},
             Case{"a/#", {"a", "a/b", "a/b/c", "a/x"}},
             Case{"#", {"a", "a/b", "a/b/c", "a/x", "b"}},
             Case{"nothing", {}},
         }) {
        Client& reader = client("reader");
        reader.subscribe(one.filter);
        std::vector<std::string> topics;
        for (const Packet& packet : reader.messages())
            topics.push_back(packet.topic);
        EXPECT_THAT(topics, ::testing::UnorderedElementsAreArray(one.topics)) << one.filter;
        EXPECT_THAT(reader.payloads(), Each("new"));
    }
}

TEST_P(Conformance, MQTT_3_3_1_7_ReplacesByARetainedMessageOfQos0) {
    Client& publisher = client("p");
    publisher.publish("t", "old", Qos::exactly_once, {.retain = true});
    publisher.publish("t", "new", Qos::at_most_once, {.retain = true});
    Client& reader = client("reader");
    reader.subscribe("t", Qos::exactly_once);
    EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 1 [2]", "PUBLISH t q0 retain new"));
}

TEST_P(Conformance, MQTT_3_3_1_8_SetsRetainForANewSubscription) {
    client("p").publish("t", "kept", Qos::at_least_once, {.retain = true});
    for (const Qos qos : kEveryQos) {
        Client& reader = client("reader");
        reader.subscribe("t", qos);
        ASSERT_EQ(reader.messages().size(), 1U);
        EXPECT_TRUE(reader.messages()[0].retain);
    }
}

TEST_P(Conformance, MQTT_3_3_1_9_ClearsRetainForAnEstablishedSubscription) {
    for (const Qos granted : kEveryQos) {
        Client& reader = client("reader");
        reader.subscribe("t", granted);
        reader.forget();
        for (const Qos qos : kEveryQos)
            client("p").publish("t", "x", qos, {.retain = true});
        ASSERT_EQ(reader.messages().size(), 3U);
        for (const Packet& packet : reader.messages())
            EXPECT_FALSE(packet.retain);
        client("p").publish("t", "", Qos::at_most_once, {.retain = true});
    }
}

TEST_P(Conformance, MQTT_3_3_1_9_ClearsRetainForMessagesQueuedMeanwhile) {
    const ConnectOptions options{.client_id = "c", .clean_session = false};
    subscriber(options, "t", Qos::at_least_once).drop();
    client("p").publish("t", "x", Qos::at_least_once, {.retain = true});
    EXPECT_THAT(broker.connect(options).texts(),
                ElementsAre("CONNACK 0 present", "PUBLISH t q1 #1 x"));
}

TEST_P(Conformance, MQTT_3_3_1_10_RemovesARetainedMessageByAnEmptyOne) {
    Client& publisher = client("p");
    publisher.publish("t", "kept", Qos::at_least_once, {.retain = true});
    Client& reader = client("reader");
    reader.subscribe("t", Qos::at_least_once);
    reader.forget();
    publisher.publish("t", "", Qos::at_least_once, {.retain = true});
    ASSERT_EQ(reader.messages().size(), 1U);
    EXPECT_EQ(reader.messages()[0].payload, "");
    EXPECT_FALSE(reader.messages()[0].retain);
    Client& later = client("later");
    later.subscribe("t");
    EXPECT_THAT(later.texts(), ElementsAre("SUBACK 1 [0]"));
}

TEST_P(Conformance, MQTT_3_3_1_11_DoesNotRetainAnEmptyMessage) {
    for (const Qos qos : kEveryQos)
        client("p").publish("t", "", qos, {.retain = true});
    Client& reader = client("reader");
    reader.subscribe("#");
    EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 1 [0]"));
}

TEST_P(Conformance, MQTT_3_3_1_12_LeavesRetainedMessagesToRetainedOnes) {
    Client& publisher = client("p");
    publisher.publish("kept", "kept", Qos::at_least_once, {.retain = true});
    for (const Qos qos : kEveryQos) {
        publisher.publish("kept", "passing", qos);
        publisher.publish("kept", "", qos);
        publisher.publish("fresh", "passing", qos);
    }
    Client& reader = client("reader");
    reader.subscribe("#");
    EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 1 [0]", "PUBLISH kept q0 retain kept"));
}

// --- Topics ------------------------------------------------------------------------------------

TEST_P(Conformance, MQTT_3_3_2_1_ClosesOnAPublishWithoutAWholeTopic) {
    for (const std::string_view packet : {
             "30 00",              // none
             "30 01 00",           // half its length
             "30 04 0005 'ab'",    // shorter than it says
             "30 04 0002 'a' FF",  // no UTF-8
         }) {
        SCOPED_TRACE(packet);
        Client& bad = client("bad");
        EXPECT_THAT(answer(bad, packet), IsEmpty());
        EXPECT_EQ(bad.closed(), CloseReason::malformed_packet);
    }
}

TEST_P(Conformance, MQTT_3_3_2_2_ClosesOnWildcardsInATopicName) {
    Client& reader = subscriber("reader", "#");
    for (const std::string_view topic : {"#", "+", "a/#", "a/+/b", "a#", "+a"}) {
        Client& bad = client({.client_id = "bad", .acknowledges = false});
        bad.publish(topic, "x", Qos::at_least_once);
        EXPECT_THAT(bad.received(), IsEmpty()) << topic;
        EXPECT_EQ(bad.closed(), CloseReason::malformed_packet) << topic;
    }
    EXPECT_THAT(reader.received(), IsEmpty());
}

TEST_P(Conformance, MQTT_3_3_2_3_SendsTopicsThatMatchTheSubscription) {
    static constexpr std::string_view kTopics[] = {"a", "a/b", "a/b/c", "/a", "b", "$a", "a/"};
    static constexpr std::string_view kFilters[] = {"#",     "+",  "a",    "a/#", "a/+",
                                                    "a/+/c", "/+", "+/+/", "$a",  "+/#"};
    Client& publisher = client("p");
    for (const std::string_view filter : kFilters) {
        Client& reader = subscriber("reader", filter);
        std::vector<std::string> expected;
        for (const std::string_view topic : kTopics) {
            publisher.publish(topic, "");
            if (mqtt::matches(filter, topic)) expected.emplace_back(topic);
        }
        std::vector<std::string> topics;
        for (const Packet& packet : reader.messages())
            topics.push_back(packet.topic);
        EXPECT_THAT(topics, ElementsAreArray(expected)) << filter;
    }
}

TEST_P(Conformance, MQTT_3_3_4_1_AnswersAPublishAsItsQosSays) {
    Client& publisher = client({.client_id = "p", .acknowledges = false});
    // Whether or not somebody subscribes.
    for (int round = 0; round < 2; ++round) {
        EXPECT_THAT(answer(publisher, "30 03 0001 't'"), IsEmpty());
        EXPECT_THAT(answer(publisher, "32 05 0001 't' 0007"), ElementsAre("PUBACK 7"));
        EXPECT_THAT(answer(publisher, "34 05 0001 't' 0008"), ElementsAre("PUBREC 8"));
        EXPECT_THAT(answer(publisher, "62 02 0008"), ElementsAre("PUBCOMP 8"));
        (void)subscriber("reader", "t", Qos::exactly_once);
    }
}

TEST_P(Conformance, MQTT_3_3_5_1_DeliversAtTheHighestQosOfOverlappingSubscriptions) {
    Client& reader = client("reader");
    reader.subscribe(
        {{"a/#", Qos::at_most_once}, {"a/b", Qos::exactly_once}, {"+/b", Qos::at_least_once}});
    reader.forget();
    client("p").publish("a/b", "x", Qos::exactly_once);
    ASSERT_FALSE(reader.messages().empty());
    EXPECT_EQ(reader.messages()[0].qos, Qos::exactly_once);
    EXPECT_EQ(reader.messages().size(), 1U);
    reader.unsubscribe("a/b");
    reader.forget();
    client("p").publish("a/b", "x", Qos::exactly_once);
    EXPECT_THAT(reader.messages().at(0).qos, Qos::at_least_once);
}

TEST_P(Conformance, MQTT_3_3_5_2_AcknowledgesAPublishThatIsNotAllowed) {
    Client& reader = subscriber("reader", "#", Qos::exactly_once);
    broker.access.denied = {"secret"};
    Client& publisher = client({.client_id = "p", .acknowledges = false});
    publisher.publish("secret", "x");
    publisher.publish("secret", "x", Qos::at_least_once, {.packet_id = 5});
    publisher.publish("secret", "x", Qos::exactly_once, {.packet_id = 6});
    publisher.ack(PacketType::pubrel, 6);
    EXPECT_THAT(publisher.texts(), ElementsAre("PUBACK 5", "PUBREC 6", "PUBCOMP 6"));
    EXPECT_THAT(reader.received(), IsEmpty());
    EXPECT_EQ(broker.drops(DropReason::denied), 3U);
}

TEST_P(Conformance, MQTT_3_6_1_1_ClosesOnPubrelWithOtherFlags) {
    for (const std::string_view packet :
         {"60 02 0001", "61 02 0001", "63 02 0001", "66 02 0001", "6A 02 0001", "6F 02 0001"}) {
        Client& bad = client({.client_id = "bad", .acknowledges = false});
        bad.publish("t", "x", Qos::exactly_once, {.packet_id = 1});
        EXPECT_THAT(answer(bad, packet), IsEmpty()) << packet;
        EXPECT_EQ(bad.closed(), CloseReason::malformed_packet) << packet;
    }
}

}  // namespace
}  // namespace godwit::test
