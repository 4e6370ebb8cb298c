// What a shard counts, where a client's doings are to show.
#include "godwit/core/counters.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>

#include "shard_harness.hpp"

namespace godwit::core {
namespace {

using namespace std::chrono_literals;
using mqtt::Qos;
using test::Client;
using test::Harness;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

std::uint64_t of(const std::array<Counter, kCloseReasons>& counters, CloseReason reason) {
    return counters[static_cast<std::size_t>(reason)].get();
}

// How many deliveries took at most so long, by bound.
std::map<std::chrono::microseconds, std::uint64_t> latencies(const Shard& shard) {
    std::map<std::chrono::microseconds, std::uint64_t> found;
    const Histogram& histogram = shard.counters().publish_latency;
    for (std::size_t bucket = 0; bucket < Histogram::kBounds.size(); ++bucket) {
        if (const auto count = histogram.count(bucket); count != 0) {
            found.emplace(Histogram::kBounds[bucket], count);
        }
    }
    return found;
}

TEST(CountersTest, SubscriptionsAreCountedAsTheyComeAndGo) {
    Harness broker;
    const Counters& counters = broker.shard().counters();
    Client& client = broker.connect({.client_id = "c"});
    client.subscribe("a");
    client.subscribe("a");
    client.subscribe("$local/b");
    client.subscribe("$share/g/a");
    EXPECT_EQ(counters.subscriptions.get(), 2U);
    EXPECT_EQ(counters.shared_subscriptions.get(), 1U);
    client.unsubscribe("$share/g/a");
    EXPECT_EQ(counters.shared_subscriptions.get(), 0U);
    client.disconnect();
    EXPECT_EQ(counters.subscriptions.get(), 0U);
}

TEST(CountersTest, SubscriptionsOfAnAbsentSessionStayAndEndWithIt) {
    Harness broker;
    const Counters& counters = broker.shard().counters();
    Client& client = broker.connect({.client_id = "c", .clean_session = false});
    client.subscribe("a");
    client.disconnect();
    EXPECT_EQ(counters.subscriptions.get(), 1U);
    broker.advance(3h);
    EXPECT_EQ(counters.subscriptions.get(), 0U);
    EXPECT_EQ(counters.sessions_expired.get(), 1U);
}

TEST(CountersTest, APersistentSessionIsCountedWithAndWithoutItsClient) {
    Harness broker;
    const Counters& counters = broker.shard().counters();
    broker.connect({.client_id = "clean"});
    Client& client = broker.connect({.client_id = "c", .clean_session = false});
    EXPECT_EQ(counters.sessions_connected.get(), 2U);
    EXPECT_EQ(counters.persistent_connected.get(), 1U);
    client.disconnect();
    EXPECT_EQ(counters.sessions_connected.get(), 1U);
    EXPECT_EQ(counters.persistent_connected.get(), 0U);
    EXPECT_EQ(counters.sessions_persistent.get(), 1U);
    broker.connect({.client_id = "c", .clean_session = true});
    EXPECT_EQ(counters.sessions_persistent.get(), 0U);
    EXPECT_EQ(counters.persistent_connected.get(), 0U);
}

TEST(CountersTest, ARefusedConnectIsNoClientThatWasClosed) {
    Harness broker;
    const Counters& counters = broker.shard().counters();
    broker.connect({.client_id = "c", .clean_session = false, .user_name = "alice"});
    broker.connect({.client_id = "c", .clean_session = false, .user_name = "mallory"});
    EXPECT_EQ(of(counters.refused, CloseReason::not_authorized), 1U);
    EXPECT_EQ(of(counters.closed, CloseReason::not_authorized), 0U);
    EXPECT_EQ(counters.connects_accepted.get(), 1U);
}

TEST(CountersTest, LatencyRunsFromTheTurnThatReadAPublishToTheWriteOfEachDelivery) {
    Harness broker;
    for (const char* id : {"a", "b"})
        broker.connect({.client_id = id}).subscribe("t", Qos::at_least_once);
    Client& publisher = broker.connect({.client_id = "p"});
    EXPECT_FALSE(broker.shard().has_deliveries());
    publisher.publish("t", "0");
    publisher.publish("t", "1", Qos::at_least_once);
    EXPECT_TRUE(broker.shard().has_deliveries());
    broker.shard().on_written(broker.now.steady + 2ms);
    EXPECT_FALSE(broker.shard().has_deliveries());
    EXPECT_THAT(latencies(broker.shard()), UnorderedElementsAre(Pair(2500us, 4U)));
}

TEST(CountersTest, LatencyOfMailBeginsWhereThePublishWasRead) {
    Harness broker{{}, 2};
    const auto id_on = [&](ShardIndex shard) {
        for (int i = 0;; ++i) {
            if (broker.home_of(std::to_string(i)) == shard) return std::to_string(i);
        }
    };
    broker.connect({.client_id = id_on(1)}).subscribe("t");
    Client& publisher = broker.connect({.client_id = id_on(0)});
    broker.mail_arrives = false;
    publisher.publish("t", "x");
    EXPECT_FALSE(broker.shard(1).has_deliveries());
    broker.advance(70ms);
    broker.mail_arrives = true;
    broker.run();
    broker.shard(1).on_written(broker.now.steady + 20ms);
    EXPECT_THAT(latencies(broker.shard(0)), IsEmpty());
    EXPECT_THAT(latencies(broker.shard(1)), UnorderedElementsAre(Pair(100'000us, 1U)));
}

TEST(CountersTest, LatencyOfQos2HoldsTheCommitItWaitedFor) {
    Harness broker{{}, 1, Harness::Keeps::state};
    broker.connect({.client_id = "s"}).subscribe("t", Qos::exactly_once);
    Client& publisher = broker.connect({.client_id = "p", .clean_session = false});
    broker.commits_complete = false;
    publisher.publish("t", "x", Qos::exactly_once);
    broker.advance(200ms);
    broker.commits_complete = true;
    broker.run();
    broker.shard().on_written(broker.now.steady);
    EXPECT_THAT(latencies(broker.shard()), UnorderedElementsAre(Pair(250'000us, 1U)));
}

TEST(CountersTest, WhatWaitedForItsClientHasNoLatency) {
    Harness broker;
    broker.connect({.client_id = "s", .clean_session = false}).subscribe("t", Qos::at_least_once);
    broker.connect({.client_id = "s", .clean_session = false}).disconnect();
    broker.connect({.client_id = "p"}).publish("t", "x", Qos::at_least_once);
    Client& back = broker.connect({.client_id = "s", .clean_session = false});
    EXPECT_THAT(back.payloads(), testing::ElementsAre("x"));
    broker.shard().on_written(broker.now.steady + 1s);
    EXPECT_THAT(latencies(broker.shard()), IsEmpty());
}

}  // namespace
}  // namespace godwit::core
