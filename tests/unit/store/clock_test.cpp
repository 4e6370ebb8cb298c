#include "clock.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "record_codec.hpp"

namespace godwit::store {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr core::WallTime kBroker{500'000h};
constexpr core::WallTime kWall{490'000h};

Checkpoint checkpoint() {
    return {kBroker, {kWall, "this boot", 10h}};
}

TEST(ClockTest, CountsTheWholeDowntimeWithinOneRunOfTheMachine) {
    // However the wall clock was set meanwhile.
    for (const auto& wall : {kWall - 9'000h, kWall + 72h, kWall + 90'000h}) {
        const Resumed resumed = resume(checkpoint(), {wall, "this boot", 82h});
        EXPECT_EQ(resumed.broker, kBroker + 72h);
        EXPECT_EQ(resumed.note, "");
    }
}

TEST(ClockTest, CountsByTheWallClockOverAReboot) {
    const Resumed resumed = resume(checkpoint(), {kWall + 59min, "next boot", 1min});
    EXPECT_EQ(resumed.broker, kBroker + 59min);
    EXPECT_EQ(resumed.note, "");
}

TEST(ClockTest, CountsAnHourAtMostOverAReboot) {
    EXPECT_EQ(resume(checkpoint(), {kWall + 1h, "next boot", 1min}).note, "");
    for (const auto& ahead : {2h, 90'000h}) {
        const Resumed resumed = resume(checkpoint(), {kWall + ahead, "next boot", 1min});
        EXPECT_EQ(resumed.broker, kBroker + 1h);
        EXPECT_THAT(resumed.note, HasSubstr("over a reboot"));
    }
}

TEST(ClockTest, NeverGoesBack) {
    const Resumed resumed = resume(checkpoint(), {kWall - 1ns, "next boot", 1min});
    EXPECT_EQ(resumed.broker, kBroker);
    EXPECT_THAT(resumed.note, HasSubstr("gone back"));
}

TEST(ClockTest, TrustsNoRunOfTheMachineWithoutAName) {
    Checkpoint before = checkpoint();
    before.machine.boot.clear();
    EXPECT_EQ(resume(before, {kWall + 5min, "", 20h}).broker, kBroker + 5min);
}

// As in a container whose clock since the boot was shifted.
TEST(ClockTest, TrustsNoClockSinceTheBootThatShowsLess) {
    EXPECT_EQ(resume(checkpoint(), {kWall + 5min, "this boot", 9h}).broker, kBroker + 5min);
}

TEST(ClockTest, TheMachineNamesItsRunAndCountsIt) {
    const MachineClocks first = read_machine_clocks();
    const MachineClocks second = read_machine_clocks();
    EXPECT_FALSE(first.boot.empty());
    EXPECT_EQ(second.boot, first.boot);
    EXPECT_GT(first.booted, 0ns);
    EXPECT_GE(second.booted, first.booted);
}

TEST(ClockTest, KeepsEveryFieldOfACheckpoint) {
    std::string value;
    encode(checkpoint(), value);
    const auto decoded = decode_checkpoint(value);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(decoded->broker, kBroker);
    EXPECT_EQ(decoded->machine.wall, kWall);
    EXPECT_EQ(decoded->machine.boot, "this boot");
    EXPECT_EQ(decoded->machine.booted, 10h);
    for (std::size_t size = 0; size < value.size(); ++size)
        EXPECT_FALSE(decode_checkpoint(value.substr(0, size))) << size;
    EXPECT_FALSE(decode_checkpoint(value + "x"));
    value[value.size() - 8] = '\x80';  // less than no time since the boot
    EXPECT_FALSE(decode_checkpoint(value));
}

}  // namespace
}  // namespace godwit::store
