#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shard_harness.hpp"

namespace godwit::core {
namespace {

using test::Client;
using test::Harness;
using test::Qos;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class RetainedListTest : public ::testing::Test {
protected:
    void set(std::string_view topic, std::string_view payload = "x") {
        (void)broker.shard().publish(topic, test::as_bytes(payload), Qos::at_most_once, true,
                                     broker.now);
        broker.run();
    }
    std::vector<std::string> page(std::string_view filter, std::size_t limit) {
        std::vector<std::string> topics;
        const auto slice = broker.shard().retained(filter, place, limit, 256, broker.now);
        for (const RetainedView& one : slice.value().items)
            topics.push_back(one.topic);
        place = slice->next;
        return topics;
    }
    std::vector<std::string> all(std::string_view filter, std::size_t limit = 100) {
        std::vector<std::string> topics;
        do {
            for (std::string& topic : page(filter, limit))
                topics.push_back(std::move(topic));
        } while (place);
        return topics;
    }

    Harness broker;
    std::optional<RetainedPlace> place;
};

TEST_F(RetainedListTest, GoesOnWhereItStopped) {
    for (const char* topic : {"a/1", "a/2", "a", "b/1/x", "/lead", "$SYS/up"})
        set(topic);
    for (const std::size_t limit : {1U, 2U, 3U, 100U}) {
        EXPECT_THAT(all("#", limit), ElementsAre("a", "a/1", "a/2", "b/1/x", "/lead", "$SYS/up"));
        EXPECT_THAT(all("a/#", limit), ElementsAre("a", "a/1", "a/2"));
        EXPECT_THAT(all("+/1/#", limit), ElementsAre("a/1", "b/1/x"));
        EXPECT_THAT(all("b/1/x", limit), ElementsAre("b/1/x"));
    }
}

TEST_F(RetainedListTest, GoesOnBehindWhatIsGone) {
    for (const char* topic : {"a/1", "a/2", "a/3", "b/1/x", "b/1/y", "c"})
        set(topic);
    EXPECT_THAT(page("#", 1), ElementsAre("a/1"));
    (void)broker.retained().clear("a/2");  // comes next
    EXPECT_THAT(page("#", 1), ElementsAre("a/3"));
    (void)broker.retained().clear("b/1/x");
    (void)broker.retained().clear("b/1/y");  // and with them the level
    EXPECT_THAT(page("#", 1), ElementsAre("c"));
    EXPECT_FALSE(place);
}

TEST_F(RetainedListTest, WhatGoesAndComesAgainDoesNotComeTwice) {
    for (const char* topic : {"a", "b", "c"})
        set(topic);
    EXPECT_THAT(page("#", 2), ElementsAre("a", "b"));
    (void)broker.retained().clear("a");
    set("a");
    (void)broker.retained().clear("c");
    set("c");  // behind the end of this list
    set("d");
    EXPECT_THAT(all("#"), IsEmpty());
}

TEST_F(RetainedListTest, KeepsNothingInTheTreeBetweenPages) {
    set("a/b/c");
    set("a/b/d");
    (void)page("#", 1);
    ASSERT_TRUE(place);
    (void)broker.retained().clear("a/b/c");
    (void)broker.retained().clear("a/b/d");
    set("a/b/e");
    EXPECT_THAT(all("#"), IsEmpty());
    EXPECT_THAT(all("#"), ElementsAre("a/b/e"));
}

TEST_F(RetainedListTest, RefusesAPlaceOfAnotherList) {
    for (const char* topic : {"a/1", "b/1"})
        set(topic);
    (void)page("+/1", 1);
    ASSERT_TRUE(place);
    EXPECT_FALSE(broker.shard().retained("c/#", place, 1, 256, broker.now));
    place->topic = "b";
    EXPECT_FALSE(broker.shard().retained("+/1", place, 1, 256, broker.now));
}

TEST_F(RetainedListTest, ShowsTheBeginningOfAPayloadAndItsSize) {
    set("a", std::string(1000, 'x'));
    const auto slice = broker.shard().retained("#", std::nullopt, 10, 256, broker.now);
    EXPECT_EQ(slice->items.at(0).size, 1000U);
    EXPECT_EQ(slice->items.at(0).payload.size(), 256U);
    EXPECT_EQ(broker.shard().retained_value("a", broker.now)->payload.size(), 1000U);
    EXPECT_FALSE(broker.shard().retained_value("b", broker.now));
}

TEST_F(RetainedListTest, SliceIsBoundedByStepsToo) {
    for (int i = 0; i < 6000; ++i)
        set("a/" + std::to_string(i) + "/x");
    const auto slice = broker.shard().retained("a/+/y", std::nullopt, 10, 256, broker.now);
    EXPECT_THAT(slice->items, IsEmpty());
    EXPECT_TRUE(slice->next);
    place.reset();
    EXPECT_EQ(all("#", 1000).size(), 6000U);
}

TEST(ClearRetainedTest, DoesWhatAnEmptyRetainedPublishDoes) {
    Harness broker({}, 3, Harness::Keeps::state);
    Client& client = broker.connect({.client_id = "c"});
    client.subscribe("a");
    client.publish("a", "x", Qos::at_least_once, {.retain = true});
    client.forget();
    EXPECT_TRUE(broker.shard(1).clear_retained("a", broker.now));
    broker.run();
    EXPECT_FALSE(broker.retained().get("a"));
    EXPECT_THAT(client.payloads(), ElementsAre(""));
    std::size_t deleted = 0;
    for (std::size_t i = 0; i < 3; ++i) {
        const auto& written = broker.store(i).written;
        deleted +=
            static_cast<std::size_t>(std::count(written.begin(), written.end(), "delete_retained"));
    }
    EXPECT_EQ(deleted, 1U);
    EXPECT_FALSE(broker.shard().clear_retained("a", broker.now));
}

}  // namespace
}  // namespace godwit::core
