// How a command says that it failed.
#pragma once

#include <iostream>
#include <string_view>

#include "command_line.hpp"

namespace godwit::cli {

// Writes `what` to the standard error; the exit code comes back.
inline int fail(std::string_view what, int exit_code = kExitFailure) {
    std::cerr << "godwit: " << what << '\n';
    return exit_code;
}

}  // namespace godwit::cli
