// Time as the core sees it: an argument of every call, never a clock it reads.
#pragma once

#include <chrono>

namespace godwit::core {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;
using Duration = std::chrono::milliseconds;

// One reading of both clocks, taken once a turn by whoever drives the core.
struct Now {
    SteadyTime steady;
    WallTime wall;
};

// Both when the steady clock shows `steady`, whatever the system's wall clock has been set to
// since.
[[nodiscard]] inline Now later(const Now& start, SteadyTime steady) {
    return {steady, start.wall + (steady - start.steady)};
}

}  // namespace godwit::core
