// What `godwit ctl` understands.
#pragma once

#include <CLI/CLI.hpp>

#include "command_line.hpp"

namespace godwit::cli {

// What tells where the data is: -c, --data-dir, --set. Returns the option -c.
CLI::Option* add_data_options(CLI::App& app, CommandLine& line);

void describe_ctl(CLI::App& app, CommandLine& line);

}  // namespace godwit::cli
