// How a response travels.
#pragma once

#include <string>

#include "message.hpp"

namespace godwit::admin {

// Status line and headers, the empty line behind them included. `closes`: the connection ends with
// the response.
[[nodiscard]] std::string head_of(const Response& response, bool closes);

}  // namespace godwit::admin
