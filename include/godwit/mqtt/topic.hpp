// Topic names and topic filters: validity, levels, matching. [MQTT-4.7]
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace godwit::mqtt {

inline constexpr std::size_t kTopicSizeMax = 65'535;  // bytes [MQTT-4.7.3-3]

// Well-formed UTF-8 without NUL and surrogates [MQTT-1.5.3-1] [MQTT-1.5.3-2].
[[nodiscard]] bool is_utf8_string(std::string_view text);

// A topic to publish to: UTF-8, neither empty nor too long, no wildcard [MQTT-3.3.2-2]
// [MQTT-4.7.3-1].
[[nodiscard]] bool is_topic_name(std::string_view topic);

// A filter to subscribe to: neither empty nor too long, '#' alone in the last level, '+' alone in
// its level [MQTT-4.7.1-2] [MQTT-4.7.1-3]. Expects checked UTF-8.
[[nodiscard]] bool is_topic_filter(std::string_view filter);

[[nodiscard]] bool has_wildcard(std::string_view filter);

// Levels of a topic or filter: separators plus one.
[[nodiscard]] std::size_t level_count(std::string_view topic);

// Whether the filter matches the topic; '$' topics are matched by no leading wildcard
// [MQTT-4.7.2-1]. The plain reference; routing uses the core's router.
// REQUIRES: a valid filter and a valid topic name.
[[nodiscard]] bool matches(std::string_view filter, std::string_view topic);

// Takes the first level off `rest` and returns it; sets `rest` to nothing when it was the last.
[[nodiscard]] inline std::string_view take_level(std::optional<std::string_view>& rest) {
    const std::string_view text = *rest;
    const std::size_t end = text.find('/');
    if (end == std::string_view::npos) {
        rest.reset();
        return text;
    }
    rest = text.substr(end + 1);
    return text.substr(0, end);
}

}  // namespace godwit::mqtt
