// Topic names and filters. [MQTT-4.7]
#include "conformance.hpp"

namespace godwit::test {
namespace {

TEST_P(Conformance, MQTT_4_7_1_1_ClosesOnWildcardsInATopicName) {
    for (const std::string_view topic : {"#", "+", "a/#", "+/a", "a/+/b", "a+", "#a"}) {
        for (const Qos qos : kEveryQos) {
            Client& bad = client({.client_id = "bad", .acknowledges = false});
            bad.publish(topic, "x", qos);
            EXPECT_THAT(bad.received(), IsEmpty()) << topic;
            EXPECT_EQ(bad.closed(), CloseReason::malformed_packet) << topic;
        }
    }
}

TEST_P(Conformance, MQTT_4_7_1_2_WantsTheMultiLevelWildcardLastAndAlone) {
    for (const std::string_view filter : {"#", "/#", "a/#", "a/b/#", "+/#"}) {
        Client& reader = client("reader");
        reader.subscribe(filter);
        EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 1 [0]")) << filter;
    }
    for (const std::string_view filter : {"a#", "a/#/b", "#/", "##", "#a", "a/b#"}) {
        // The well-formed ones of the packet are granted.
        Client& reader = client("reader");
        reader.subscribe({{"good", Qos::at_most_once}, {filter, Qos::at_most_once}});
        EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 1 [0 128]")) << filter;
    }
}

TEST_P(Conformance, MQTT_4_7_1_2_MatchesTheParentAndAllBelow) {
    Client& reader = subscriber("reader", "a/b/#");
    Client& publisher = client("p");
    for (const std::string_view topic : {"a", "a/b", "a/b/c", "a/b/c/d", "a/b/", "a/bc", "a/b//"}) {
        publisher.publish(topic, topic);
    }
    EXPECT_THAT(reader.payloads(), ElementsAre("a/b", "a/b/c", "a/b/c/d", "a/b/", "a/b//"));
}

TEST_P(Conformance, MQTT_4_7_1_3_WantsTheSingleLevelWildcardToFillItsLevel) {
    for (const std::string_view filter : {"+", "+/a", "a/+", "a/+/b", "+/+", "/+", "+/#"}) {
        Client& reader = client("reader");
        reader.subscribe(filter);
        EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 1 [0]")) << filter;
    }
    for (const std::string_view filter : {"a+", "+a", "a/b+", "++", "a/+b/c", "+#"}) {
        Client& reader = client("reader");
        reader.subscribe(filter);
        EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 1 [128]")) << filter;
    }
}

TEST_P(Conformance, MQTT_4_7_1_3_MatchesOneLevelAtAnyPlace) {
    struct Case {
        std::string_view filter;
        std::vector<std::string> topics;
    };
    for (const Case& one : {
             Case{"+", {"a"}},
             Case{"+/b", {"a/b", "/b"}},
             Case{"a/+", {"a/b", "a/"}},
             Case{"a/+/c", {"a/b/c", "a//c"}},
             Case{"/+", {"/b"}},
             Case{"+/+", {"a/b", "a/", "/b"}},
         }) {
        Client& reader = subscriber("reader", one.filter);
        Client& publisher = client("p");
        for (const std::string_view topic : {"a", "a/b", "a/", "/b", "a/b/c", "a//c", "a/b/c/d"}) {
            publisher.publish(topic, topic);
        }
        EXPECT_THAT(reader.payloads(), ElementsAreArray(one.topics)) << one.filter;
    }
}

TEST_P(Conformance, MQTT_4_7_2_1_HidesDollarTopicsFromLeadingWildcards) {
    Client& every = client("every");
    every.subscribe({{"#", Qos::at_most_once},
                     {"+", Qos::at_most_once},
                     {"+/x", Qos::at_most_once},
                     {"+/#", Qos::at_most_once}});
    Client& asking = subscriber("asking", "$data/#");
    Client& exact = subscriber("exact", "$data/x");
    every.forget();
    Client& publisher = client("p");
    publisher.publish("$data/x", "hidden", Qos::at_most_once, {.retain = true});
    publisher.publish("$data", "hidden");
    publisher.publish("data/$x", "seen");
    EXPECT_THAT(every.payloads(), ElementsAre("seen"));
    EXPECT_THAT(asking.payloads(), ElementsAre("hidden", "hidden"));
    EXPECT_THAT(exact.payloads(), ElementsAre("hidden"));
    // Retained ones too.
    Client& later = client("later");
    later.subscribe({{"#", Qos::at_most_once}, {"+/x", Qos::at_most_once}});
    EXPECT_THAT(later.messages(), IsEmpty());
}

TEST_P(Conformance, MQTT_4_7_3_1_WantsAtLeastOneCharacter) {
    for (const std::string_view packet :
         {"30 02 0000", "32 04 0000 0001", "82 05 0001 0000 00", "A2 04 0001 0000"}) {
        Client& bad = client("bad");
        EXPECT_THAT(answer(bad, packet), IsEmpty()) << packet;
        EXPECT_EQ(bad.closed(), CloseReason::malformed_packet) << packet;
    }
    Client& reader = subscriber("reader", "/");
    client("p").publish("/", "x");
    EXPECT_THAT(reader.texts(), ElementsAre("PUBLISH / q0 x"));
}

TEST_P(Conformance, MQTT_4_7_3_2_ClosesOnNullCharacter) {
    for (const std::string_view packet :
         {"30 03 0001 00", "30 05 0003 'a/' 00", "82 06 0001 0001 00 00", "A2 05 0001 0001 00"}) {
        Client& bad = client("bad");
        EXPECT_THAT(answer(bad, packet), IsEmpty()) << packet;
        EXPECT_EQ(bad.closed(), CloseReason::malformed_packet) << packet;
    }
}

TEST_P(Conformance, MQTT_4_7_3_3_CarriesTopicsOf65535Bytes) {
    const std::string longest(65'535, 'x');
    Client& reader = subscriber("reader", longest, Qos::at_least_once);
    Client& publisher = client("p");
    for (const Qos qos : kEveryQos)
        publisher.publish(longest, "x", qos, {.retain = true});
    ASSERT_EQ(reader.messages().size(), 3U);
    for (const Packet& packet : reader.messages())
        EXPECT_EQ(packet.topic, longest);
    Client& later = client("later");
    later.subscribe("+");
    ASSERT_EQ(later.messages().size(), 1U);
    EXPECT_EQ(later.messages()[0].topic, longest);
}

TEST_P(Conformance, MQTT_4_7_3_4_ComparesCharactersAsTheyAre) {
    static constexpr std::string_view kAlike[] = {
        "\xC3\xA9",      // e with acute accent, one character
        "e\xCC\x81",     // the same as two characters
        "\xC3\x89",      // its capital
        "\xEF\xBD\x81",  // a fullwidth letter
        "a",
        "A",
        "a ",
        " a",
        "a/",
        "/a",
        "a//",
        "//a",
        "a/./b",
        "a/b",
        "a/../a/b",
        "\xEF\xBF\xBD",      // the replacement character
        "\xEE\x80\x80",      // of private use
        "\xF4\x8F\xBF\xBF",  // no character at all
        "\x01\x7F",
    };
    Client& publisher = client("p");
    for (const std::string_view filter : kAlike) {
        Client& reader = subscriber("reader", filter);
        for (const std::string_view topic : kAlike)
            publisher.publish(topic, "x");
        ASSERT_EQ(reader.messages().size(), 1U) << filter;
        EXPECT_EQ(reader.messages()[0].topic, filter);
    }
}

}  // namespace
}  // namespace godwit::test
