// SUBSCRIBE and SUBACK. [MQTT-3.8] [MQTT-3.9]
#include "conformance.hpp"

namespace godwit::test {
namespace {

TEST_P(Conformance, MQTT_3_8_1_1_ClosesOnSubscribeWithOtherFlags) {
    for (const std::string_view packet : {"80 06 0001 0001 't' 00", "81 06 0001 0001 't' 00",
                                          "83 06 0001 0001 't' 00", "8A 06 0001 0001 't' 00"}) {
        Client& bad = client("bad");
        EXPECT_THAT(answer(bad, packet), IsEmpty()) << packet;
        EXPECT_EQ(bad.closed(), CloseReason::malformed_packet) << packet;
    }
}

TEST_P(Conformance, MQTT_3_8_3_1_ClosesOnAFilterThatIsNoUtf8) {
    for (const std::string_view packet : {
             "82 07 0001 0002 'a' C3 00",             // cut short
             "82 0C 0001 0001 'a' 00 0003 EDA080 00"  // the second one, a surrogate
         }) {
        Client& bad = client("bad");
        EXPECT_THAT(answer(bad, packet), IsEmpty()) << packet;
        EXPECT_EQ(bad.closed(), CloseReason::malformed_packet) << packet;
    }
}

TEST_P(Conformance, MQTT_3_8_3_2_RejectsWildcardsWhereTheyAreNotSupported) {
    broker.settings.mqtt.wildcard_subscriptions = false;
    Client& reader = client("reader");
    reader.subscribe({{"a/#", Qos::at_least_once},
                      {"a/b", Qos::at_least_once},
                      {"+", Qos::at_most_once},
                      {"$share/g/a/+", Qos::at_most_once}});
    EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 1 [128 1 128 128]"));
    reader.forget();
    Client& publisher = client("p");
    publisher.publish("a/b", "wanted");
    publisher.publish("a/c", "rejected");
    EXPECT_THAT(reader.payloads(), ElementsAre("wanted"));
}

TEST_P(Conformance, MQTT_3_8_3_3_ClosesOnSubscribeWithoutAFilter) {
    for (const std::string_view packet : {"82 02 0001", "82 00"}) {
        Client& bad = client("bad");
        EXPECT_THAT(answer(bad, packet), IsEmpty()) << packet;
        EXPECT_EQ(bad.closed(), CloseReason::malformed_packet) << packet;
    }
}

TEST_P(Conformance, MQTT_3_8_3_4_ClosesOnReservedBitsBesideTheQos) {
    for (const std::string_view packet :
         {"82 06 0001 0001 't' 03", "82 06 0001 0001 't' 04", "82 06 0001 0001 't' 81",
          "82 0A 0001 0001 't' 01 0001 'u' FF"}) {
        Client& bad = client("bad");
        EXPECT_THAT(answer(bad, packet), IsEmpty()) << packet;
        EXPECT_EQ(bad.closed(), CloseReason::malformed_packet) << packet;
    }
}

TEST_P(Conformance, MQTT_3_8_4_1_AnswersSubscribeBySuback) {
    Client& reader = client("reader");
    EXPECT_THAT(answer(reader, "82 06 0001 0001 't' 00"), ElementsAre("SUBACK 1 [0]"));
    EXPECT_THAT(answer(reader, "82 06 0001 0001 't' 00"), ElementsAre("SUBACK 1 [0]"));
}

TEST_P(Conformance, MQTT_3_8_4_2_AnswersWithThePacketIdOfSubscribe) {
    Client& reader = client("reader");
    EXPECT_THAT(answer(reader, "82 06 FFFF 0001 't' 01 82 06 0001 0001 'u' 02"),
                ElementsAre("SUBACK 65535 [1]", "SUBACK 1 [2]"));
}

TEST_P(Conformance, MQTT_3_8_4_3_ReplacesASubscriptionWithTheSameFilter) {
    Client& reader = subscriber("reader", "t", Qos::at_least_once);
    Client& publisher = client("p");
    publisher.publish("t", "1", Qos::exactly_once, {.retain = true});
    reader.subscribe("t", Qos::at_most_once);
    publisher.publish("t", "2", Qos::exactly_once);
    reader.subscribe("t", Qos::exactly_once);
    publisher.publish("t", "3", Qos::at_least_once);
    reader.unsubscribe("t");
    publisher.publish("t", "4");
    EXPECT_THAT(reader.texts(),
                ElementsAre("PUBLISH t q1 #1 1",                         //
                            "SUBACK 2 [0]", "PUBLISH t q0 retain 1",     //
                            "PUBLISH t q0 2",                            //
                            "SUBACK 3 [2]", "PUBLISH t q2 #2 retain 1",  //
                            "PUBREL 2", "PUBLISH t q1 #3 3", "UNSUBACK 4"));
}

TEST_P(Conformance, MQTT_3_8_4_3_InterruptsNothingWhenItReplaces) {
    // SUBSCRIBE and PUBLISH alternate while no commit completes and no mail arrives.
    Client& reader =
        subscriber({.client_id = "reader", .clean_session = false}, "t", Qos::at_least_once);
    Client& publisher = client("p");
    broker.commits_complete = false;
    broker.mail_arrives = false;
    std::vector<std::string> expected;
    for (int i = 0; i < 20; ++i) {
        reader.subscribe("t", i % 2 == 0 ? Qos::at_least_once : Qos::exactly_once);
        publisher.publish("t", std::to_string(i), Qos::at_least_once);
        expected.push_back(std::to_string(i));
    }
    broker.commits_complete = true;
    broker.mail_arrives = true;
    broker.run();
    EXPECT_THAT(reader.payloads(), ElementsAreArray(expected));
}

TEST_P(Conformance, MQTT_3_8_4_4_TakesSeveralFiltersAsSoManySubscribes) {
    client("p").publish("t", "kept", Qos::at_most_once, {.retain = true});
    Client& reader = client("reader");
    // The same filter twice too: the later one holds.
    reader.subscribe(
        {{"t", Qos::exactly_once}, {"u", Qos::at_least_once}, {"t", Qos::at_most_once}});
    EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 1 [2 1 0]", "PUBLISH t q0 retain kept",
                                            "PUBLISH t q0 retain kept"));
    reader.forget();
    Client& publisher = client("p");
    publisher.publish("t", "x", Qos::exactly_once);
    publisher.publish("u", "y", Qos::exactly_once);
    EXPECT_THAT(reader.texts(), ElementsAre("PUBLISH t q0 x", "PUBLISH u q1 #1 y"));
}

TEST_P(Conformance, MQTT_3_8_4_5_TellsTheGrantedQosOrFailureOfEachFilter) {
    broker.settings.mqtt.max_qos = Qos::at_least_once;
    broker.access.denied = {"secret"};
    Client& reader = client("reader");
    reader.subscribe({{"a", Qos::at_most_once},
                      {"secret", Qos::at_most_once},
                      {"b", Qos::at_least_once},
                      {"c", Qos::exactly_once}});
    EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 1 [0 128 1 1]"));
}

TEST_P(Conformance, MQTT_3_8_4_6_DeliversAtTheLowerOfPublishedAndGrantedQos) {
    for (const Qos granted : kEveryQos) {
        for (const Qos published : kEveryQos) {
            Client& reader = subscriber("reader", "t", granted);
            client("p").publish("t", "x", published);
            ASSERT_EQ(reader.messages().size(), 1U);
            EXPECT_EQ(reader.messages()[0].qos, std::min(granted, published));
        }
    }
}

TEST_P(Conformance, MQTT_3_8_4_6_GrantsNoMoreThanTheServerAllows) {
    broker.settings.mqtt.max_qos = Qos::at_most_once;
    Client& reader = client("reader");
    reader.subscribe("t", Qos::exactly_once);
    client("p").publish("t", "x");
    EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 1 [0]", "PUBLISH t q0 x"));
}

TEST_P(Conformance, MQTT_3_9_3_1_OrdersReturnCodesAsTheFilters) {
    broker.access.denied = {"secret", "hidden"};
    Client& reader = client("reader");
    reader.subscribe({{"secret", Qos::at_most_once},
                      {"z", Qos::exactly_once},
                      {"a", Qos::at_most_once},
                      {"hidden", Qos::exactly_once},
                      {"m", Qos::at_least_once}});
    EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 1 [128 2 0 128 1]"));
}

TEST_P(Conformance, MQTT_3_9_3_2_UsesNoOtherReturnCodes) {
    // Every way to be refused that there is.
    broker.settings.limits.max_subscriptions = 1;
    broker.settings.mqtt.max_topic_levels = 3;
    broker.access.denied = {"secret"};
    Client& reader = client("reader");
    reader.subscribe({{"a", Qos::exactly_once},
                      {"one/too/many", Qos::exactly_once},
                      {"far/too/deep/for/this", Qos::at_most_once},
                      {"secret", Qos::at_least_once},
                      {"$share//nothing", Qos::at_least_once}});
    EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 1 [2 128 128 128 128]"));
}

}  // namespace
}  // namespace godwit::test
