#include "godwit/core/route_cache.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace godwit::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RouteCacheTest : public ::testing::Test {
protected:
    void subscribe(std::string_view text, std::uint32_t slot = 0) {
        static_cast<void>(router.subscribe(parse_filter(text).value(), {0, slot, 1}, {}, 0, true));
    }
    void unsubscribe(std::string_view text, std::uint32_t slot = 0) {
        ASSERT_TRUE(router.unsubscribe(parse_filter(text).value(), {0, slot, 1}));
        reclaimer.collect(100);
    }
    std::vector<std::string> find(std::string_view topic) {
        const RouteCache::Route* const route = cache.find(topic);
        if (route == nullptr) return {"invalid"};
        std::vector<std::string> filters;
        for (const FilterNode* node : route->nodes)
            filters.emplace_back(node->filter());
        return filters;
    }

    Reclaimer reclaimer{1};
    Router router{reclaimer};
    RouteCache cache{router};
};

TEST_F(RouteCacheTest, GivesTheSameRouteAtEverySight) {
    subscribe("a/+");
    subscribe("a/b");
    for (int sight = 0; sight < 3; ++sight)
        EXPECT_THAT(find("a/b"), ElementsAre("a/b", "a/+"));
}

TEST_F(RouteCacheTest, RemembersATopicAtItsSecondSight) {
    find("a");
    EXPECT_EQ(cache.entries(), 0U);
    find("a");
    EXPECT_EQ(cache.entries(), 1U);
    find("a");
    EXPECT_EQ(cache.entries(), 1U);
}

TEST_F(RouteCacheTest, DoesNotRememberAStreamOfNewTopics) {
    for (int i = 0; i < 10'000; ++i)
        find("device/" + std::to_string(i));
    EXPECT_LT(cache.entries(), 10U) << "only what looks like a topic seen before";
}

TEST_F(RouteCacheTest, RemembersTopicsThatTakeTurns) {
    for (int round = 0; round < 8; ++round) {
        for (int i = 0; i < 10'000; ++i)
            find("device/" + std::to_string(i));
    }
    EXPECT_GT(cache.entries(), 9'900U);
}

TEST_F(RouteCacheTest, SeesFiltersThatComeAndGo) {
    for (int sight = 0; sight < 3; ++sight)
        EXPECT_THAT(find("a/b"), IsEmpty());
    subscribe("a/b");
    EXPECT_THAT(find("a/b"), ElementsAre("a/b"));
    subscribe("#");
    EXPECT_THAT(find("a/b"), ElementsAre("a/b", "#"));
    unsubscribe("a/b");
    EXPECT_THAT(find("a/b"), ElementsAre("#"));
    unsubscribe("#");
    EXPECT_THAT(find("a/b"), IsEmpty());
}

TEST_F(RouteCacheTest, SeesFiltersOfThePlainTopicBehindLocal) {
    for (int sight = 0; sight < 3; ++sight)
        EXPECT_THAT(find("$local/a/b"), IsEmpty());
    subscribe("a/b");
    EXPECT_THAT(find("$local/a/b"), ElementsAre("a/b"));
    const RouteCache::Route* const route = cache.find("$local/a/b");
    EXPECT_EQ(route->target.kind, PublishTarget::Kind::local);
    EXPECT_EQ(route->target.topic, "a/b");
    unsubscribe("a/b");
    EXPECT_THAT(find("$local/a/b"), IsEmpty());
}

TEST_F(RouteCacheTest, RefusesAnInvalidTopicAtEverySight) {
    for (int sight = 0; sight < 3; ++sight) {
        EXPECT_EQ(cache.find("a/+"), nullptr);
        EXPECT_EQ(cache.find(""), nullptr);
        EXPECT_EQ(cache.find("\xFF"), nullptr);
    }
    EXPECT_EQ(cache.entries(), 0U);
}

TEST_F(RouteCacheTest, LeadsSharedNamesNowhere) {
    subscribe("#");
    for (int sight = 0; sight < 3; ++sight) {
        const RouteCache::Route* const route = cache.find("$share/g/a");
        EXPECT_EQ(route->target.kind, PublishTarget::Kind::nowhere);
        EXPECT_THAT(route->nodes, IsEmpty());
    }
}

TEST_F(RouteCacheTest, OwnsTheTopicOfARouteItGives) {
    for (int sight = 0; sight < 3; ++sight) {
        std::string topic = "a/b/c";
        const RouteCache::Route* const route = cache.find(topic);
        topic.assign(topic.size(), 'x');
        EXPECT_EQ(route->target.topic, "a/b/c");
    }
}

TEST_F(RouteCacheTest, TakesATopicOfItsOwnRoute) {
    for (int sight = 0; sight < 4; ++sight) {
        const RouteCache::Route* route = cache.find("$local/some/longer/topic");
        route = cache.find(route->target.topic);
        EXPECT_EQ(route->target.topic, "some/longer/topic");
    }
}

TEST_F(RouteCacheTest, StaysWithinItsEntriesAndRightBeyondThem) {
    subscribe("t/+");
    for (int i = 0; i < 150'000; ++i) {
        const std::string topic = "t/" + std::to_string(i);
        for (int sight = 0; sight < 2; ++sight) {
            const RouteCache::Route* const route = cache.find(topic);
            ASSERT_EQ(route->target.topic, topic);
            ASSERT_EQ(route->nodes.size(), 1U);
        }
        ASSERT_LE(cache.entries(), RouteCache::kEntriesMax);
    }
    EXPECT_EQ(cache.entries(), RouteCache::kEntriesMax);
    unsubscribe("t/+");
    for (int i = 0; i < 150'000; i += 7)
        ASSERT_THAT(find("t/" + std::to_string(i)), IsEmpty());
}

TEST_F(RouteCacheTest, StaysWithinItsBytes) {
    for (std::size_t i = 0; i < 2'000; ++i) {
        const std::string topic = std::string(60'000, 'x') + std::to_string(i);
        find(topic);
        find(topic);
    }
    EXPECT_GT(cache.entries(), 100U);
    EXPECT_LE(cache.entries(), RouteCache::kBytesMax / 60'000);
}

}  // namespace
}  // namespace godwit::core
