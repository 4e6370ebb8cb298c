#include "godwit/core/histogram.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace godwit::core {
namespace {

using namespace std::chrono_literals;

std::vector<std::size_t> filled_buckets(const Histogram& histogram) {
    std::vector<std::size_t> filled;
    for (std::size_t bucket = 0; bucket < Histogram::kBuckets; ++bucket) {
        if (histogram.count(bucket) != 0) filled.push_back(bucket);
    }
    return filled;
}

TEST(HistogramTest, ABoundBelongsToItsBucketAndWhatIsLongerToTheNext) {
    Histogram histogram;
    histogram.add(10us);
    EXPECT_EQ(filled_buckets(histogram), std::vector<std::size_t>{0});
    histogram.add(10us + 1ns);
    EXPECT_EQ(filled_buckets(histogram), (std::vector<std::size_t>{0, 1}));
}

TEST(HistogramTest, WhatIsLongerThanAllBoundsIsCountedToo) {
    Histogram histogram;
    histogram.add(1h);
    EXPECT_EQ(histogram.count(Histogram::kBuckets - 1), 1U);
    EXPECT_EQ(histogram.sum(), 1h);
}

TEST(HistogramTest, CountsSeveralAtOnce) {
    Histogram histogram;
    histogram.add(2ms, 3);
    EXPECT_EQ(histogram.count(7), 3U);
    EXPECT_EQ(histogram.sum(), 6ms);
}

TEST(HistogramTest, ATimeThatClocksOfTwoCoresMadeNegativeIsNone) {
    Histogram histogram;
    histogram.add(-1ns);
    EXPECT_EQ(histogram.count(0), 1U);
    EXPECT_EQ(histogram.sum(), 0ns);
}

}  // namespace
}  // namespace godwit::core
