#include "memory_watch.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <string>
#include <utility>

namespace godwit::server {
namespace {

TEST(HighWaterTest, IsPassedAboveTheMarkAndLeftBelowNinetyFivePercentOfIt) {
    HighWater water;
    EXPECT_FALSE(water.changes(1000, 1000));
    EXPECT_TRUE(water.changes(1001, 1000));
    EXPECT_TRUE(water.high());
    EXPECT_FALSE(water.changes(2000, 1000));
    EXPECT_FALSE(water.changes(951, 1000)) << "not on and off for every byte";
    EXPECT_TRUE(water.changes(950, 1000));
    EXPECT_FALSE(water.high());
    EXPECT_FALSE(water.changes(1000, 1000));
}

TEST(HighWaterTest, IsNeverPassedWithoutAMarkAndLeftWhenTheMarkGoes) {
    HighWater water;
    EXPECT_FALSE(water.changes(1'000'000, 0));
    EXPECT_TRUE(water.changes(1'000'000, 1));
    EXPECT_TRUE(water.changes(1'000'000, 0));
}

TEST(MemoryWatchTest, SeesWhatTheProcessUses) {
    const std::size_t before = resident_bytes();
    EXPECT_GT(before, 1'000'000U);
    const std::string used(64UL << 20, 'x');
    EXPECT_GT(resident_bytes(), before + used.size() / 2);
}

TEST(MemoryWatchTest, TellsBothWaysAndFollowsAnotherMark) {
    std::promise<std::size_t> high;
    std::promise<std::size_t> low;
    std::promise<void> relief;
    MemoryWatch::Listeners listeners;
    listeners.changed = [&](bool is_high, std::size_t used) {
        (is_high ? high : low).set_value(used);
    };
    listeners.relieve = [&, told = false]() mutable {
        if (!std::exchange(told, true)) relief.set_value();
    };
    MemoryWatch watch(0, std::move(listeners));
    watch.set_mark(1);
    auto passed = high.get_future();
    ASSERT_EQ(passed.wait_for(std::chrono::seconds(20)), std::future_status::ready);
    EXPECT_GT(passed.get(), 1U);
    EXPECT_EQ(relief.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
    watch.set_mark(std::size_t{1} << 40);
    EXPECT_EQ(low.get_future().wait_for(std::chrono::seconds(20)), std::future_status::ready);
}

}  // namespace
}  // namespace godwit::server
