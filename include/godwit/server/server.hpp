// The broker as a process: builds all parts from a configuration and runs them.
#pragma once

#include <functional>

#include "godwit/config/load.hpp"

namespace godwit::server {

// Runs until SIGTERM or SIGINT asks for a clean stop; a second one ends it at once. Returns the
// exit code: 0 after a stop, 2 when a file that the configuration names is wrong, 1 when it could
// not start otherwise, which one line on stderr explains.
// SIGHUP: `load_again` says what is to be in force from now on.
// REQUIRES: called once, from the only thread.
[[nodiscard]] int run(const config::Config& config,
                      const std::function<config::Loaded()>& load_again);

}  // namespace godwit::server
