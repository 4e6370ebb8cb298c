// The files of the dashboard, for browsers.
#pragma once

#include <optional>

#include "message.hpp"

namespace godwit::admin {

// The file at a path of the site; nothing where there is none.
[[nodiscard]] std::optional<Response> dashboard_file(const Request& request, std::string_view path);

}  // namespace godwit::admin
