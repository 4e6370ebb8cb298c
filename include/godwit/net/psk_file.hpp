// The file of pre-shared keys: IDENTITY:HEXKEY, one a line, as mosquitto's psk_file.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <variant>

namespace godwit::net {

using PskKeys = std::map<std::string, std::string, std::less<>>;  // identity to key, as bytes

struct PskFault {
    std::size_t line = 0;  // from 1; 0: the file as a whole
    std::string_view what;
};

// Empty lines and those that begin with '#' are skipped.
[[nodiscard]] std::variant<PskKeys, PskFault> parse_psk_file(std::string_view text);

}  // namespace godwit::net
