// How often something took how long. Written by one thread alone, read by any, like a Counter.
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

#include "godwit/core/counter.hpp"

namespace godwit::core {

class Histogram {
public:
    // Upper bounds, each of its own bucket the last duration; what is longer has a bucket too.
    static constexpr std::array<std::chrono::microseconds, 19> kBounds = {
        std::chrono::microseconds{10},      std::chrono::microseconds{25},
        std::chrono::microseconds{50},      std::chrono::microseconds{100},
        std::chrono::microseconds{250},     std::chrono::microseconds{500},
        std::chrono::microseconds{1'000},   std::chrono::microseconds{2'500},
        std::chrono::microseconds{5'000},   std::chrono::microseconds{10'000},
        std::chrono::microseconds{25'000},  std::chrono::microseconds{50'000},
        std::chrono::microseconds{100'000}, std::chrono::microseconds{250'000},
        std::chrono::microseconds{500'000}, std::chrono::microseconds{1'000'000},
        std::chrono::microseconds{2'500'000}, std::chrono::microseconds{5'000'000},
        std::chrono::microseconds{10'000'000},
    };
    static constexpr std::size_t kBuckets = kBounds.size() + 1;

    // It took so long, that many times.
    void add(std::chrono::nanoseconds duration, std::uint64_t count = 1) {
        const auto* bucket = std::lower_bound(kBounds.begin(), kBounds.end(), duration);
        counts_[static_cast<std::size_t>(bucket - kBounds.begin())].add(count);
        sum_ns_.add(static_cast<std::uint64_t>(std::max<std::int64_t>(duration.count(), 0)) * count);
    }

    // Not added up.
    [[nodiscard]] std::uint64_t count(std::size_t bucket) const { return counts_[bucket].get(); }
    [[nodiscard]] std::chrono::nanoseconds sum() const {
        return std::chrono::nanoseconds{static_cast<std::int64_t>(sum_ns_.get())};
    }

private:
    std::array<Counter, kBuckets> counts_;
    Counter sum_ns_;
};

}  // namespace godwit::core
