// `godwit ctl`: where the broker is, and what opens its door, before ctl/ asks it.
#pragma once

#include <string>

#include "godwit/config/load.hpp"
#include "godwit/ctl/ctl.hpp"

namespace godwit::cli {

struct CtlRequest {
    godwit::ctl::Request request;
    std::string url;         // empty: where the configuration has the interface
    std::string token;       // empty: what the file says
    std::string token_file;  // empty: GODWIT_TOKEN, or where the configuration has it
};

// Loads the configuration where something of it is needed. Returns the exit code.
[[nodiscard]] int ctl(const CtlRequest& request, const config::Sources& sources);

}  // namespace godwit::cli
