#include "acl_topics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "godwit/mqtt/topic.hpp"

namespace godwit::auth {
namespace {

using Texts = std::vector<std::string>;
using Client = core::AccessPolicy::Client;

// All texts of up to `depth` levels, of which the first may be one of `firsts` as well.
Texts texts_of(const Texts& levels, const Texts& firsts, std::size_t depth) {
    Texts all;
    Texts longest = levels;
    longest.insert(longest.end(), firsts.begin(), firsts.end());
    for (std::size_t length = 1; length <= depth; ++length) {
        all.insert(all.end(), longest.begin(), longest.end());
        Texts longer;
        for (const std::string& text : longest) {
            for (const std::string& level : levels)
                longer.push_back(text + "/" + level);
        }
        longest = std::move(longer);
    }
    return all;
}

Texts valid_filters(std::size_t depth) {
    Texts filters = texts_of({"a", "b", "", "+", "#"}, {"$s"}, depth);
    std::erase_if(filters, [](const std::string& text) { return !mqtt::is_topic_filter(text); });
    return filters;
}

// One level more than any filter has, and a level that none names.
Texts topics(std::size_t depth) {
    Texts topics = texts_of({"a", "b", "", "other"}, {"$s", "$other"}, depth + 1);
    std::erase(topics, "");
    return topics;
}

// The topics that each filter matches, as flags in the order of the topics.
std::vector<std::vector<bool>> matches_of(const Texts& filters, const Texts& topics) {
    std::vector<std::vector<bool>> matches;
    for (const std::string& filter : filters) {
        std::vector<bool>& row = matches.emplace_back();
        for (const std::string& topic : topics)
            row.push_back(mqtt::matches(filter, topic));
    }
    return matches;
}

TEST(TopicSetTest, ContainsWhatItsFilterMatches) {
    for (const std::string& filter : valid_filters(3)) {
        for (const std::string& topic : topics(3))
            EXPECT_EQ(TopicSet(filter).contains(topic), mqtt::matches(filter, topic))
                << filter << " " << topic;
    }
}

TEST(TopicSetTest, CoversAndOverlapsAsTheTopicsThemselvesDo) {
    const Texts filters = valid_filters(3);
    const std::vector<std::vector<bool>> matches = matches_of(filters, topics(3));
    const std::vector<TopicSet> sets(filters.begin(), filters.end());
    for (std::size_t i = 0; i < filters.size(); ++i) {
        for (std::size_t k = 0; k < filters.size(); ++k) {
            bool overlaps = false;
            bool covers = true;
            for (std::size_t t = 0; t < matches[i].size(); ++t) {
                overlaps = overlaps || (matches[i][t] && matches[k][t]);
                covers = covers && (matches[i][t] || !matches[k][t]);
            }
            ASSERT_EQ(sets[i].overlaps(sets[k]), overlaps) << filters[i] << " " << filters[k];
            ASSERT_EQ(sets[i].covers(sets[k]), covers) << filters[i] << " " << filters[k];
        }
    }
}

TEST(TopicSetTest, KnowsWhatSeveralOthersLeave) {
    const Texts filters = valid_filters(2);
    const std::vector<std::vector<bool>> matches = matches_of(filters, topics(2));
    const std::vector<TopicSet> sets(filters.begin(), filters.end());
    for (std::size_t i = 0; i < filters.size(); ++i) {
        for (std::size_t k = 0; k < filters.size(); ++k) {
            for (std::size_t m = 0; m < filters.size(); ++m) {
                bool more = false;
                for (std::size_t t = 0; t < matches[i].size(); ++t)
                    more = more || (matches[i][t] && !matches[k][t] && !matches[m][t]);
                ASSERT_EQ(sets[i].has_more_than({sets[k], sets[m]}), more)
                    << filters[i] << " less " << filters[k] << " and " << filters[m];
            }
        }
    }
}

TEST(TopicSetTest, JoinsWhatCoversOnlyTogether) {
    EXPECT_FALSE(TopicSet("a/#").has_more_than({TopicSet("a"), TopicSet("a/+/#")}));
    EXPECT_TRUE(TopicSet("a/#").has_more_than({TopicSet("a"), TopicSet("a/+")}));
}

class TopicPatternTest : public ::testing::Test {
protected:
    static bool matches(std::string_view pattern, const Client& client, std::string_view topic) {
        return TopicPattern(pattern, true).visit_set(client, [&](const TopicSet& set) {
            return set.contains(topic);
        });
    }
    static bool covers(std::string_view pattern, const Client& client, std::string_view filter) {
        return TopicPattern(pattern, true).visit_set(client, [&](const TopicSet& set) {
            return set.covers(TopicSet(filter));
        });
    }
};

TEST_F(TopicPatternTest, PutsNamesInAsWholeLevelsAndParts) {
    const Client client{"dev1", "alice", ""};
    EXPECT_TRUE(matches("users/%u/#", client, "users/alice/x"));
    EXPECT_FALSE(matches("users/%u/#", client, "users/bob/x"));
    EXPECT_TRUE(matches("%c", client, "dev1"));
    EXPECT_TRUE(matches("d-%c-%u-%x", client, "d-dev1-alice-%x"));
    EXPECT_TRUE(covers("users/%u/#", client, "users/alice/+"));
    EXPECT_FALSE(covers("users/%u/#", client, "users/+/x"));
}

TEST_F(TopicPatternTest, LeavesPercentSignsOfALiteralAlone) {
    const TopicPattern literal("a/%u", false);
    const auto contains = [](std::string_view topic) {
        return [topic](const TopicSet& set) { return set.contains(topic); };
    };
    EXPECT_TRUE(literal.visit_set({"c", "alice", ""}, contains("a/%u")));
    EXPECT_FALSE(literal.visit_set({"c", "alice", ""}, contains("a/alice")));
}

TEST_F(TopicPatternTest, MatchesNothingWithoutAUserName) {
    EXPECT_FALSE(matches("users/%u/#", {"c", "", ""}, "users//x"));
    EXPECT_FALSE(matches("users/%u/#", {"c", "", ""}, "users/x"));
}

TEST_F(TopicPatternTest, NoNameWidensIt) {
    for (const std::string_view name : {"+", "#", "a/b", "/", "a+", "#a", "+/#", "alice/#"}) {
        const Client client{name, name, ""};
        for (const std::string_view pattern : {"%u", "%c", "%u/#", "t/%u", "t/%c/#", "t/%u/x"}) {
            for (const std::string& topic : topics(3))
                EXPECT_FALSE(matches(pattern, client, topic)) << name << " " << pattern;
            for (const std::string& filter : valid_filters(3))
                EXPECT_FALSE(covers(pattern, client, filter)) << name << " " << filter;
            EXPECT_FALSE(matches(pattern, client, "t/a/b"));
            EXPECT_FALSE(matches(pattern, client, "a/b"));
        }
    }
}

TEST_F(TopicPatternTest, NoNameLeadsToTopicsOfTheBroker) {
    const Client client{"$SYS", "$SYS", ""};
    EXPECT_FALSE(matches("%c/#", client, "$SYS/broker"));
    EXPECT_FALSE(matches("%u/#", client, "$SYS/broker"));
    EXPECT_TRUE(matches("x/%c", client, "x/$SYS"));
    EXPECT_TRUE(matches("$SYS/%c", {"c", "", ""}, "$SYS/c"));
}

}  // namespace
}  // namespace godwit::auth
