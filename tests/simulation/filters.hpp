// Topic filters with their prefixes, read plainly and apart from the core's own reading.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace godwit::simulation {

struct Filter {
    std::string plain;  // without prefixes
    std::string group;  // name of a shared one; empty for $queue
    bool shared = false;
    bool local = false;

    // Names a shared group, or an ordinary subscription, whatever the order of its prefixes.
    [[nodiscard]] std::string key() const;
    [[nodiscard]] bool matches(std::string_view topic) const;
};

// Nothing when the text is malformed.
[[nodiscard]] std::optional<Filter> read_filter(std::string_view text);

}  // namespace godwit::simulation
