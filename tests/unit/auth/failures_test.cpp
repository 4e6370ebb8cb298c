#include "failures.hpp"

#include <gtest/gtest.h>

namespace godwit::auth {
namespace {

using namespace std::chrono_literals;

constexpr LockoutSettings kThree{.failures = 3, .window = 1min, .duration = 5min};
constexpr Failures::Who kAliceAtHome{"alice", "10.0.0.1"};

class FailuresTest : public ::testing::Test {
protected:
    void fail(int times, const Failures::Who& who = kAliceAtHome) {
        for (int i = 0; i < times; ++i)
            failures.add(kThree, who, now);
    }
    [[nodiscard]] bool locked(const Failures::Who& who = kAliceAtHome) const {
        return failures.locked_out(kThree, who, now);
    }

    Failures failures;
    core::SteadyTime now{};
};

TEST_F(FailuresTest, LockAUserOutFromOneAddress) {
    fail(2);
    EXPECT_FALSE(locked());
    fail(1);
    EXPECT_TRUE(locked());
    EXPECT_FALSE(locked({"alice", "10.0.0.2"}));
    EXPECT_FALSE(locked({"bob", "10.0.0.1"}));
}

TEST_F(FailuresTest, AreForgivenWhenTheDurationIsOver) {
    fail(3);
    now += 5min - 1ms;
    EXPECT_TRUE(locked());
    now += 1ms;
    EXPECT_FALSE(locked());
    fail(2);
    EXPECT_FALSE(locked());
    fail(1);
    EXPECT_TRUE(locked());
}

TEST_F(FailuresTest, CountWithinAWindowOnly) {
    fail(2);
    now += 1min;
    fail(2);
    EXPECT_FALSE(locked());
    now += 1min - 1ms;
    fail(1);
    EXPECT_TRUE(locked());
}

TEST_F(FailuresTest, AreForgivenByTheRightPassword) {
    fail(2);
    failures.forgive(kThree, kAliceAtHome);
    fail(2);
    EXPECT_FALSE(locked());
}

TEST_F(FailuresTest, DoNotCountWhereLockoutIsOff) {
    const LockoutSettings off;
    for (int i = 0; i < 100; ++i)
        failures.add(off, kAliceAtHome, now);
    EXPECT_FALSE(failures.locked_out(off, kAliceAtHome, now));
}

TEST(FailuresBoundTest, ForgetTheOldestPair) {
    Failures failures(2);
    const core::SteadyTime now{};
    const LockoutSettings once{.failures = 1, .window = 1min, .duration = 5min};
    for (const auto* name : {"a", "b", "c"})
        failures.add(once, {name, "host"}, now);
    EXPECT_FALSE(failures.locked_out(once, {"a", "host"}, now));
    EXPECT_TRUE(failures.locked_out(once, {"b", "host"}, now));
    EXPECT_TRUE(failures.locked_out(once, {"c", "host"}, now));
}

}  // namespace
}  // namespace godwit::auth
