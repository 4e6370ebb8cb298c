#include "failure.hpp"

#include <cstdio>
#include <cstdlib>
#include <string>

namespace godwit::bench {

void fail(ExitCode code, std::string_view message) {
    const std::string line = "godwit-bench: " + std::string(message) + "\n";
    std::fputs(line.c_str(), stderr);
    std::_Exit(static_cast<int>(code));
}

}  // namespace godwit::bench
