// A configuration while its sources are still being read. What one key leaves open and another
// decides, in whatever order they come, is settled by settle().
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "godwit/config/config.hpp"
#include "godwit/config/load.hpp"

namespace godwit::config {

struct ListenerDraft {
    net::ListenerSettings settings{.name = ""};  // name: empty, the bind address serves as one
    std::optional<net::Anonymous> anonymous;     // none: auth.anonymous
};

struct Draft {
    Config config;  // all but net.listeners
    std::vector<ListenerDraft> listeners{ListenerDraft{.settings = {}, .anonymous = {}}};
};

[[nodiscard]] Draft to_draft(const Config& config);

[[nodiscard]] Config settle(Draft draft, const Environment& environment);

}  // namespace godwit::config
