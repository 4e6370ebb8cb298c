#include "timer_wheel.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace godwit::net {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class TimerWheelTest : public testing::Test {
protected:
    std::vector<Timer*> advance_to(std::chrono::milliseconds time) {
        std::vector<Timer*> fired;
        wheel.advance(start + time, [&](Timer& timer) { fired.push_back(&timer); });
        return fired;
    }
    void set(Timer& timer, std::chrono::milliseconds time) { wheel.set(timer, start + time); }

    const core::SteadyTime start{1h};
    TimerWheel wheel{start};
    Timer first, second, third;
};

TEST_F(TimerWheelTest, FiresNeverEarlyAndAtMostOneTickLate) {
    for (auto deadline = 0ms; deadline <= 300ms; deadline += 7ms) {
        TimerWheel fresh(start);
        fresh.set(first, start + deadline);
        auto now = 0ms;
        for (bool fired = false; !fired; now += 1ms) {
            fresh.advance(start + now, [&](Timer&) { fired = true; });
            if (fired) {
                EXPECT_GE(now, deadline);
                EXPECT_LE(now, deadline + TimerWheel::kTick);
            }
        }
    }
}

TEST_F(TimerWheelTest, FiresOnce) {
    set(first, 100ms);
    EXPECT_TRUE(first.pending());
    EXPECT_THAT(advance_to(1s), ElementsAre(&first));
    EXPECT_FALSE(first.pending());
    EXPECT_THAT(advance_to(100s), IsEmpty());
}

TEST_F(TimerWheelTest, KeepsDeadlinesBeyondOneRoundOfTheWheel) {
    set(first, 10min);
    set(second, 10min + 1s);
    EXPECT_THAT(advance_to(9min), IsEmpty());
    EXPECT_THAT(advance_to(10min + 100ms), ElementsAre(&first));
    EXPECT_THAT(advance_to(10min + 2s), ElementsAre(&second));
}

TEST_F(TimerWheelTest, FiresAllThatAJumpOfTheClockPassed) {
    set(first, 100ms);
    set(second, 5min);
    set(third, 2h);
    EXPECT_THAT(advance_to(1h), UnorderedElementsAre(&first, &second));
}

TEST_F(TimerWheelTest, ReplacesADeadline) {
    set(first, 100ms);
    set(first, 500ms);
    EXPECT_THAT(advance_to(400ms), IsEmpty());
    EXPECT_THAT(advance_to(600ms), ElementsAre(&first));
}

TEST_F(TimerWheelTest, DestroyingATimerCancelsIt) {
    set(first, 100ms);
    {
        Timer gone;
        set(gone, 100ms);
    }
    EXPECT_THAT(advance_to(200ms), ElementsAre(&first));
}

TEST_F(TimerWheelTest, AVisitMaySetAndDestroyTimers) {
    auto doomed = std::make_unique<Timer>();
    set(*doomed, 100ms);
    set(first, 100ms);
    int visits = 0;
    wheel.advance(start + 200ms, [&](Timer& timer) {
        ++visits;
        if (&timer == doomed.get()) {
            wheel.set(first, start + 1s);  // Whether it was visited already or not.
        } else {
            doomed.reset();
            set(first, 1s);
        }
    });
    EXPECT_EQ(visits, 1);
    EXPECT_THAT(advance_to(2s), ElementsAre(&first));
}

TEST_F(TimerWheelTest, ADeadlineThatHasPassedComesAtTheNextTick) {
    EXPECT_THAT(advance_to(1s), IsEmpty());
    set(first, 0ms);
    EXPECT_THAT(advance_to(1s), IsEmpty());
    EXPECT_THAT(advance_to(1s + TimerWheel::kTick), ElementsAre(&first));
}

TEST_F(TimerWheelTest, NextIsWhenSomethingFires) {
    EXPECT_EQ(wheel.next(), std::nullopt);
    for (const auto deadline : {30ms, 700ms, 20'000ms, 50'000ms}) {
        set(first, deadline);
        const auto next = wheel.next();
        ASSERT_TRUE(next.has_value());
        EXPECT_THAT(
            advance_to(std::chrono::duration_cast<std::chrono::milliseconds>(*next - start - 1ms)),
            IsEmpty());
        std::vector<Timer*> fired;
        wheel.advance(*next, [&](Timer& timer) { fired.push_back(&timer); });
        EXPECT_THAT(fired, ElementsAre(&first)) << deadline.count();
    }
}

TEST_F(TimerWheelTest, NextIsTheEarliestOfMany) {
    set(first, 40s);
    set(second, 10s);
    set(third, 300s);
    ASSERT_TRUE(wheel.next().has_value());
    EXPECT_GE(*wheel.next(), start + 10s);
    EXPECT_LE(*wheel.next(), start + 10s + TimerWheel::kTick);
}

}  // namespace
}  // namespace godwit::net
