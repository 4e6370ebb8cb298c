#include "filters.hpp"

#include "godwit/mqtt/topic.hpp"

namespace godwit::simulation {

std::string Filter::key() const {
    const std::string kind = !shared ? "" : group.empty() ? "queue:" : "share:" + group + ":";
    return (local ? "local:" : "") + kind + plain;
}

bool Filter::matches(std::string_view topic) const {
    return mqtt::matches(plain, topic);
}

std::optional<Filter> read_filter(std::string_view text) {
    Filter filter;
    const auto take = [&text](std::string_view prefix) {
        if (!text.starts_with(prefix)) return false;
        text.remove_prefix(prefix.size());
        return true;
    };
    for (;;) {
        if (take("$local/")) {
            if (filter.local) return std::nullopt;
            filter.local = true;
        } else if (take("$queue/")) {
            if (filter.shared) return std::nullopt;
            filter.shared = true;
        } else if (take("$share/")) {
            if (filter.shared) return std::nullopt;
            filter.shared = true;
            const std::size_t end = text.find('/');
            if (end == std::string_view::npos || end == 0) return std::nullopt;
            filter.group = text.substr(0, end);
            if (filter.group.find_first_of("+#") != std::string::npos) return std::nullopt;
            text.remove_prefix(end + 1);
        } else {
            break;
        }
    }
    if (!mqtt::is_topic_filter(text)) return std::nullopt;
    filter.plain = text;
    return filter;
}

}  // namespace godwit::simulation
