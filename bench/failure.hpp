// How a run ends early, and what the exit status says. Any thread may call fail().
#pragma once

#include <string_view>

namespace godwit::bench {

enum class ExitCode : int {
    exact = 0,    // Every expected message came, and nothing else.
    inexact = 1,  // Messages missing, doubled or malformed, or connections lost.
    usage = 2,    // Wrong arguments.
    setup = 3,    // The run could not start: no connection, CONNECT or SUBSCRIBE refused.
};

// Writes one line to stderr and ends the process at once, without destructors: other loops may
// still be running.
[[noreturn]] void fail(ExitCode code, std::string_view message);

}  // namespace godwit::bench
