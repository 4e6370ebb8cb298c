// The one clock of the load generator.
#pragma once

#include <chrono>
#include <cstdint>

namespace godwit::bench {

using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;

inline double seconds_between(TimePoint from, TimePoint to) {
    return std::chrono::duration<double>(to - from).count();
}

inline Clock::duration from_seconds(double seconds) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
}

// The form in which a time travels inside a payload.
inline std::uint64_t to_nanoseconds(TimePoint time) {
    const auto since_epoch = time.time_since_epoch();
    return static_cast<std::uint64_t>(
        std::chrono::duration_cast<std::chrono::nanoseconds>(since_epoch).count());
}

}  // namespace godwit::bench
