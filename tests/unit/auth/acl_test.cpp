#include "godwit/auth/acl.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "godwit/mqtt/topic.hpp"

namespace godwit::auth {
namespace {

using Client = core::AccessPolicy::Client;
using Scope = core::AccessPolicy::Scope;
using Action = AclRule::Action;
using Permit = AclRule::Permit;

constexpr Client kAlice{"dev1", "alice", "10.0.0.1:4711"};
constexpr Client kNobody{"dev2", "", "192.168.0.1:4712"};

AclRule rule(Permit permit, Action action, const std::vector<std::string>& topics) {
    AclRule rule{.permit = permit, .action = action};
    for (const std::string& text : topics)
        rule.topics.push_back(parse_acl_topics(text).value());
    return rule;
}
AclRule allow(const std::vector<std::string>& topics) {
    return rule(Permit::allow, Action::all, topics);
}
AclRule deny(const std::vector<std::string>& topics) {
    return rule(Permit::deny, Action::all, topics);
}

Acl acl(std::vector<AclRule> rules, AclSettings::Default otherwise = {}) {
    return Acl({.otherwise = otherwise, .rules = std::move(rules)});
}

TEST(AclTest, AllowsEverythingWhereThereAreNoRules) {
    const Acl open = acl({});
    EXPECT_FALSE(open.restricts());
    EXPECT_TRUE(open.may_publish(kNobody, "a"));
    EXPECT_EQ(open.may_subscribe(kNobody, "$SYS/#"), Scope::all);
}

TEST(AclTest, DeniesWhatNoRuleDecides) {
    const Acl some = acl({allow({"a/#"})});
    EXPECT_TRUE(some.restricts());
    EXPECT_TRUE(some.may_publish(kAlice, "a/b"));
    EXPECT_FALSE(some.may_publish(kAlice, "b"));
    EXPECT_FALSE(some.may_receive(kAlice, "b"));
    EXPECT_EQ(some.may_subscribe(kAlice, "b"), Scope::none);
    // A file of no rules denies everything.
    const Acl empty({.file = "acl"});
    EXPECT_FALSE(empty.may_publish(kAlice, "a"));
}

TEST(AclTest, ItsDefaultCanBeSaid) {
    const Acl closed = acl({}, AclSettings::Default::deny);
    EXPECT_TRUE(closed.restricts());
    EXPECT_FALSE(closed.may_publish(kAlice, "a"));
    EXPECT_EQ(closed.may_subscribe(kAlice, "a"), Scope::none);
    const Acl open = acl({deny({"secret/#"})}, AclSettings::Default::allow);
    EXPECT_TRUE(open.may_publish(kAlice, "a"));
    EXPECT_EQ(open.may_subscribe(kAlice, "a/#"), Scope::all);
    EXPECT_EQ(open.may_subscribe(kAlice, "$SYS/#"), Scope::all);
    EXPECT_EQ(open.may_subscribe(kAlice, "#"), Scope::some);
    EXPECT_EQ(open.may_subscribe(kAlice, "secret/+"), Scope::none);
}

TEST(AclTest, TheFirstMatchDecides) {
    const Acl rules = acl({allow({"a/b"}), deny({"a/#"}), allow({"a/c", "d"})});
    EXPECT_TRUE(rules.may_publish(kAlice, "a/b"));
    EXPECT_FALSE(rules.may_publish(kAlice, "a/c"));
    EXPECT_TRUE(rules.may_publish(kAlice, "d"));
}

TEST(AclTest, AsksRulesOfTheConfigurationBeforeThoseOfTheFile) {
    const Acl both(
        {.file = "acl", .rules = {deny({"a"})}, .file_rules = {allow({"a"}), allow({"b"})}});
    EXPECT_FALSE(both.may_publish(kAlice, "a"));
    EXPECT_TRUE(both.may_publish(kAlice, "b"));
}

TEST(AclTest, TellsActionsApart) {
    const Acl rules = acl({rule(Permit::allow, Action::publish, {"up"}),
                           rule(Permit::allow, Action::subscribe, {"down"})});
    EXPECT_TRUE(rules.may_publish(kAlice, "up"));
    EXPECT_FALSE(rules.may_publish(kAlice, "down"));
    EXPECT_FALSE(rules.may_receive(kAlice, "up"));
    EXPECT_TRUE(rules.may_receive(kAlice, "down"));
    EXPECT_EQ(rules.may_subscribe(kAlice, "up"), Scope::none);
    EXPECT_EQ(rules.may_subscribe(kAlice, "down"), Scope::all);
}

TEST(AclTest, TellsClientsApart) {
    AclRule of_alice = allow({"alice"});
    of_alice.username = "alice";
    AclRule of_device = allow({"device"});
    of_device.client_id = "dev2";
    AclRule of_network = allow({"network"});
    of_network.address = core::AddressRange::parse("10.0.0.0/8");
    AclRule of_nobody = allow({"nobody"});
    of_nobody.anonymous = true;
    const Acl rules = acl({of_device, of_alice, of_network, of_nobody});
    const auto topics_of = [&](const Client& client) {
        std::vector<std::string> topics;
        for (const char* topic : {"alice", "device", "network", "nobody"}) {
            if (rules.may_publish(client, topic)) topics.emplace_back(topic);
        }
        return topics;
    };
    EXPECT_THAT(topics_of(kAlice), ::testing::ElementsAre("alice", "network"));
    EXPECT_THAT(topics_of(kNobody), ::testing::ElementsAre("device", "nobody"));
    EXPECT_THAT(topics_of({"dev3", "alic", "/run/socket"}), ::testing::IsEmpty());
}

TEST(AclTest, RulesOfUsersAndOfAllKeepTheirOrder) {
    AclRule denied = deny({"t"});
    denied.username = "alice";
    AclRule allowed = allow({"u"});
    allowed.username = "alice";
    const Acl rules = acl({denied, allow({"t"}), deny({"u"}), allowed});
    EXPECT_FALSE(rules.may_publish(kAlice, "t"));
    EXPECT_TRUE(rules.may_publish(kNobody, "t"));
    EXPECT_FALSE(rules.may_publish(kAlice, "u"));
}

TEST(AclTest, WithoutAnAddressItAllowsNothingByOneAndDenies) {
    AclRule near = allow({"near/#"});
    near.address = core::AddressRange::parse("10.0.0.0/8");
    AclRule far = deny({"any/x"});
    far.address = core::AddressRange::parse("192.168.0.0/16");
    const Acl rules = acl({near, far, allow({"any/#"})});
    const Client absent{"dev1", "alice", ""};
    EXPECT_FALSE(rules.may_receive(absent, "near/x"));
    EXPECT_FALSE(rules.may_receive(absent, "any/x"));
    EXPECT_TRUE(rules.may_receive(absent, "any/y"));
    // It may come from there, so its filters are not given up.
    EXPECT_EQ(rules.may_subscribe(absent, "near/#"), Scope::some);
    EXPECT_EQ(rules.may_subscribe(absent, "any/#"), Scope::some);
    EXPECT_EQ(rules.may_subscribe(absent, "any/x"), Scope::some);
    EXPECT_EQ(rules.may_subscribe(absent, "other"), Scope::none);
    EXPECT_EQ(rules.may_subscribe(kAlice, "near/#"), Scope::all);
    EXPECT_EQ(rules.may_subscribe(kNobody, "near/#"), Scope::none);
    // A unix socket has no address at all.
    EXPECT_EQ(rules.may_subscribe({"c", "", "/run/socket"}, "near/#"), Scope::none);
}

TEST(AclTest, FindsTheHostInAnAddress) {
    const auto is_near = [](std::string_view range, std::string_view address) {
        AclRule rule = allow({"t"});
        rule.address = core::AddressRange::parse(range).value();
        return acl({rule}).may_publish({"c", "", address}, "t");
    };
    EXPECT_TRUE(is_near("10.0.0.0/8", "10.1.2.3:1883"));
    EXPECT_FALSE(is_near("10.0.0.0/8", "11.1.2.3:1883"));
    EXPECT_TRUE(is_near("10.0.0.0/8", "[::ffff:10.1.2.3]:1883"));
    EXPECT_TRUE(is_near("2001:db8::/32", "[2001:db8::1]:1883"));
    EXPECT_FALSE(is_near("::/0", "/run/godwit.sock"));
    EXPECT_FALSE(is_near("::/0", "/run/[::1]:1"));
}

TEST(AclTest, GrantsWhatOneRuleCoversAndNoEarlierOneDenies) {
    const Acl rules = acl({deny({"a/secret"}), allow({"a/+", "b/#"}), deny({"b/late"})});
    EXPECT_EQ(rules.may_subscribe(kAlice, "b/#"), Scope::all);
    EXPECT_EQ(rules.may_subscribe(kAlice, "b/late"), Scope::all);
    EXPECT_EQ(rules.may_subscribe(kAlice, "a/x"), Scope::all);
    EXPECT_EQ(rules.may_subscribe(kAlice, "a/+"), Scope::some);
    EXPECT_EQ(rules.may_subscribe(kAlice, "#"), Scope::some);
    EXPECT_EQ(rules.may_subscribe(kAlice, "a/secret"), Scope::none);
    EXPECT_EQ(rules.may_subscribe(kAlice, "a/x/y"), Scope::none);
    EXPECT_EQ(rules.may_subscribe(kAlice, "$SYS/#"), Scope::none);
}

TEST(AclTest, RefusesAFilterOfWhichDenialsLeaveNothing) {
    EXPECT_EQ(acl({deny({"a/#"}), allow({"a/b"})}).may_subscribe(kAlice, "a/b"), Scope::none);
    EXPECT_EQ(acl({deny({"a", "a/+/#"}), allow({"#"})}).may_subscribe(kAlice, "a/#"), Scope::none);
    EXPECT_EQ(acl({deny({"a", "a/+"}), allow({"#"})}).may_subscribe(kAlice, "a/#"), Scope::some);
}

TEST(AclTest, AnExactFilterMeansThatVeryFilter) {
    const Acl rules = acl({deny({"sensors/secret"}), allow({"eq sensors/#", "eq t"})});
    EXPECT_EQ(rules.may_subscribe(kAlice, "sensors/#"), Scope::some);
    EXPECT_TRUE(rules.may_receive(kAlice, "sensors/x"));
    EXPECT_FALSE(rules.may_receive(kAlice, "sensors/secret"));
    EXPECT_EQ(rules.may_subscribe(kAlice, "sensors/x"), Scope::none);
    EXPECT_EQ(rules.may_subscribe(kAlice, "sensors/+"), Scope::none);
    EXPECT_EQ(rules.may_subscribe(kAlice, "t"), Scope::all);
    EXPECT_TRUE(rules.may_publish(kAlice, "t"));
    EXPECT_FALSE(rules.may_publish(kAlice, "sensors/x"));
}

TEST(AclTest, AnExactDenialRefusesThatFilterAlone) {
    const Acl rules = acl({deny({"eq #"}), allow({"#"})});
    EXPECT_EQ(rules.may_subscribe(kAlice, "#"), Scope::none);
    EXPECT_EQ(rules.may_subscribe(kAlice, "+/#"), Scope::all);
    EXPECT_TRUE(rules.may_receive(kAlice, "a"));
}

TEST(AclTest, FillsNamesIn) {
    const Acl rules = acl({allow({"users/%u/#", "cmd/%c"})});
    EXPECT_TRUE(rules.may_publish(kAlice, "users/alice/x"));
    EXPECT_FALSE(rules.may_publish(kAlice, "users/bob/x"));
    EXPECT_EQ(rules.may_subscribe(kAlice, "users/alice/+"), Scope::all);
    EXPECT_EQ(rules.may_subscribe(kAlice, "users/+/x"), Scope::some);
    EXPECT_EQ(rules.may_subscribe(kAlice, "cmd/dev1"), Scope::all);
    EXPECT_EQ(rules.may_subscribe(kAlice, "cmd/dev2"), Scope::none);
    for (const std::string_view name : {"+", "#", "alice/#", "a/b"}) {
        const Client crafty{name, name, ""};
        EXPECT_EQ(rules.may_subscribe(crafty, "users/#"), Scope::none);
        EXPECT_EQ(rules.may_subscribe(crafty, "cmd/+"), Scope::none);
        EXPECT_FALSE(rules.may_publish(crafty, "users/alice/x"));
        EXPECT_FALSE(rules.may_publish(crafty, "cmd/dev1"));
    }
}

// Rules at random, against what the topics say one by one.
TEST(AclTest, JudgesFiltersAsTheirTopics) {
    const std::vector<std::string> filters = {"a",   "b",    "+",     "#",     "a/b", "a/+",
                                              "+/b", "a/#",  "+/+",   "a/b/#", "+/#", "b/#",
                                              "$s",  "$s/#", "a/b/+", "b/+/a"};
    std::vector<std::string> topics;
    for (const std::string first : {"a", "b", "c", "$s", "$c"}) {
        topics.push_back(first);
        for (const std::string second : {"a", "b", "c"}) {
            topics.push_back(first + "/" + second);
            for (const std::string third : {"a", "b", "c"}) {
                topics.push_back(first + "/" + second + "/" + third);
                topics.push_back(topics.back() + "/c");
            }
        }
    }
    std::mt19937 random(7);
    const auto pick = [&](std::size_t count) { return random() % count; };
    for (int round = 0; round < 2000; ++round) {
        std::vector<AclRule> rules;
        std::string shown;
        for (std::size_t left = 1 + pick(4); left > 0; --left) {
            const std::string& filter = filters[pick(filters.size())];
            const bool allows = pick(2) == 0;
            rules.push_back(allows ? allow({filter}) : deny({filter}));
            shown += (allows ? " allow " : " deny ") + filter;
        }
        const Acl subject =
            acl(rules, pick(2) == 0 ? AclSettings::Default::allow : AclSettings::Default::deny);
        for (const std::string& filter : filters) {
            bool any = false;
            bool all = true;
            for (const std::string& topic : topics) {
                if (!mqtt::matches(filter, topic)) continue;
                const bool allowed = subject.may_receive(kAlice, topic);
                any = any || allowed;
                all = all && allowed;
            }
            const Scope scope = subject.may_subscribe(kAlice, filter);
            ASSERT_EQ(scope != Scope::none, any) << filter << ":" << shown;
            ASSERT_TRUE(all || scope != Scope::all) << filter << ":" << shown;
        }
    }
}

TEST(AclTest, ReadsTopicsOfRules) {
    EXPECT_EQ(parse_acl_topics("a/%u/#"), (AclTopics{"a/%u/#", AclTopics::Kind::pattern}));
    EXPECT_EQ(parse_acl_topics("eq a/%u"), (AclTopics{"a/%u", AclTopics::Kind::exact}));
    for (const std::string_view text : {"", "eq ", "a#", "eq a/#/b"})
        EXPECT_EQ(parse_acl_topics(text), std::nullopt) << text;
    for (const std::string text : {"a/%u/#", "eq a/#"})
        EXPECT_EQ(to_string(parse_acl_topics(text).value()), text);
}

TEST(AclTest, KnowsWhetherRulesNameUsers) {
    EXPECT_FALSE(names_users({.rules = {allow({"a/%c", "eq %u"})}}));
    EXPECT_TRUE(names_users({.rules = {allow({"a/%u"})}}));
    AclRule named = allow({"a"});
    named.username = "alice";
    EXPECT_TRUE(names_users({.file_rules = {named}}));
}

TEST(AclTest, NamesTheRuleThatDecides) {
    AclRule for_alice = rule(Permit::allow, Action::subscribe, {"a/#"});
    for_alice.username = "alice";
    const Acl some = acl({rule(Permit::allow, Action::publish, {"a/#"}), for_alice, deny({"b"})});
    EXPECT_EQ(some.receive_rule(kAlice, "a/x"), "acl.rules[1] (allow, subscribe)");
    EXPECT_EQ(some.receive_rule(kNobody, "a/x"), "acl.default (deny)");
    EXPECT_EQ(some.receive_rule(kAlice, "b"), "acl.rules[2] (deny, all)");
    EXPECT_EQ(acl({}).receive_rule(kAlice, "b"), "acl.default (allow)");
}

}  // namespace
}  // namespace godwit::auth
