// The target of a request: its path and the parameters of its query.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace godwit::admin {

// The text with each %XX replaced by the byte it stands for; nothing where a '%' begins none.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text);

struct Target {
    std::string path;  // as it came, percent-encoded, so that a slash inside a name stays apart
    std::vector<std::pair<std::string, std::string>> parameters;  // decoded
};

// Reads '/path?name=value&...'. In a query '+' is a space, as forms and query libraries write it.
// Nothing where it does not begin with a slash or is badly encoded.
[[nodiscard]] std::optional<Target> parse_target(std::string_view text);

}  // namespace godwit::admin
