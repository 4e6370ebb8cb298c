#include "godwit/mqtt/topic.hpp"

#include <algorithm>

namespace godwit::mqtt {

bool is_topic_filter(std::string_view filter) {
    if (filter.empty() || filter.size() > kTopicSizeMax) return false;
    std::optional<std::string_view> rest = filter;
    while (rest) {
        const std::string_view level = take_level(rest);
        if (level == "#") return !rest;                         // [MQTT-4.7.1-2]
        if (level != "+" && has_wildcard(level)) return false;  // [MQTT-4.7.1-3]
    }
    return true;
}

bool has_wildcard(std::string_view filter) {
    return filter.find_first_of("+#") != std::string_view::npos;
}

std::size_t level_count(std::string_view topic) {
    return 1 + static_cast<std::size_t>(std::count(topic.begin(), topic.end(), '/'));
}

bool matches(std::string_view filter, std::string_view topic) {
    const bool begins_with_wildcard = filter.starts_with('+') || filter.starts_with('#');
    if (begins_with_wildcard && topic.starts_with('$')) return false;  // [MQTT-4.7.2-1]

    std::optional<std::string_view> filter_rest = filter;
    std::optional<std::string_view> topic_rest = topic;
    while (filter_rest) {
        const std::string_view wanted = take_level(filter_rest);
        if (wanted == "#") return true;  // The level above '#' too: "a/#" matches "a".
        if (!topic_rest) return false;
        const std::string_view level = take_level(topic_rest);
        if (wanted != "+" && wanted != level) return false;
    }
    return !topic_rest;
}

}  // namespace godwit::mqtt
