// What Godwit promises about access control: docs/acl.md.
#include "conformance.hpp"
#include "godwit/auth/acl.hpp"

namespace godwit::test {
namespace {

using auth::AclRule;

AclRule rule(AclRule::Permit permit, AclRule::Action action,
             std::initializer_list<std::string_view> topics) {
    AclRule rule{.permit = permit, .action = action};
    for (const std::string_view text : topics)
        rule.topics.push_back(auth::parse_acl_topics(text).value());
    return rule;
}
AclRule allow(std::initializer_list<std::string_view> topics,
              AclRule::Action action = AclRule::Action::subscribe) {
    return rule(AclRule::Permit::allow, action, topics);
}
AclRule deny(std::initializer_list<std::string_view> topics,
             AclRule::Action action = AclRule::Action::subscribe) {
    return rule(AclRule::Permit::deny, action, topics);
}
AclRule of_user(std::string_view user, AclRule rule) {
    rule.username = user;
    return rule;
}
AclRule from(std::string_view network, AclRule rule) {
    rule.address = core::AddressRange::parse(network);
    return rule;
}

class AccessControl : public OnEveryBroker {
protected:
    // These rules, everybody may publish everything, and nothing else.
    void enforce(std::vector<AclRule> rules) {
        rules.push_back(allow({"#"}, AclRule::Action::publish));
        policies_.push_back(
            std::make_unique<auth::Acl>(auth::AclSettings{.rules = std::move(rules)}));
        broker.enforce(*policies_.back());
    }
    // Publishes each topic, as its payload, at that QoS.
    void publish(std::initializer_list<std::string_view> topics, Qos qos = Qos::at_least_once) {
        Client& publisher = client("publisher");
        for (const std::string_view topic : topics)
            publisher.publish(topic, topic, qos);
        publisher.disconnect();
    }

private:
    std::vector<std::unique_ptr<auth::Acl>> policies_;
};

INSTANTIATE_TEST_SUITE_P(Brokers, AccessControl, ::testing::ValuesIn(kBrokers), name_of);

TEST_P(AccessControl, GrantsWhatRulesCoverOrOverlapAndRefusesTheRest) {
    enforce({deny({"a/secret"}), allow({"a/#", "b"})});
    Client& reader = client("reader");
    reader.subscribe({{"a/x/#", Qos::at_least_once},
                      {"c", Qos::at_least_once},
                      {"#", Qos::at_most_once},
                      {"a/secret", Qos::at_least_once},
                      {"$share/g/c", Qos::at_most_once},
                      {"$local/b", Qos::at_most_once},
                      {"$share/g/$local/a/+", Qos::at_most_once}});
    EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 1 [1 128 0 128 128 0 0]"));
}

TEST_P(AccessControl, ChecksEveryDeliveryOfAFilterThatOnlyOverlaps) {
    for (const Qos qos : kEveryQos) {
        enforce({deny({"a/secret"}), allow({"a/+"})});
        std::vector<Client*> readers;
        for (const std::string_view id : {"one", "two", "three", "four"})
            readers.push_back(&subscriber(id, "#", qos));
        const std::uint64_t before = broker.drops(DropReason::denied_delivery);
        publish({"a/x", "a/secret", "b", "a/y"}, qos);
        for (Client* reader : readers) {
            EXPECT_THAT(reader->payloads(), ElementsAre("a/x", "a/y"));
            reader->disconnect();
        }
        EXPECT_EQ(broker.drops(DropReason::denied_delivery) - before, 8U);
    }
}

TEST_P(AccessControl, GivesOneCopyWhereACoveredAndAnOverlappingFilterMatch) {
    enforce({allow({"a/#"})});
    Client& reader = subscriber("reader", "a/x", Qos::at_most_once);
    reader.subscribe("+/x", Qos::at_least_once);
    reader.forget();
    publish({"a/x", "b/x"});
    EXPECT_THAT(reader.payloads(), ElementsAre("a/x"));
}

TEST_P(AccessControl, ChecksWhatWaitsForAnAbsentClient) {
    enforce({allow({"a/#"})});
    const ConnectOptions options{.client_id = "reader", .clean_session = false};
    subscriber(options, "#", Qos::exactly_once).drop();
    publish({"a/1", "b/1"}, Qos::at_least_once);
    publish({"a/2", "b/2"}, Qos::exactly_once);
    EXPECT_EQ(broker.drops(DropReason::denied_delivery), 2U);
    EXPECT_THAT(broker.connect(options).payloads(), ElementsAre("a/1", "a/2"));
}

TEST_P(AccessControl, JudgesAnAbsentClientByItsLastAddress) {
    enforce({from("10.0.0.0/8", allow({"a/#"})), allow({"b"})});
    ConnectOptions options{
        .client_id = "reader", .clean_session = false, .address = "10.0.0.1:4711"};
    Client& near = subscriber(options, "a/#", Qos::at_least_once);
    near.subscribe("+", Qos::at_least_once);
    near.drop();
    publish({"a/1", "b"});
    EXPECT_THAT(broker.connect(options).payloads(), ElementsAre("a/1", "b"));
    // From somewhere else it keeps its filters and gets what it may have.
    options.address = "11.0.0.1:4711";
    Client& far = broker.connect(options);
    far.forget();
    publish({"a/2", "b"});
    EXPECT_THAT(far.payloads(), ElementsAre("b"));
    options.address = "10.0.0.1:4711";
    Client& again = broker.connect(options);
    again.forget();
    publish({"a/3", "b"});
    EXPECT_THAT(again.payloads(), ElementsAre("a/3", "b"));
}

TEST_P(AccessControl, ChecksRetainedMessages) {
    enforce({allow({"a/#"})});
    Client& publisher = client("p");
    for (const std::string_view topic : {"a/1", "b/1", "a/2"})
        publisher.publish(topic, topic, Qos::at_least_once, {.retain = true});
    Client& reader = client("reader");
    reader.subscribe("#", Qos::at_least_once);
    EXPECT_THAT(reader.payloads(), ElementsAre("a/1", "a/2"));
    EXPECT_EQ(broker.drops(DropReason::denied_delivery), 1U);
}

TEST_P(AccessControl, PassesOverMembersOfAGroupThatMayNotReceive) {
    enforce(
        {of_user("a", allow({"a"})), of_user("b", allow({"b"})), of_user("both", allow({"#"}))});
    Client& a = subscriber({.client_id = "one", .user_name = "a"}, "$share/g/+", Qos::exactly_once);
    Client& b = subscriber({.client_id = "two", .user_name = "b"}, "$share/g/+", Qos::exactly_once);
    for (const Qos qos : kEveryQos) {
        publish({"a", "b", "a", "b", "c"}, qos);
        EXPECT_THAT(a.payloads(), ElementsAre("a", "a"));
        EXPECT_THAT(b.payloads(), ElementsAre("b", "b"));
        a.forget();
        b.forget();
    }
    EXPECT_EQ(broker.drops(DropReason::no_member), 3U);
    Client& both =
        subscriber({.client_id = "three", .user_name = "both"}, "$share/g/+", Qos::exactly_once);
    publish({"c", "c"});
    EXPECT_THAT(both.payloads(), ElementsAre("c", "c"));
}

TEST_P(AccessControl, KeepsAGroupsMessageFromAMemberThatMayNotHaveIt) {
    enforce({of_user("a", allow({"#"})), of_user("b", allow({"b"}))});
    const ConnectOptions options{.client_id = "one", .clean_session = false, .user_name = "a"};
    subscriber(options, "$share/g/+", Qos::at_least_once).drop();
    publish({"a", "b"});
    Client& other = client({.client_id = "two", .user_name = "b"});
    other.subscribe("$share/g/+", Qos::at_least_once);
    publish({"b"});
    EXPECT_THAT(other.payloads(), Each("b"));
    Client& back = broker.connect(options);
    EXPECT_THAT(back.payloads(), ElementsAre("a"));
}

TEST_P(AccessControl, SeesNoMountPoint) {
    enforce({allow({"a/#"})});
    Client& reader = client({.client_id = "reader", .mount_point = "home/"});
    reader.subscribe(
        {{"a/#", Qos::at_most_once}, {"home/a", Qos::at_most_once}, {"#", Qos::at_most_once}});
    EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 1 [0 128 0]"));
    reader.forget();
    // "home" is matched by "home/#", and is not behind the mount point.
    publish({"home/a/x", "home/b", "home"});
    EXPECT_THAT(reader.texts(), ElementsAre("PUBLISH a/x q0 home/a/x"));
}

TEST_P(AccessControl, DisconnectsForADeniedPublishWhereToldTo) {
    broker.settings.access.on_denied_publish = core::DeniedPublish::disconnect;
    enforce({deny({"secret"}, AclRule::Action::publish)});
    const ConnectOptions options{.client_id = "c", .clean_session = false};
    for (const Qos qos : {Qos::exactly_once, Qos::at_most_once, Qos::exactly_once}) {
        Client& publisher = client(options);
        publisher.publish("t", "x", qos);
        EXPECT_EQ(publisher.closed(), std::nullopt);
        publisher.publish("secret", "x", qos, {.packet_id = 9});
        EXPECT_EQ(publisher.closed(), CloseReason::not_authorized);
    }
    EXPECT_EQ(broker.drops(DropReason::denied), 3U);
    // The id of what was denied is free.
    Client& publisher = client(options);
    publisher.publish("t", "x", Qos::exactly_once, {.packet_id = 9});
    EXPECT_THAT(publisher.texts(), ElementsAre("PUBREC 9", "PUBCOMP 9"));
}

TEST_P(AccessControl, RestrictsNoSuperuser) {
    enforce({deny({"#"}), deny({"#"}, AclRule::Action::publish)});
    const ConnectOptions options{.client_id = "super",
                                 .clean_session = false,
                                 .will = WillOptions{"w", "w"},
                                 .superuser = true};
    Client& super = subscriber(options, "#", Qos::at_least_once);
    super.publish("t", "x", Qos::at_least_once);
    EXPECT_THAT(super.payloads(), ElementsAre("x"));
    super.drop();
    client({.client_id = "super2", .superuser = true}).publish("t", "y", Qos::at_least_once);
    EXPECT_THAT(broker.connect(options).payloads(), ElementsAre("y"));
    EXPECT_EQ(broker.drops(DropReason::denied), 0U);
}

// --- Other rules -------------------------------------------------------------------------------

TEST_P(AccessControl, TakesAwayWhatRulesNoLongerAllow) {
    const ConnectOptions loser{.client_id = "loser", .clean_session = false};
    const ConnectOptions absent{.client_id = "absent", .clean_session = false};
    Client& lost = subscriber(loser, "a", Qos::at_least_once);
    lost.subscribe("b", Qos::at_least_once);
    subscriber(absent, "a", Qos::at_least_once).drop();
    Client& kept = subscriber("kept", "b");
    Client& clean = subscriber("clean", "$share/g/a");
    enforce({allow({"b"})});
    EXPECT_EQ(lost.closed(), CloseReason::reconfigured);
    EXPECT_EQ(clean.closed(), CloseReason::reconfigured);
    EXPECT_EQ(kept.closed(), std::nullopt);
    publish({"a", "b"});
    EXPECT_THAT(kept.payloads(), ElementsAre("b"));
    EXPECT_THAT(broker.connect(loser).texts(),
                ElementsAre("CONNACK 0 present", "PUBLISH b q1 #1 b"));
    // What is gone does not come back with other rules.
    enforce({allow({"#"})});
    publish({"a"});
    EXPECT_THAT(broker.connect(absent).payloads(), IsEmpty());
}

TEST_P(AccessControl, ChecksFromNowOnWhatRulesAllowInPart) {
    Client& reader = subscriber("reader", "#", Qos::at_least_once);
    Client& member = subscriber("member", "$share/g/#", Qos::at_least_once);
    publish({"a"});
    enforce({allow({"b"})});
    publish({"a", "b"});
    enforce({allow({"#"})});
    publish({"a"});
    EXPECT_THAT(reader.payloads(), ElementsAre("a", "b", "a"));
    EXPECT_THAT(member.payloads(), ElementsAre("a", "b", "a"));
    EXPECT_EQ(reader.closed(), std::nullopt);
}

TEST_P(AccessControl, AsksNewRulesAboutTopicsOfBefore) {
    Client& reader = subscriber("reader", "#");
    Client& publisher = client("p");
    for (const bool allowed : {true, false, true}) {
        reader.forget();
        enforce({allow({"#"}), allowed ? allow({"t"}, AclRule::Action::publish)
                                       : deny({"t"}, AclRule::Action::publish)});
        for (int i = 0; i < 3; ++i)
            publisher.publish("t", "x");
        EXPECT_EQ(reader.messages().size(), allowed ? 3U : 0U);
    }
}

TEST_P(AccessControl, JudgesASubscriptionByTheRulesOfItsCommit) {
    if (GetParam().keeps == Harness::Keeps::nothing) return;  // It is not waited for.
    Client& reader = client({.client_id = "reader", .clean_session = false});
    broker.commits_complete = false;
    reader.subscribe({{"a", Qos::at_least_once}, {"b", Qos::at_least_once}});
    enforce({allow({"b"})});
    broker.commits_complete = true;
    broker.run();
    EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 1 [128 1]"));
    publish({"a", "b"});
    EXPECT_THAT(reader.payloads(), ElementsAre("b"));
}

}  // namespace
}  // namespace godwit::test
