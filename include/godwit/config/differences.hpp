// What differs between two configurations, key by key, as a log tells it.
#pragma once

#include <string>
#include <vector>

#include "godwit/config/config.hpp"

namespace godwit::config {

struct Difference {
    std::string key;     // mqtt.max_qos; listeners[tcp].mount_point, a listener goes by its name
    std::string before;  // as YAML; empty: the key was not there
    std::string after;
    bool at_next_start = false;  // a broker that runs does not follow it
};

// In the order of the keys in `to`, then those that are gone. Secrets are not shown, so a change of
// one alone is no difference.
[[nodiscard]] std::vector<Difference> differences(const Config& from, const Config& to);

// `to`, but with what a broker that runs as `from` cannot change left as it is.
[[nodiscard]] Config changeable(const Config& from, Config to);

}  // namespace godwit::config
