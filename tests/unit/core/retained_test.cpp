#include "godwit/core/retained.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <random>
#include <set>
#include <string>
#include <thread>

#include "godwit/mqtt/topic.hpp"

namespace godwit::core {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

class RetainedTest : public ::testing::Test {
protected:
    static MessagePtr message(std::string_view topic, std::string_view payload) {
        return Message::make(topic, std::as_bytes(std::span(payload)));
    }
    std::optional<std::uint64_t> set(std::string_view topic, std::string_view payload = "x",
                                     std::optional<WallTime> expires_at = {},
                                     std::size_t messages_max = 0) {
        return tree.set(message(topic, payload), mqtt::Qos::at_least_once, expires_at,
                        messages_max);
    }
    static std::string payload(const RetainedTree::Value& value) {
        const mqtt::Bytes bytes = value.message->payload();
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }
    std::string get(std::string_view topic) const {
        const auto value = tree.get(topic);
        return value ? payload(*value) : "(none)";
    }
    // The topics of the next `limit` values.
    std::vector<std::string> take(RetainedTree::Cursor& cursor, std::size_t limit) {
        std::vector<std::string> topics;
        at_end = tree.advance(cursor, now, [&](const RetainedTree::Value& value) {
            if (topics.size() == limit) return false;
            topics.emplace_back(value.message->topic());
            return true;
        });
        reclaimer.collect(1000);
        return topics;
    }
    std::vector<std::string> replay(std::string_view filter) {
        return take(*tree.replay(filter), SIZE_MAX);
    }

    Reclaimer reclaimer{2};
    RetainedTree tree{reclaimer};
    WallTime now{seconds(1'000)};
    bool at_end = false;
};

TEST_F(RetainedTest, KeepsTheLastMessageOfATopic) {  // [MQTT-3.3.1-5]
    set("a/b", "first");
    set("a/b", "second");
    EXPECT_EQ(get("a/b"), "second");
    EXPECT_EQ(get("a"), "(none)");
    EXPECT_EQ(get("a/b/c"), "(none)");
    EXPECT_EQ(tree.size(), 1U);
    EXPECT_EQ(tree.get("a/b")->qos, mqtt::Qos::at_least_once);
}

TEST_F(RetainedTest, ForgetsATopicThatIsCleared) {
    set("a/b");
    set("a");
    EXPECT_TRUE(tree.clear("a/b"));
    EXPECT_FALSE(tree.clear("a/b"));
    EXPECT_FALSE(tree.clear("never"));
    EXPECT_EQ(get("a/b"), "(none)");
    EXPECT_EQ(get("a"), "x");
    EXPECT_EQ(tree.size(), 1U);
    EXPECT_TRUE(tree.clear("a"));
    EXPECT_THAT(replay("#"), IsEmpty());
}

TEST_F(RetainedTest, GivesEveryWriteANewVersion) {
    EXPECT_EQ(set("a"), 1U);
    EXPECT_EQ(set("b"), 2U);
    EXPECT_EQ(set("a"), 3U);
    EXPECT_EQ(tree.clear("b"), 4U);
    EXPECT_EQ(tree.clear("b"), std::nullopt);
    EXPECT_EQ(set("b"), 5U);
    EXPECT_EQ(tree.get("a")->version, 3U);
}

TEST_F(RetainedTest, RefusesANewTopicBeyondTheLimitAlone) {
    EXPECT_TRUE(set("a", "1", {}, 2));
    EXPECT_TRUE(set("b", "1", {}, 2));
    EXPECT_FALSE(set("c", "1", {}, 2));
    EXPECT_TRUE(set("a", "2", {}, 2));
    EXPECT_EQ(get("c"), "(none)");
    EXPECT_EQ(get("a"), "2");
    tree.clear("b");
    EXPECT_TRUE(set("c", "1", {}, 2));
}

TEST_F(RetainedTest, ReplaysWhatTheFilterMatches) {  // [MQTT-3.3.1-6]
    for (const char* topic : {"a", "a/b", "a/c/d", "b/b", "a/b/e", "/b", "$SYS/x"})
        set(topic);
    EXPECT_THAT(replay("a/b"), ElementsAre("a/b"));
    EXPECT_THAT(replay("a/x"), IsEmpty());
    EXPECT_THAT(replay("+/b"), ElementsAre("a/b", "b/b", "/b"));
    EXPECT_THAT(replay("a/#"), ElementsAre("a", "a/b", "a/b/e", "a/c/d"));
    EXPECT_THAT(replay("a/+/#"), ElementsAre("a/b", "a/b/e", "a/c/d"));
    EXPECT_THAT(replay("+/+/e"), ElementsAre("a/b/e"));
    EXPECT_THAT(replay("+"), ElementsAre("a"));
    EXPECT_THAT(replay("a/b/e/#"), ElementsAre("a/b/e"));
}

TEST_F(RetainedTest, HidesDollarTopicsFromLeadingWildcards) {  // [MQTT-4.7.2-1]
    for (const char* topic : {"$SYS/x", "a/$y", "$SYS"})
        set(topic);
    EXPECT_THAT(replay("#"), ElementsAre("a/$y"));
    EXPECT_THAT(replay("+/x"), IsEmpty());
    EXPECT_THAT(replay("$SYS/#"), ElementsAre("$SYS", "$SYS/x"));
    EXPECT_THAT(replay("a/+"), ElementsAre("a/$y"));
}

TEST_F(RetainedTest, ReplaysInSlicesAndRepeatsTheValueThatWasRefused) {
    for (const char* topic : {"a", "b", "c", "d"})
        set(topic);
    const auto cursor = tree.replay("#");
    EXPECT_THAT(take(*cursor, 0), IsEmpty());
    EXPECT_FALSE(at_end);
    EXPECT_THAT(take(*cursor, 3), ElementsAre("a", "b", "c"));
    EXPECT_FALSE(at_end);
    EXPECT_THAT(take(*cursor, 3), ElementsAre("d"));
    EXPECT_TRUE(at_end);
    EXPECT_THAT(take(*cursor, 3), IsEmpty());
    EXPECT_TRUE(at_end);
}

TEST_F(RetainedTest, EndsASliceAfterTheStepsAllowed) {
    for (int i = 0; i < 100; ++i)
        set("t/" + std::to_string(i) + "/x");
    set("t/100/y");
    const auto cursor = tree.replay("t/+/y");
    int calls = 0;
    int values = 0;
    const auto count = [&values](const RetainedTree::Value&) { return ++values != 0; };
    while (!tree.advance(*cursor, now, count, 10))
        ++calls;
    EXPECT_EQ(values, 1);
    EXPECT_GT(calls, 8);
}

TEST_F(RetainedTest, GoesOnWhereItStoodThoughTheTreeChanged) {
    for (const char* topic : {"a/1", "a/2", "b", "c/1/2", "d"})
        set(topic);
    const auto cursor = tree.replay("#");
    EXPECT_THAT(take(*cursor, 1), ElementsAre("a/1"));
    for (const char* topic : {"a/1", "a/2", "b"})
        tree.clear(topic);
    reclaimer.collect(1000);
    EXPECT_THAT(take(*cursor, 1), ElementsAre("c/1/2"));
    tree.clear("c/1/2");
    reclaimer.collect(1000);
    EXPECT_THAT(take(*cursor, 9), ElementsAre("d"));
    EXPECT_TRUE(at_end);
}

TEST_F(RetainedTest, GivesTheValueOfTheMomentItIsRead) {
    set("a", "old");
    set("b", "old");
    const auto cursor = tree.replay("#");
    EXPECT_THAT(take(*cursor, 1), ElementsAre("a"));
    set("b", "new");
    static_cast<void>(tree.advance(*cursor, now, [](const RetainedTree::Value& value) {
        EXPECT_EQ(payload(value), "new");
        return true;
    }));
}

TEST_F(RetainedTest, BringsNoTopicTwice) {
    for (const char* topic : {"a", "b/x", "c"})
        set(topic);
    const auto cursor = tree.replay("#");
    EXPECT_THAT(take(*cursor, 2), ElementsAre("a", "b/x"));
    for (const char* topic : {"a", "b/x"}) {
        tree.clear(topic);
        reclaimer.collect(1000);
        set(topic);
    }
    EXPECT_THAT(take(*cursor, 9), ElementsAre("c"));
}

TEST_F(RetainedTest, SurvivesChangesFromWithinAVisit) {
    for (const char* topic : {"a", "b", "c", "d"})
        set(topic);
    const auto cursor = tree.replay("#");
    std::vector<std::string> seen;
    EXPECT_FALSE(tree.advance(*cursor, now, [&](const RetainedTree::Value& value) {
        if (seen.size() == 1) {
            for (const char* topic : {"a", "b", "c"})
                tree.clear(topic);
            return false;
        }
        seen.emplace_back(value.message->topic());
        return true;
    }));
    reclaimer.collect(1000);
    EXPECT_THAT(seen, ElementsAre("a"));
    EXPECT_THAT(take(*cursor, 9), ElementsAre("d")) << "b went while the cursor stood on it";
}

TEST_F(RetainedTest, LeavesExpiredMessagesOut) {
    set("a", "x", now);
    set("b", "x", now + seconds(1));
    set("c");
    EXPECT_THAT(replay("#"), ElementsAre("b", "c"));
}

TEST_F(RetainedTest, RemovesWhatExpiredInTheOrderOfTime) {
    set("late", "x", now + seconds(9));
    set("second", "x", now + seconds(5));
    set("first", "x", now + seconds(5));
    set("first", "x", now + seconds(4));
    set("kept", "x", now + seconds(1));
    set("kept", "x");
    set("cleared", "x", now + seconds(1));
    tree.clear("cleared");
    EXPECT_EQ(tree.next_expiry(), now + seconds(4));

    std::vector<std::pair<std::string, std::uint64_t>> removed;
    const auto record = [&removed](std::string_view topic, std::uint64_t version) {
        removed.emplace_back(topic, version);
    };
    tree.expire(now + seconds(3), 9, record);
    EXPECT_THAT(removed, IsEmpty());
    tree.expire(now + seconds(5), 1, record);
    EXPECT_THAT(removed, ElementsAre(Pair("first", 9)));
    tree.expire(now + seconds(5), 9, record);
    EXPECT_THAT(removed, ElementsAre(Pair("first", 9), Pair("second", 10)));
    EXPECT_EQ(tree.next_expiry(), now + seconds(9));
    EXPECT_EQ(tree.size(), 2U);
    tree.clear("late");
    EXPECT_EQ(tree.next_expiry(), std::nullopt);
}

TEST_F(RetainedTest, TakesTopicsOfTensOfThousandsOfLevels) {
    const std::string topic(mqtt::kTopicSizeMax, '/');
    set(topic);
    EXPECT_THAT(replay("#"), ElementsAre(topic));
    EXPECT_THAT(replay("/+/#"), ElementsAre(topic));
    EXPECT_TRUE(tree.clear(topic));
    EXPECT_THAT(replay("#"), IsEmpty());
    set(topic);  // left for the destructor
}

std::string random_text(std::mt19937& random, const std::vector<std::string>& names) {
    std::string text = names[random() % names.size()];
    for (auto more = random() % 4; more != 0; --more)
        text += '/' + names[random() % names.size()];
    return text.empty() ? "a" : text;
}

TEST_F(RetainedTest, AgreesWithThePlainMatcherWhileTopicsComeAndGo) {
    std::mt19937 random(42);
    std::vector<std::string> names = {"", "$x"};
    for (int i = 0; i < 14; ++i)
        names.push_back(std::string(1, static_cast<char>('a' + i)));
    const std::vector<std::string> filter_names = {"a", "b", "", "$x", "+", "+", "+"};
    std::map<std::string, std::string> held;
    for (int step = 0; step < 20'000; ++step) {
        const std::string topic = random_text(random, names);
        if (random() % 8 < (step / 5'000 % 2 == 0 ? 6U : 2U)) {
            held[topic] = std::to_string(step);
            set(topic, held[topic]);
        } else {
            ASSERT_EQ(tree.clear(topic).has_value(), held.erase(topic) == 1);
        }
        ASSERT_EQ(tree.size(), held.size());
        if (step % 40 != 0) continue;

        const std::string wanted = random_text(random, names);
        ASSERT_EQ(get(wanted), held.contains(wanted) ? held[wanted] : "(none)");
        const std::string filter =
            random_text(random, filter_names) + (random() % 3 == 0 ? "/#" : "");
        std::vector<std::string> expected;
        for (const auto& [candidate, payload] : held) {
            if (mqtt::matches(filter, candidate)) expected.push_back(candidate);
        }
        std::vector<std::string> replayed = replay(filter);
        std::sort(replayed.begin(), replayed.end());
        ASSERT_EQ(replayed, expected) << filter;
        reclaimer.collect(1000);
    }
}

// For the thread and address sanitizers; what stays is replayed whatever comes and goes.
TEST_F(RetainedTest, IsReadWhileItIsWritten) {
    constexpr int kWrites = 20'000;
    std::atomic<bool> done{false};
    std::set<std::string> constant;
    for (int i = 0; i < 40; ++i)
        constant.insert("a/" + std::to_string(i) + "/x");
    for (const std::string& topic : constant)
        set(topic);

    const auto read = [&](ShardIndex shard) {
        std::mt19937 random(shard);
        while (!done.load(std::memory_order_relaxed)) {
            reclaimer.wake(shard);
            std::set<std::string> seen;
            {
                const auto cursor = tree.replay(random() % 2 == 0 ? "#" : "a/+/x");
                std::size_t left = 0;
                const auto visit = [&](const RetainedTree::Value& value) {
                    if (left-- == 0) return false;
                    EXPECT_TRUE(seen.emplace(value.message->topic()).second);
                    return true;
                };
                do {
                    left = 7;
                    reclaimer.end_turn(shard);
                } while (!tree.advance(*cursor, now, visit));
                EXPECT_TRUE(
                    std::includes(seen.begin(), seen.end(), constant.begin(), constant.end()));
            }
            if (const auto value = tree.get("a/1/y")) {
                EXPECT_EQ(value->message->topic(), "a/1/y");
            }
            reclaimer.sleep(shard);
        }
    };
    std::thread first(read, ShardIndex{0});
    std::thread second(read, ShardIndex{1});
    std::mt19937 random(3);
    for (int i = 0; i < kWrites; ++i) {
        const std::string topic =
            "a/" + std::to_string(random() % 60) + (random() % 2 == 0 ? "/y" : "/y/z");
        if (random() % 2 == 0) {
            set(topic, "y", now + seconds(random() % 5));
        } else {
            tree.clear(topic);
        }
        if (i % 100 == 0) tree.expire(now + seconds(1), 20, [](std::string_view, std::uint64_t) {});
        reclaimer.collect(100);
    }
    done = true;
    first.join();
    second.join();
}

}  // namespace
}  // namespace godwit::core
