// CONNECT and CONNACK. [MQTT-3.1] [MQTT-3.2]
#include "conformance.hpp"

namespace godwit::test {
namespace {

TEST_P(Conformance, MQTT_3_1_0_2_ClosesOnASecondConnect) {
    Client& reader = subscriber("reader", "#");
    Client& twice = client({.client_id = "twice", .will = WillOptions{"will", "gone"}});
    EXPECT_THAT(answer(twice, "10 11 0004 'MQTT' 04 02 003C 0005 'twice'"), IsEmpty());
    EXPECT_EQ(twice.closed(), CloseReason::protocol_violation);
    EXPECT_THAT(reader.texts(), ElementsAre("PUBLISH will q0 gone"));
}

TEST_P(Conformance, MQTT_3_1_2_4_ResumesTheSessionOrMakesOne) {
    const ConnectOptions options{.client_id = "c", .clean_session = false};
    Client& first = broker.connect(options);
    EXPECT_THAT(first.texts(), ElementsAre("CONNACK 0"));
    first.subscribe("t", Qos::at_least_once);
    first.drop();
    Client& second = broker.connect(options);
    EXPECT_THAT(second.texts(), ElementsAre("CONNACK 0 present"));
    second.forget();
    client("p").publish("t", "x", Qos::at_least_once);
    EXPECT_THAT(second.payloads(), ElementsAre("x"));
    second.disconnect();
    EXPECT_THAT(broker.connect(options).texts(), ElementsAre("CONNACK 0 present"));
}

TEST_P(Conformance, MQTT_3_1_2_5_StoresMessagesForAnAbsentClient) {
    const ConnectOptions options{.client_id = "c", .clean_session = false};
    subscriber(options, "t", Qos::exactly_once).disconnect();
    Client& publisher = client("p");
    publisher.publish("t", "one", Qos::at_least_once);
    publisher.publish("t", "two", Qos::exactly_once);
    EXPECT_THAT(
        broker.connect(options).texts(),
        ElementsAre("CONNACK 0 present", "PUBLISH t q1 #1 one", "PUBLISH t q2 #2 two", "PUBREL 2"));
}

TEST_P(Conformance, MQTT_3_1_2_6_DiscardsTheSessionAtCleanSession) {
    Client& stored = subscriber({.client_id = "c", .clean_session = false, .acknowledges = false},
                                "t", Qos::at_least_once);
    Client& publisher = client("p");
    publisher.publish("t", "sent", Qos::at_least_once);
    EXPECT_THAT(stored.payloads(), ElementsAre("sent"));
    stored.drop();
    publisher.publish("t", "queued", Qos::at_least_once);

    Client& clean = broker.connect({.client_id = "c"});
    publisher.publish("t", "nobody's", Qos::at_least_once);
    EXPECT_THAT(clean.texts(), ElementsAre("CONNACK 0"));
    clean.subscribe("clean/only", Qos::at_least_once);
    clean.drop();

    // Neither the old state nor that of the clean session comes back.
    Client& fresh = broker.connect({.client_id = "c", .clean_session = false});
    publisher.publish("t", "nobody's", Qos::at_least_once);
    publisher.publish("clean/only", "nobody's", Qos::at_least_once);
    EXPECT_THAT(fresh.texts(), ElementsAre("CONNACK 0"));
}

TEST_P(Conformance, MQTT_3_1_2_6_TakesNoClientMessagesOverIntoACleanSession) {
    // An incoming QoS 2 id of the old session is forgotten with it.
    Client& reader = subscriber("reader", "t", Qos::exactly_once);
    Client& old = client({.client_id = "c", .clean_session = false, .acknowledges = false});
    old.publish("t", "first", Qos::exactly_once, {.packet_id = 9});
    old.drop();
    Client& clean = client({.client_id = "c", .acknowledges = false});
    clean.publish("t", "second", Qos::exactly_once, {.packet_id = 9});
    EXPECT_THAT(reader.payloads(), ElementsAre("first", "second"));
}

TEST_P(Conformance, MQTT_3_1_2_7_KeepsRetainedMessagesWhenASessionEnds) {
    for (const bool clean : {true, false}) {
        const std::string topic = clean ? "by/clean" : "by/stored";
        Client& publisher = client({.client_id = "p", .clean_session = clean});
        publisher.publish(topic, "kept", Qos::at_least_once, {.retain = true});
        publisher.disconnect();
    }
    (void)client("p");  // wipes the stored session
    Client& reader = client("reader");
    reader.subscribe("by/#");
    EXPECT_THAT(reader.payloads(), ElementsAre("kept", "kept"));
}

// --- Client ids --------------------------------------------------------------------------------

TEST_P(Conformance, MQTT_3_1_3_2_KnowsTheSessionByItsClientId) {
    subscriber({.client_id = "one", .clean_session = false}, "t/1", Qos::at_least_once).drop();
    subscriber({.client_id = "two", .clean_session = false}, "t/2", Qos::at_least_once).drop();
    Client& publisher = client("p");
    publisher.publish("t/1", "for one", Qos::at_least_once);
    publisher.publish("t/2", "for two", Qos::at_least_once);
    EXPECT_THAT(broker.connect({.client_id = "two", .clean_session = false}).payloads(),
                ElementsAre("for two"));
    EXPECT_THAT(broker.connect({.client_id = "one", .clean_session = false}).payloads(),
                ElementsAre("for one"));
    // To the character.
    EXPECT_THAT(broker.connect({.client_id = "One", .clean_session = false}).texts(),
                ElementsAre("CONNACK 0"));
}

TEST_P(Conformance, MQTT_3_1_3_5_AllowsClientIdsOf1To23Characters) {
    static constexpr std::string_view kCharacters =
        "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (std::size_t size = 1; size <= 23; ++size) {
        for (std::size_t from = 0; from + size <= kCharacters.size(); from += size) {
            const std::string id{kCharacters.substr(from, size)};
            EXPECT_THAT(broker.connect({.client_id = id}).texts(), ElementsAre("CONNACK 0")) << id;
        }
    }
}

TEST_P(Conformance, MQTT_3_1_3_6_GivesAnIdToAClientWithoutOne) {
    Client& one = broker.connect(ConnectOptions{});
    Client& two = broker.connect(ConnectOptions{});
    EXPECT_THAT(one.texts(), ElementsAre("CONNACK 0"));
    EXPECT_THAT(two.texts(), ElementsAre("CONNACK 0"));
    // As any other client, each with a session of its own.
    one.subscribe("t", Qos::at_least_once);
    two.publish("t", "x", Qos::at_least_once);
    EXPECT_EQ(one.closed(), std::nullopt);
    EXPECT_THAT(one.payloads(), ElementsAre("x"));
    EXPECT_THAT(two.texts(), ElementsAre("CONNACK 0", "PUBACK 1"));
}

TEST_P(Conformance, MQTT_3_1_3_8_RejectsNoClientIdWithoutCleanSession) {
    Client& nameless = broker.connect({.clean_session = false});
    EXPECT_THAT(nameless.texts(), ElementsAre("CONNACK 2"));
    EXPECT_EQ(nameless.closed(), CloseReason::client_id_rejected);
}

TEST_P(Conformance, MQTT_3_1_3_9_RejectsAClientIdByConnack2) {
    broker.settings.mqtt.max_client_id_length = 23;
    Client& rejected = broker.connect({.client_id = std::string(24, 'x')});
    EXPECT_THAT(rejected.texts(), ElementsAre("CONNACK 2"));
    EXPECT_EQ(rejected.closed(), CloseReason::client_id_rejected);
    EXPECT_THAT(broker.connect({.client_id = std::string(23, 'x')}).texts(),
                ElementsAre("CONNACK 0"));
}

// --- What follows CONNECT ----------------------------------------------------------------------

TEST_P(Conformance, MQTT_3_1_4_2_DisconnectsTheClientThatHasTheId) {
    for (const bool clean : {true, false}) {
        const ConnectOptions options{.client_id = "c", .clean_session = clean};
        Client& first = client(options);
        Client& second = client(options);
        EXPECT_EQ(first.closed(), CloseReason::taken_over);
        EXPECT_THAT(first.texts(), IsEmpty());
        second.ping();
        EXPECT_THAT(second.texts(), ElementsAre("PINGRESP"));
    }
}

TEST_P(Conformance, MQTT_3_1_4_3_DoesWhatCleanSessionAsksFor) {
    // At a takeover too.
    (void)subscriber({.client_id = "c", .clean_session = false}, "t", Qos::at_least_once);
    Client& resumed = client({.client_id = "c", .clean_session = false});
    Client& publisher = client("p");
    publisher.publish("t", "kept", Qos::at_least_once);
    EXPECT_THAT(resumed.payloads(), ElementsAre("kept"));
    Client& clean = client({.client_id = "c", .clean_session = true});
    publisher.publish("t", "not wanted", Qos::at_least_once);
    EXPECT_THAT(clean.received(), IsEmpty());
}

TEST_P(Conformance, MQTT_3_1_4_4_AcknowledgesConnectByCode0) {
    EXPECT_THAT(broker.connect({.client_id = "clean"}).texts(), ElementsAre("CONNACK 0"));
    EXPECT_THAT(broker.connect({.client_id = "stored", .clean_session = false}).texts(),
                ElementsAre("CONNACK 0"));
    EXPECT_THAT(broker
                    .connect({.client_id = "full",
                              .clean_session = true,
                              .keep_alive = 65'535,
                              .will = WillOptions{"w", "m", Qos::exactly_once, true},
                              .user_name = "user"})
                    .texts(),
                ElementsAre("CONNACK 0"));
}

TEST_P(Conformance, MQTT_3_2_0_1_SendsConnackFirst) {
    const ConnectOptions options{.client_id = "c", .clean_session = false, .acknowledges = false};
    Client& before = subscriber(options, "t", Qos::exactly_once);
    Client& publisher = client("p");
    publisher.publish("t", "sent", Qos::exactly_once);
    before.drop();
    publisher.publish("t", "queued", Qos::at_least_once);
    // Also where messages are due.
    Client& after = broker.connect(options);
    ASSERT_EQ(after.received().size(), 3U);
    EXPECT_EQ(after.texts().front(), "CONNACK 0 present");
}

TEST_P(Conformance, MQTT_3_2_2_1_SaysNoSessionPresentAtCleanSession) {
    (void)client({.client_id = "c", .clean_session = false});
    EXPECT_THAT(broker.connect({.client_id = "c"}).texts(), ElementsAre("CONNACK 0"));
}

TEST_P(Conformance, MQTT_3_2_2_2_SaysSessionPresentWhereItIs) {
    const ConnectOptions options{.client_id = "c", .clean_session = false};
    client(options).drop();
    EXPECT_THAT(broker.connect(options).texts(), ElementsAre("CONNACK 0 present"));
    EXPECT_THAT(broker.connect(options).texts(), ElementsAre("CONNACK 0 present"));
}

TEST_P(Conformance, MQTT_3_2_2_3_SaysNoSessionPresentWhereNoneIs) {
    const ConnectOptions options{.client_id = "c", .clean_session = false};
    EXPECT_THAT(broker.connect(options).texts(), ElementsAre("CONNACK 0"));
    (void)client("c");  // ends it
    EXPECT_THAT(broker.connect(options).texts(), ElementsAre("CONNACK 0"));
}

TEST_P(Conformance, MQTT_3_2_2_4_SaysNoSessionPresentWhenItRefuses) {
    // Although there is one: it belongs to another user.
    (void)client({.client_id = "c", .clean_session = false, .user_name = "alice"});
    Client& refused =
        broker.connect({.client_id = "c", .clean_session = false, .user_name = "bob"});
    EXPECT_THAT(refused.texts(), ElementsAre("CONNACK 5"));
}

TEST_P(Conformance, MQTT_3_2_2_5_ClosesAfterRefusing) {
    (void)client({.client_id = "c", .user_name = "alice"});
    Client& refused = broker.connect({.client_id = "c", .user_name = "bob"});
    EXPECT_THAT(refused.texts(), ElementsAre("CONNACK 5"));
    EXPECT_EQ(refused.closed(), CloseReason::not_authorized);
}

TEST_P(Conformance, MQTT_3_2_2_6_ClosesWithoutConnackWhereNoCodeFits) {
    broker.settings.mqtt.max_qos = Qos::at_least_once;
    Client& refused =
        broker.connect({.client_id = "c", .will = WillOptions{"will", "gone", Qos::exactly_once}});
    EXPECT_THAT(refused.texts(), IsEmpty());
    EXPECT_EQ(refused.closed(), CloseReason::qos_not_supported);
}

}  // namespace
}  // namespace godwit::test
