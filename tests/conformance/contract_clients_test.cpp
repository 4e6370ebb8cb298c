// What Godwit promises about clients and their sessions beyond the standard.
#include "conformance.hpp"

namespace godwit::test {
namespace {

TEST_P(Contract, SpeaksMqtt31) {
    const ConnectOptions options{
        .client_id = "c", .clean_session = false, .level = mqtt::ProtocolLevel::mqtt31};
    Client& old = broker.connect(options);
    EXPECT_THAT(old.texts(), ElementsAre("CONNACK 0"));
    old.subscribe("t", Qos::exactly_once);
    old.forget();
    Client& publisher = client("p");
    publisher.publish("t", "x", Qos::exactly_once);
    EXPECT_THAT(old.texts(), ElementsAre("PUBLISH t q2 #1 x", "PUBREL 1"));
    old.drop();
    publisher.publish("t", "y", Qos::at_least_once);
    // It knows no flag for a session present.
    EXPECT_THAT(broker.connect(options).texts(), ElementsAre("CONNACK 0", "PUBLISH t q1 #2 y"));
}

TEST_P(Contract, RejectsNoClientIdInMqtt31) {
    Client& nameless = broker.connect({.level = mqtt::ProtocolLevel::mqtt31});
    EXPECT_THAT(nameless.texts(), ElementsAre("CONNACK 2"));
}

TEST_P(Contract, KeepsAClientIdToItsUserName) {
    struct Case {
        std::optional<std::string> holder;
        std::optional<std::string> newcomer;
    };
    for (const Case& one : {Case{"alice", "bob"}, Case{"alice", std::nullopt},
                            Case{std::nullopt, "bob"}, Case{"alice", "Alice"}, Case{"", "bob"}}) {
        for (const bool clean : {true, false}) {
            Client& holder = subscriber(
                {.client_id = "c", .clean_session = clean, .user_name = one.holder}, "t");
            Client& newcomer = broker.connect(
                {.client_id = "c", .clean_session = clean, .user_name = one.newcomer});
            EXPECT_THAT(newcomer.texts(), ElementsAre("CONNACK 5"));
            EXPECT_EQ(newcomer.closed(), CloseReason::not_authorized);
            EXPECT_EQ(holder.closed(), std::nullopt);
            client("p").publish("t", "x");
            EXPECT_THAT(holder.payloads(), ElementsAre("x"));
            // Its owner may go on.
            (void)client({.client_id = "c", .user_name = one.holder});
            EXPECT_EQ(holder.closed(), CloseReason::taken_over);
            client({.client_id = "c", .user_name = one.holder}).disconnect();
        }
    }
}

TEST_P(Contract, KeepsAClientIdToItsUserNameWhileTheSessionLasts) {
    const ConnectOptions alice{.client_id = "c", .clean_session = false, .user_name = "alice"};
    client(alice).disconnect();
    EXPECT_THAT(broker.connect({.client_id = "c"}).texts(), ElementsAre("CONNACK 5"));
    broker.advance(broker.settings.session.expiry);
    EXPECT_THAT(broker.connect({.client_id = "c"}).texts(), ElementsAre("CONNACK 0"));
}

TEST_P(Contract, KeepsAClientIdToItsMountPoint) {
    (void)client({.client_id = "c", .clean_session = false, .mount_point = "home/"});
    EXPECT_THAT(broker.connect({.client_id = "c", .clean_session = false}).texts(),
                ElementsAre("CONNACK 5"));
    EXPECT_THAT(
        broker.connect({.client_id = "c", .clean_session = false, .mount_point = "home/"}).texts(),
        ElementsAre("CONNACK 0 present"));
}

TEST_P(Contract, EndsASessionWhenItExpires) {
    broker.settings.session.expiry = std::chrono::minutes{5};
    const ConnectOptions options{.client_id = "c", .clean_session = false};
    subscriber(options, "t", Qos::at_least_once).drop();
    broker.advance(std::chrono::minutes{4});
    EXPECT_THAT(broker.connect(options).texts(), ElementsAre("CONNACK 0 present"));
    client(options).drop();
    Client& publisher = client("p");
    publisher.publish("t", "lost", Qos::at_least_once);
    broker.advance(std::chrono::minutes{6});
    EXPECT_THAT(broker.connect(options).texts(), ElementsAre("CONNACK 0"));
    EXPECT_EQ(broker.drops(DropReason::session_ended), 1U);
}

TEST_P(Contract, NeverEndsASessionWithoutAnExpiry) {
    broker.settings.session.expiry = core::Duration{0};
    const ConnectOptions options{.client_id = "c", .clean_session = false};
    client(options).drop();
    broker.advance(std::chrono::hours{24 * 365 * 5});
    EXPECT_THAT(broker.connect(options).texts(), ElementsAre("CONNACK 0 present"));
}

// --- Wills -------------------------------------------------------------------------------------

TEST_P(Contract, PublishesTheWillOfATakenOverConnectionBeforeTheNewConnack) {
    const ConnectOptions options{
        .client_id = "c", .clean_session = false, .will = WillOptions{"will/c", "gone"}};
    Client& reader = subscriber("reader", "will/#");
    (void)client(options);
    broker.commits_complete = false;
    Client& newcomer = broker.connect(options);
    if (GetParam().keeps == Harness::Keeps::state) {
        EXPECT_THAT(reader.texts(), IsEmpty());
        EXPECT_THAT(newcomer.texts(), IsEmpty());
        broker.commit();
    }
    EXPECT_THAT(reader.texts(), ElementsAre("PUBLISH will/c q0 gone"));
    EXPECT_THAT(newcomer.texts(), ElementsAre("CONNACK 0 present"));
}

TEST_P(Contract, ClosesOnAWillAboveTheHighestQos) {
    broker.settings.mqtt.max_qos = Qos::at_most_once;
    for (const Qos qos : {Qos::at_least_once, Qos::exactly_once}) {
        Client& refused = broker.connect({.client_id = "c", .will = WillOptions{"w", "", qos}});
        EXPECT_THAT(refused.texts(), IsEmpty());
        EXPECT_EQ(refused.closed(), CloseReason::qos_not_supported);
    }
    EXPECT_THAT(broker.connect({.client_id = "c", .will = WillOptions{"w", ""}}).texts(),
                ElementsAre("CONNACK 0"));
}

TEST_P(Contract, TreatsAWillAsAPublicationWhateverItsTopic) {
    Client& reader = client("reader");
    reader.subscribe(
        {{"#", Qos::at_most_once}, {"$local/t", Qos::at_most_once}, {"$SYS/#", Qos::at_most_once}});
    reader.forget();
    for (const std::string_view topic :
         {"$local/t", "$SYS/x", "$local/$SYS/x", "$share/g/t", "$queue/t"}) {
        client({.client_id = "c",
                .will = WillOptions{std::string(topic), "gone", Qos::at_least_once, true}})
            .drop();
    }
    EXPECT_THAT(reader.texts(), ElementsAre("PUBLISH t q0 gone"));
    EXPECT_EQ(broker.drops(DropReason::denied), 2U);
    EXPECT_EQ(broker.drops(DropReason::not_routable), 2U);
    // A publication to $local/ is not retained.
    Client& later = client("later");
    later.subscribe("t");
    EXPECT_THAT(later.messages(), IsEmpty());
}

TEST_P(Contract, DropsAWillThatIsDeniedWhenItIsPublished) {
    Client& reader = subscriber("reader", "#");
    Client& first = client({.client_id = "c", .will = WillOptions{"secret", "gone"}});
    broker.access.denied = {"secret"};
    first.drop();
    EXPECT_THAT(reader.received(), IsEmpty());
    EXPECT_EQ(broker.drops(DropReason::denied), 1U);
    Client& second = client({.client_id = "c", .will = WillOptions{"secret", "gone"}});
    broker.access.denied.clear();
    second.drop();
    EXPECT_THAT(reader.payloads(), ElementsAre("gone"));
}

// --- Rights ------------------------------------------------------------------------------------

TEST_P(Contract, ARefusedFilterSpoilsNoOther) {
    broker.access.denied = {"secret/#"};
    Client& reader = client("reader");
    reader.subscribe({{"a", Qos::at_least_once},
                      {"secret/#", Qos::at_least_once},
                      {"$share/g/secret/#", Qos::at_least_once},
                      {"$local/secret/#", Qos::at_least_once},
                      {"b", Qos::at_least_once}});
    EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 1 [1 128 128 128 1]"));
    reader.forget();
    Client& publisher = client("p");
    for (const std::string_view topic : {"a", "secret/x", "b"})
        publisher.publish(topic, topic);
    EXPECT_THAT(reader.payloads(), ElementsAre("a", "b"));
}

TEST_P(Contract, ChecksRightsByThePlainTopic) {
    Client& reader = client("reader");
    reader.subscribe({{"t", Qos::at_most_once}, {"home/t", Qos::at_most_once}});
    reader.forget();
    broker.access.denied = {"t"};
    client("p").publish("$local/t", "x", Qos::at_least_once);
    client({.client_id = "q", .mount_point = "home/"}).publish("t", "x", Qos::at_least_once);
    EXPECT_THAT(reader.received(), IsEmpty());
    EXPECT_EQ(broker.drops(DropReason::denied), 2U);
}

TEST_P(Contract, DeniesPublicationsToSys) {
    Client& reader = client("reader");
    reader.subscribe({{"#", Qos::at_most_once}, {"$SYS/#", Qos::at_most_once}});
    reader.forget();
    Client& publisher = client("p");
    for (const std::string_view topic : {"$SYS", "$SYS/x", "$local/$SYS/x"})
        publisher.publish(topic, "x", Qos::at_least_once, {.retain = true});
    publisher.publish("$SYSTEM", "another topic", Qos::at_least_once);
    EXPECT_THAT(publisher.texts(), ElementsAre("PUBACK 1", "PUBACK 2", "PUBACK 3", "PUBACK 4"));
    EXPECT_THAT(reader.received(), IsEmpty());
    EXPECT_EQ(broker.drops(DropReason::denied), 3U);
}

// --- Mount points ------------------------------------------------------------------------------

TEST_P(Contract, HidesTheMountPointFromItsClients) {
    Client& inside = client({.client_id = "in",
                             .will = WillOptions{"will", "gone", Qos::at_most_once, true},
                             .mount_point = "home/"});
    inside.subscribe({{"#", Qos::at_least_once},
                      {"$share/g/t", Qos::at_least_once},
                      {"$local/t", Qos::at_least_once}});
    inside.forget();
    Client& outside = client("out");
    outside.publish("t", "not mine");
    outside.publish("home/t", "mine");
    EXPECT_THAT(inside.texts(), ElementsAre("PUBLISH t q0 mine", "PUBLISH t q0 mine"));
    inside.forget();
    outside.subscribe("#");
    outside.forget();
    inside.publish("t", "up");
    EXPECT_THAT(outside.texts(), ElementsAre("PUBLISH home/t q0 up"));
    EXPECT_THAT(inside.texts(), ElementsAre("PUBLISH t q0 up", "PUBLISH t q0 up"));
    outside.forget();
    inside.publish("$local/t", "down");
    EXPECT_THAT(outside.texts(), ElementsAre("PUBLISH home/t q0 down"));
    outside.forget();
    inside.drop();
    EXPECT_THAT(outside.texts(), ElementsAre("PUBLISH home/will q0 gone"));
    Client& again = client({.client_id = "in", .mount_point = "home/"});
    again.subscribe("will");
    EXPECT_THAT(again.texts(), ElementsAre("SUBACK 1 [0]", "PUBLISH will q0 retain gone"));
}

}  // namespace
}  // namespace godwit::test
