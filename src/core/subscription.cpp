#include "godwit/core/subscription.hpp"

#include "godwit/mqtt/topic.hpp"

namespace godwit::core {
namespace {

bool take_prefix(std::string_view& text, std::string_view prefix) {
    if (!text.starts_with(prefix)) return false;
    text.remove_prefix(prefix.size());
    return true;
}

// Whether the first level of `topic` is `level`.
bool is_under(std::string_view topic, std::string_view level) {
    return topic.starts_with(level) && (topic.size() == level.size() || topic[level.size()] == '/');
}

// Takes "<group>/" off `text`; nothing when that is no valid group.
std::optional<std::string_view> take_group(std::string_view& text) {
    const std::size_t end = text.find('/');
    if (end == std::string_view::npos || end == 0) return std::nullopt;
    const std::string_view group = text.substr(0, end);
    if (mqtt::has_wildcard(group)) return std::nullopt;
    text.remove_prefix(end + 1);
    return group;
}

}  // namespace

std::optional<FilterKey> parse_filter(std::string_view text) {
    FilterKey key;
    while (text.starts_with('$')) {
        if (take_prefix(text, "$local/")) {
            if (key.local) return std::nullopt;
            key.local = true;
        } else if (take_prefix(text, "$queue/")) {
            if (key.shared) return std::nullopt;
            key.shared = true;
        } else if (take_prefix(text, "$share/")) {
            const auto group = take_group(text);
            if (key.shared || !group) return std::nullopt;
            key.shared = true;
            key.group = *group;
        } else {
            break;
        }
    }
    if (text == "$local" || text == "$queue" || text == "$share") return std::nullopt;
    if (!mqtt::is_topic_filter(text)) return std::nullopt;
    key.filter = text;
    return key;
}

std::string canonical_filter(const FilterKey& key, std::string_view mount_point) {
    std::string text;
    if (key.local) text += "$local/";
    if (key.shared && key.group.empty()) text += "$queue/";
    if (key.shared && !key.group.empty()) text.append("$share/").append(key.group).append("/");
    return text.append(mount_point).append(key.filter);
}

PublishTarget parse_publish_topic(std::string_view topic) {
    using Kind = PublishTarget::Kind;
    PublishTarget target{Kind::ordinary, topic};
    if (take_prefix(target.topic, "$local/")) target.kind = Kind::local;
    if (is_system_topic(target.topic)) {
        target.kind = Kind::reserved;
    } else if (target.topic.empty() || is_under(target.topic, "$share") ||
               is_under(target.topic, "$queue") || is_under(target.topic, "$local")) {
        // No filter can name these. "$local/" comes here by its missing topic.
        target.kind = Kind::nowhere;
    }
    return target;
}

bool is_system_topic(std::string_view topic) {
    return is_under(topic, "$SYS");
}

}  // namespace godwit::core
