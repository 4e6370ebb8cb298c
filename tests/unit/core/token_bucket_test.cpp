#include "godwit/core/token_bucket.hpp"

#include <gtest/gtest.h>

namespace godwit::core {
namespace {

using namespace std::chrono_literals;

constexpr SteadyTime kStart{1h};

// What passes at once, at most 1000.
int pass(TokenBucket& bucket, double cost, double rate, SteadyTime now) {
    int passed = 0;
    for (; passed < 1000 && bucket.wait(cost, rate, now) == 0s; ++passed)
        bucket.spend(cost, rate, now);
    return passed;
}

TEST(TokenBucketTest, LetsASecondsWorthPassAtOnceAndThenAsMuchAsTheRate) {
    TokenBucket bucket;
    EXPECT_EQ(pass(bucket, 1, 10, kStart), 10);
    EXPECT_EQ(bucket.wait(1, 10, kStart), 100ms);
    EXPECT_EQ(pass(bucket, 1, 10, kStart + 99ms), 0);
    EXPECT_EQ(pass(bucket, 1, 10, kStart + 100ms), 1);
    EXPECT_EQ(pass(bucket, 1, 10, kStart + 500ms), 4);
    EXPECT_EQ(pass(bucket, 1, 10, kStart + 1h), 10) << "a rest saves up no more than a second";
}

TEST(TokenBucketTest, LetsMoreThanASecondsWorthPassOnceNothingIsOwed) {
    TokenBucket bucket;
    bucket.spend(1, 100, kStart);
    EXPECT_EQ(bucket.wait(1000, 100, kStart), 10ms);
    EXPECT_EQ(bucket.wait(1000, 100, kStart + 10ms), 0s);
    bucket.spend(1000, 100, kStart + 10ms);
    EXPECT_EQ(bucket.wait(50, 100, kStart + 10ms), 9500ms);
}

TEST(TokenBucketTest, FollowsAnotherRate) {
    TokenBucket bucket;
    bucket.spend(1000, 1, kStart);
    EXPECT_EQ(bucket.wait(1, 1, kStart), 1000s);
    EXPECT_EQ(bucket.wait(1, 1000, kStart), 1ms);
}

TEST(TokenBucketTest, TakesBackWhatDidNotPass) {
    TokenBucket bucket;
    EXPECT_EQ(pass(bucket, 1, 2, kStart), 2);
    bucket.spend(-1, 2, kStart);
    EXPECT_EQ(pass(bucket, 1, 2, kStart), 1);
    bucket.spend(-5, 2, kStart + 1h);
    EXPECT_EQ(pass(bucket, 1, 2, kStart + 1h), 2) << "no more than there may be";
}

TEST(TokenBucketTest, BearsTheLargestCostAtTheSmallestRate) {
    TokenBucket bucket;
    bucket.spend(1e12, 1, kStart);
    EXPECT_GT(bucket.wait(1, 1, kStart), 24h * 365 * 90);
}

}  // namespace
}  // namespace godwit::core
