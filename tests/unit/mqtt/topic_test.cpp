#include "godwit/mqtt/topic.hpp"

#include <gtest/gtest.h>

#include <string>

namespace godwit::mqtt {
namespace {

TEST(TopicFilterTest, AllowsAHashAloneInTheLastLevel) {  // [MQTT-4.7.1-2]
    EXPECT_TRUE(is_topic_filter("#"));
    EXPECT_TRUE(is_topic_filter("sport/tennis/#"));
    EXPECT_TRUE(is_topic_filter("/#"));
    EXPECT_FALSE(is_topic_filter("sport/tennis#"));
    EXPECT_FALSE(is_topic_filter("sport/#/ranking"));
    EXPECT_FALSE(is_topic_filter("#/"));
    EXPECT_FALSE(is_topic_filter("##"));
}

TEST(TopicFilterTest, AllowsAPlusAloneInItsLevel) {  // [MQTT-4.7.1-3]
    EXPECT_TRUE(is_topic_filter("+"));
    EXPECT_TRUE(is_topic_filter("+/tennis/#"));
    EXPECT_TRUE(is_topic_filter("sport/+/player1"));
    EXPECT_TRUE(is_topic_filter("/+"));
    EXPECT_TRUE(is_topic_filter("+/+"));
    EXPECT_FALSE(is_topic_filter("sport+"));
    EXPECT_FALSE(is_topic_filter("+sport/a"));
    EXPECT_FALSE(is_topic_filter("a/+#"));
    EXPECT_FALSE(is_topic_filter("++"));
}

TEST(TopicFilterTest, IsOfOneCharacterAtLeastAndOfLimitedSize) {  // [MQTT-4.7.3-1] [MQTT-4.7.3-3]
    EXPECT_FALSE(is_topic_filter(""));
    EXPECT_TRUE(is_topic_filter("/"));
    EXPECT_TRUE(is_topic_filter("//"));
    EXPECT_TRUE(is_topic_filter(std::string(kTopicSizeMax, '/')));
    EXPECT_FALSE(is_topic_filter(std::string(kTopicSizeMax + 1, '/')));
}

TEST(TopicFilterTest, KnowsItsWildcards) {
    EXPECT_TRUE(has_wildcard("a/+"));
    EXPECT_TRUE(has_wildcard("#"));
    EXPECT_FALSE(has_wildcard("a/b"));
    EXPECT_FALSE(has_wildcard(""));
}

TEST(TopicLevelTest, CountsEmptyLevelsToo) {
    EXPECT_EQ(level_count("a"), 1U);
    EXPECT_EQ(level_count("a/b"), 2U);
    EXPECT_EQ(level_count("/"), 2U);
    EXPECT_EQ(level_count("//a/"), 4U);
}

TEST(TopicLevelTest, IsTakenOneByOne) {
    std::optional<std::string_view> rest = "/a/";
    EXPECT_EQ(take_level(rest), "");
    EXPECT_EQ(take_level(rest), "a");
    ASSERT_TRUE(rest.has_value());
    EXPECT_EQ(take_level(rest), "");
    EXPECT_FALSE(rest.has_value());
}

// The examples of section 4.7.
TEST(MatchTest, HashMatchesTheParentAndAllBelow) {
    EXPECT_TRUE(matches("sport/tennis/player1/#", "sport/tennis/player1"));
    EXPECT_TRUE(matches("sport/tennis/player1/#", "sport/tennis/player1/ranking"));
    EXPECT_TRUE(matches("sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon"));
    EXPECT_FALSE(matches("sport/tennis/player1/#", "sport/tennis/player2"));
    EXPECT_FALSE(matches("sport/tennis/player1/#", "sport/tennis/player11"));
    EXPECT_TRUE(matches("sport/#", "sport"));
    EXPECT_TRUE(matches("#", "a/b/c"));
    EXPECT_TRUE(matches("/#", "/"));
    EXPECT_FALSE(matches("/#", "a"));
}

TEST(MatchTest, PlusMatchesOneLevel) {
    EXPECT_TRUE(matches("sport/tennis/+", "sport/tennis/player1"));
    EXPECT_FALSE(matches("sport/tennis/+", "sport/tennis/player1/ranking"));
    EXPECT_FALSE(matches("sport/+", "sport"));
    EXPECT_TRUE(matches("sport/+", "sport/"));
    EXPECT_TRUE(matches("+/+", "/finance"));
    EXPECT_TRUE(matches("/+", "/finance"));
    EXPECT_FALSE(matches("+", "/finance"));
    EXPECT_TRUE(matches("+/b/#", "a/b"));
}

TEST(MatchTest, LeadingWildcardsMissDollarTopics) {  // [MQTT-4.7.2-1]
    EXPECT_FALSE(matches("#", "$SYS/uptime"));
    EXPECT_FALSE(matches("+/uptime", "$SYS/uptime"));
    EXPECT_FALSE(matches("+", "$SYS"));
    EXPECT_TRUE(matches("$SYS/#", "$SYS/uptime"));
    EXPECT_TRUE(matches("$SYS/+", "$SYS/uptime"));
    EXPECT_TRUE(matches("$SYS/#", "$SYS"));
    EXPECT_TRUE(matches("a/+", "a/$SYS"));
}

TEST(MatchTest, ComparesByteByByte) {  // [MQTT-4.7.3-4]
    EXPECT_TRUE(matches("ACCOUNTS", "ACCOUNTS"));
    EXPECT_FALSE(matches("ACCOUNTS", "Accounts"));
    EXPECT_FALSE(matches("a/b", "a/b/"));
    EXPECT_FALSE(matches("a/b/", "a/b"));
    EXPECT_FALSE(matches("/a", "a"));
    EXPECT_FALSE(matches("\u00E9", "e\u0301"));
}

}  // namespace
}  // namespace godwit::mqtt
