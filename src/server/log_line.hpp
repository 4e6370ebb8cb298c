// How one line of the log reads, behind its time and level. Whatever the texts contain, the result
// is one line of printable UTF-8.
#pragma once

#include <string>
#include <string_view>

#include "godwit/server/log.hpp"

namespace godwit::server {

// client connected client_id="x" address=127.0.0.1:5555 keep_alive=60
[[nodiscard]] std::string text_line(std::string_view message, LogFields fields);

// "message":"client connected","client_id":"x","address":"127.0.0.1:5555","keep_alive":60
[[nodiscard]] std::string json_members(std::string_view message, LogFields fields);

}  // namespace godwit::server
