// How many of something there are, and may be (0: any number). Any thread.
#pragma once

#include <atomic>
#include <cstddef>

namespace godwit::net {

class Quota {
public:
    explicit Quota(std::size_t max) : max_(max) {}

    // Those that are too many by now stay.
    void set_max(std::size_t max) { max_.store(max, std::memory_order_relaxed); }

    // One more; false when there may be no more.
    [[nodiscard]] bool take() {
        const std::size_t max = max_.load(std::memory_order_relaxed);
        if (used_.fetch_add(1, std::memory_order_relaxed) < max || max == 0) return true;
        give_back();
        return false;
    }
    void give_back() { used_.fetch_sub(1, std::memory_order_relaxed); }
    [[nodiscard]] std::size_t used() const { return used_.load(std::memory_order_relaxed); }

private:
    std::atomic<std::size_t> max_;
    std::atomic<std::size_t> used_{0};
};

}  // namespace godwit::net
