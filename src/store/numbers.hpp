// The numbers that next_number() gives: for incarnations, sequences and rows of the publication
// log. A limit is stored, and the next start begins there; the commit thread raises it in the same
// write as what bears the numbers. So all that is stored bears numbers below the stored limit, and
// nobody ever waits for a number.
#pragma once

#include <atomic>
#include <cstdint>
#include <optional>

namespace godwit::store {

class Numbers {
public:
    static constexpr std::uint64_t kReserved = 1'000'000;

    // The numbers from `first` up to first + kReserved are stored as reserved.
    explicit Numbers(std::uint64_t first) : next_(first), limit_(first + kReserved) {}

    // Thread-safe.
    [[nodiscard]] std::uint64_t next() { return next_.fetch_add(1, std::memory_order_relaxed); }

    // The limit that is to be stored with what was handed over until now; nothing while the stored
    // one is far enough. Commit thread.
    [[nodiscard]] std::optional<std::uint64_t> due() const {
        // Who handed a number over has got it before: the mutex of the hand-over shows it to us.
        const std::uint64_t next = next_.load(std::memory_order_relaxed);
        if (next + kReserved / 2 <= limit_) return std::nullopt;
        return next + kReserved;
    }
    void stored(std::uint64_t limit) { limit_ = limit; }

private:
    std::atomic<std::uint64_t> next_;
    std::uint64_t limit_;
};

}  // namespace godwit::store
