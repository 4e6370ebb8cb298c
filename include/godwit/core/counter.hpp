// A number that one thread alone writes and any reads: plain loads and stores on an atomic, no
// locked instruction on a hot path.
#pragma once

#include <atomic>
#include <cstdint>

namespace godwit::core {

class Counter {
public:
    void add(std::uint64_t count = 1) {
        value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
    }
    void subtract(std::uint64_t count = 1) {
        value_.store(value_.load(std::memory_order_relaxed) - count, std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::uint64_t> value_{0};
};

}  // namespace godwit::core
