#include "godwit/core/router.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <set>
#include <string>
#include <thread>

#include "godwit/core/route_cache.hpp"
#include "godwit/mqtt/topic.hpp"

namespace godwit::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RouterTest : public ::testing::Test {
protected:
    static SessionHandle session(std::uint32_t slot) { return {0, slot, 1}; }

    Router::Placed subscribe(std::string_view text, std::uint32_t slot = 0,
                             mqtt::Qos qos = mqtt::Qos::at_most_once) {
        return router.subscribe(parse_filter(text).value(), session(slot), qos, slot, true);
    }
    bool unsubscribe(std::string_view text, std::uint32_t slot = 0) {
        return router.unsubscribe(parse_filter(text).value(), session(slot));
    }
    std::vector<const FilterNode*> nodes(std::string_view topic) const {
        std::vector<const FilterNode*> found;
        router.match(topic, found);
        return found;
    }
    std::vector<std::string> match(std::string_view topic) const {
        std::vector<std::string> filters;
        for (const FilterNode* node : nodes(topic))
            filters.emplace_back(node->filter());
        return filters;
    }
    std::vector<Subscriber> subscribers(std::string_view topic) const {
        std::vector<Subscriber> all;
        for (const FilterNode* node : nodes(topic)) {
            node->subscribers().for_each([&all](const Subscriber& s) { all.push_back(s); });
        }
        return all;
    }

    Reclaimer reclaimer{2};
    Router router{reclaimer};
};

TEST_F(RouterTest, GivesTheExactFilterFirstAndThenWildcardsByLevel) {
    for (const char* filter : {"a/b/c", "#", "a/+/c", "a/b/#", "+/b/+", "a/b/c/#", "a/#", "a/b"}) {
        subscribe(filter);
    }
    EXPECT_THAT(match("a/b/c"),
                ElementsAre("a/b/c", "#", "a/#", "a/b/#", "a/b/c/#", "a/+/c", "+/b/+"));
}

TEST_F(RouterTest, MatchesTheParentOfAMultiLevelWildcard) {  // [MQTT-4.7.1-2]
    subscribe("sport/#");
    EXPECT_THAT(match("sport"), ElementsAre("sport/#"));
    EXPECT_THAT(match("sport/tennis/player1"), ElementsAre("sport/#"));
    EXPECT_THAT(match("sports"), IsEmpty());
}

TEST_F(RouterTest, MatchesASingleLevelWildcardWithOneLevelAlone) {  // [MQTT-4.7.1-3]
    for (const char* filter : {"+", "/+", "+/+", "sport/+"})
        subscribe(filter);
    EXPECT_THAT(match("finance"), ElementsAre("+"));
    EXPECT_THAT(match("/finance"), ElementsAre("/+", "+/+"));
    EXPECT_THAT(match("sport"), ElementsAre("+"));
    EXPECT_THAT(match("sport/"), ElementsAre("sport/+", "+/+"));
    EXPECT_THAT(match("sport/tennis/player1"), IsEmpty());
}

TEST_F(RouterTest, HidesDollarTopicsFromLeadingWildcards) {  // [MQTT-4.7.2-1]
    for (const char* filter : {"#", "+/monitor/Clients", "$SYS/#", "$SYS/monitor/+", "+"}) {
        subscribe(filter);
    }
    EXPECT_THAT(match("$SYS/monitor/Clients"), ElementsAre("$SYS/#", "$SYS/monitor/+"));
    EXPECT_THAT(match("$SYS"), ElementsAre("$SYS/#"));
    EXPECT_THAT(match("a/$SYS"), ElementsAre("#"));
}

TEST_F(RouterTest, ReplacesTheQosOfASubscriptionWithoutAGap) {  // [MQTT-3.8.4-3]
    EXPECT_FALSE(subscribe("a/b", 1).existed);
    EXPECT_TRUE(subscribe("a/b", 1, mqtt::Qos::exactly_once).existed);
    EXPECT_THAT(subscribers("a/b"),
                ElementsAre(Subscriber{session(1), mqtt::Qos::exactly_once, false}));
    EXPECT_EQ(router.subscriptions(), 1U);
}

TEST_F(RouterTest, ForgetsAFilterWithItsLastSubscription) {
    for (const char* filter : {"a/b", "a/+", "a/#"}) {
        subscribe(filter, 1);
        subscribe(filter, 2);
        EXPECT_TRUE(unsubscribe(filter, 1));
        EXPECT_THAT(match("a/b"), ElementsAre(filter));
        EXPECT_FALSE(unsubscribe(filter, 1));
        EXPECT_TRUE(unsubscribe(filter, 2));
        EXPECT_THAT(match("a/b"), IsEmpty());
    }
    EXPECT_FALSE(unsubscribe("never/there"));
    EXPECT_FALSE(unsubscribe("never/+"));
    EXPECT_EQ(router.subscriptions(), 0U);
}

TEST_F(RouterTest, KeepsOrdinaryLocalAndSharedSubscriptionsOfOneFilterApart) {
    subscribe("a", 1);
    subscribe("$local/a", 1, mqtt::Qos::at_least_once);
    subscribe("$share/g/a", 1);
    EXPECT_THAT(subscribers("a"),
                ElementsAre(Subscriber{session(1), mqtt::Qos::at_most_once, false},
                            Subscriber{session(1), mqtt::Qos::at_least_once, true}));
    EXPECT_EQ(router.subscriptions(), 2U);
    EXPECT_EQ(router.shared_subscriptions(), 1U);

    EXPECT_TRUE(unsubscribe("a", 1));
    EXPECT_TRUE(unsubscribe("$local/a", 1));
    ASSERT_EQ(nodes("a").size(), 1U);
    EXPECT_TRUE(nodes("a")[0]->subscribers().empty());
    EXPECT_TRUE(unsubscribe("$share/g/a", 1));
    EXPECT_THAT(match("a"), IsEmpty());
}

TEST_F(RouterTest, FormsAGroupOfEachPairOfNameAndFilter) {
    SharedGroup* const group = subscribe("$share/g/a/+", 1).group;
    EXPECT_EQ(subscribe("$share/g/a/+", 2).group, group);
    const std::vector<SharedGroup*> others = {
        subscribe("$share/h/a/+", 1).group, subscribe("$share/g/a/b", 1).group,
        subscribe("$queue/a/+", 1).group, subscribe("$local/$share/g/a/+", 1).group};

    std::set<std::uint64_t> ids = {group->id()};
    for (const SharedGroup* other : others)
        ids.insert(other->id());
    EXPECT_EQ(ids.size(), 5U);
    EXPECT_EQ(group->name(), "g");
    EXPECT_EQ(others[2]->name(), "");
    EXPECT_TRUE(others[3]->local());
    EXPECT_EQ(group->members().size(), 2U);
    EXPECT_EQ(router.shared_subscriptions(), 6U);
}

TEST_F(RouterTest, KeepsGroupMembersInTheOrderTheyJoined) {
    std::vector<GroupMember*> members;
    for (std::uint32_t slot : {4U, 2U, 8U, 6U}) {
        members.push_back(subscribe("$share/g/a", slot).member);
    }
    const auto all = nodes("a")[0]->groups()[0]->members();
    EXPECT_TRUE(std::equal(all.begin(), all.end(), members.begin(), members.end()));
    unsubscribe("$share/g/a", 2);
    const auto left = nodes("a")[0]->groups()[0]->members();
    EXPECT_THAT(left, ElementsAre(members[0], members[2], members[3]));
}

TEST_F(RouterTest, KeepsAMemberInPlaceWhenItSubscribesAgain) {
    const auto first = subscribe("$share/g/a", 3);
    first.member->load = 17;
    const auto again = subscribe("$share/g/a", 3, mqtt::Qos::at_least_once);
    EXPECT_TRUE(again.existed);
    EXPECT_EQ(again.group, first.group);
    EXPECT_EQ(again.member, first.member);
    EXPECT_EQ(again.member->qos, mqtt::Qos::at_least_once);
    EXPECT_EQ(again.member->load, 17U);
    EXPECT_EQ(router.shared_subscriptions(), 1U);
}

TEST_F(RouterTest, KnowsAGroupByItsNameAndFilterAgain) {
    const std::uint64_t id = subscribe("$share/g/a").group->id();
    unsubscribe("$share/g/a");
    EXPECT_EQ(subscribe("$share/g/a").group->id(), id);
    for (const char* other : {"$share/h/a", "$share/g/b", "$queue/a", "$local/$share/g/a"})
        EXPECT_NE(subscribe(other).group->id(), id);
}

TEST_F(RouterTest, ChangesItsVersionOnlyWhenAFilterComesOrGoes) {
    const auto version = [this] { return router.version(router.hash("a/b")); };
    const auto before = version();
    subscribe("a/b", 1);
    const auto exact = version();
    EXPECT_NE(exact, before);
    EXPECT_EQ(exact.wildcard, before.wildcard);
    subscribe("a/b", 2);
    subscribe("$share/g/a/b", 2);
    unsubscribe("a/b", 1);
    EXPECT_EQ(version(), exact) << "the node is still the same";

    subscribe("x/+", 1);
    EXPECT_NE(version().wildcard, exact.wildcard);
    EXPECT_EQ(version().exact, exact.exact);
    unsubscribe("a/b", 2);
    EXPECT_EQ(version().exact, exact.exact);
    unsubscribe("$share/g/a/b", 2);
    EXPECT_NE(version().exact, exact.exact);
}

TEST_F(RouterTest, TakesTopicsOfTensOfThousandsOfLevels) {
    const std::string topic(mqtt::kTopicSizeMax, '/');
    std::string filter = topic;
    filter.back() = '+';
    subscribe(filter);
    subscribe("/+/#");
    EXPECT_THAT(match(topic), ElementsAre("/+/#"));
    EXPECT_EQ(match(topic.substr(1)).size(), 2U);
    EXPECT_TRUE(unsubscribe(filter));
    EXPECT_THAT(match(topic.substr(1)), ElementsAre("/+/#"));
    subscribe(filter);  // left for the destructor
}

// Filters and topics of few names, so that they meet often.
class RandomTexts {
public:
    explicit RandomTexts(std::uint32_t seed) : random_(seed) {}

    std::uint32_t below(std::uint32_t limit) {
        return static_cast<std::uint32_t>(random_() % limit);
    }
    std::string topic() { return levels({"a", "b", "c", "", "$x", "long-name"}); }
    std::string filter() {
        std::string text = levels({"a", "b", "c", "", "$x", "long-name", "+", "+"});
        const std::uint32_t kind = below(4);
        if (kind == 0) return text + "/#";
        return kind == 1 && below(8) == 0 ? "#" : text;
    }

private:
    std::string levels(const std::vector<std::string>& names) {
        std::string text = names[below(static_cast<std::uint32_t>(names.size()))];
        for (std::uint32_t more = below(4); more != 0; --more) {
            text += '/' + names[below(static_cast<std::uint32_t>(names.size()))];
        }
        return text.empty() ? "a" : text;
    }

    std::mt19937 random_;
};

TEST_F(RouterTest, AgreesWithThePlainMatcherWhileFiltersComeAndGo) {
    RandomTexts random(2024);
    std::multiset<std::string> held;
    for (int step = 0; step < 30'000; ++step) {
        const std::string filter = random.filter();
        const std::uint32_t slot = random.below(3);
        const bool growing = step / 6'000 % 2 == 0;
        if (random.below(8) < (growing ? 6U : 2U)) {
            if (!subscribe(filter, slot).existed) held.insert(filter);
        } else if (unsubscribe(filter, slot)) {
            held.erase(held.find(filter));
        }
        ASSERT_EQ(router.subscriptions(), held.size());
        if (step % 10 != 0) continue;

        const std::string topic = random.topic();
        std::set<std::string> expected;
        for (const std::string& f : held) {
            if (mqtt::matches(f, topic)) expected.insert(f);
        }
        std::vector<std::string> matched = match(topic);
        std::sort(matched.begin(), matched.end());
        ASSERT_TRUE(std::equal(matched.begin(), matched.end(), expected.begin(), expected.end()))
            << topic;
        reclaimer.collect(1000);
    }
}

TEST_F(RouterTest, GivesTheSameOrderInEveryRouter) {
    Router other(reclaimer, 0xFEED);
    RandomTexts random(5);
    for (int i = 0; i < 500; ++i) {
        const std::string filter = random.filter();
        subscribe(filter);
        static_cast<void>(other.subscribe({.filter = filter}, session(0), {}, 0, true));
    }
    for (int i = 0; i < 200; ++i) {
        const std::string topic = random.topic();
        std::vector<const FilterNode*> found;
        other.match(topic, found);
        std::vector<std::string> filters;
        for (const FilterNode* node : found)
            filters.emplace_back(node->filter());
        EXPECT_EQ(match(topic), filters);
    }
}

// For the thread and address sanitizers; what stays subscribed is found at any moment.
TEST_F(RouterTest, IsReadWhileItIsWritten) {
    constexpr int kWrites = 6'000;
    std::atomic<bool> done{false};
    const std::vector<std::string> constant = {"a/b", "a/+", "#"};
    for (const std::string& filter : constant)
        subscribe(filter, 1000);

    const auto read = [&](ShardIndex shard) {
        RandomTexts random(shard);
        RouteCache cache(router);
        while (!done.load(std::memory_order_relaxed)) {
            reclaimer.wake(shard);
            for (int turn = 0; turn < 20; ++turn) {
                const std::string topic = random.below(2) == 0 ? "a/b" : random.topic();
                const RouteCache::Route* const route = cache.find(topic);
                ASSERT_NE(route, nullptr);
                std::size_t constants = 0;
                for (const FilterNode* node : route->nodes) {
                    ASSERT_TRUE(mqtt::matches(node->filter(), topic));
                    node->subscribers().for_each([&](const Subscriber& s) {
                        if (s.session.slot == 1000) ++constants;
                    });
                    for (const SharedGroup* group : node->groups()) {
                        for (const GroupMember* member : group->members()) {
                            ASSERT_LT(member->session.slot, 50U);
                        }
                    }
                }
                if (topic == "a/b") {
                    ASSERT_EQ(constants, 3U);
                }
                reclaimer.end_turn(shard);
            }
            reclaimer.sleep(shard);
        }
    };
    std::thread first(read, ShardIndex{0});
    std::thread second(read, ShardIndex{1});
    RandomTexts random(77);
    for (int i = 0; i < kWrites; ++i) {
        const bool shared = random.below(4) == 0;
        const std::string filter = (shared ? "$share/g/" : "") + random.filter();
        const std::uint32_t slot = random.below(50);
        if (i / 1'000 % 2 == 0) {
            subscribe(filter, slot);
        } else {
            unsubscribe(filter, slot);
        }
        reclaimer.collect(100);
    }
    done = true;
    first.join();
    second.join();
}

}  // namespace
}  // namespace godwit::core
