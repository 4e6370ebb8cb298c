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

}  // namespace godwit::core
