#include "acl_topics.hpp"

#include <algorithm>
#include <utility>

#include "godwit/mqtt/topic.hpp"

namespace godwit::auth {

namespace {

using Client = core::AccessPolicy::Client;

bool has_name(std::string_view text) {
    return text.find("%u") != std::string_view::npos || text.find("%c") != std::string_view::npos;
}

// The level with the client's names in it; nothing where that names no level of any topic.
std::optional<std::string> fill_level(std::string_view level, const Client& client) {
    std::string filled;
    for (std::size_t i = 0; i < level.size(); ++i) {
        const std::string_view two = level.substr(i, 2);
        if (two != "%u" && two != "%c") {
            filled += level[i];
            continue;
        }
        const std::string_view name = two == "%u" ? client.user_name : client.client_id;
        if (name.empty()) return std::nullopt;
        filled += name;
        ++i;
    }
    if (filled.find_first_of("/+#") != std::string::npos) return std::nullopt;
    return filled;
}

}  // namespace

TopicSet::TopicSet(std::string_view filter) {
    for (std::optional<std::string_view> rest = filter; rest;) {
        const std::string_view level = mqtt::take_level(rest);
        if (level == "#") {
            multi_level_ = true;
        } else if (level == "+") {
            levels_.emplace_back();
        } else {
            levels_.emplace_back(std::string(level));
        }
    }
}

bool TopicSet::contains(std::string_view topic) const {
    if (begins_with_wildcard() && topic.starts_with('$')) return false;  // [MQTT-4.7.2-1]
    std::optional<std::string_view> rest = topic;
    for (const Level& wanted : levels_) {
        if (!rest) return false;
        const std::string_view level = mqtt::take_level(rest);
        if (wanted && *wanted != level) return false;
    }
    return multi_level_ || !rest;
}

bool TopicSet::covers(const TopicSet& other) const {
    return !other.has_more_than({*this});
}

bool TopicSet::overlaps(const TopicSet& other) const {
    return has_more_than({}, &other);
}

bool TopicSet::has_more_than(const std::vector<TopicSet>& others, const TopicSet* among) const {
    // Topics of more levels than any of the sets names are in the same ones whatever their length.
    std::size_t longest = std::max(levels_.size(), among != nullptr ? among->levels_.size() : 0);
    for (const TopicSet& other : others)
        longest = std::max(longest, other.levels_.size());
    for (std::size_t length = 1; length <= longest + 1; ++length) {
        const std::optional<Sample> topic = sample(among != nullptr ? *among : *this, length);
        if (!topic) continue;
        const bool in_others =
            std::any_of(others.begin(), others.end(),
                        [&](const TopicSet& other) { return other.contains(*topic); });
        if (!in_others) return true;
    }
    return false;
}

bool TopicSet::has_length(std::size_t length) const {
    // "a/#" has "a" too [MQTT-4.7.1-2]; no topic is without a level.
    return length != 0 && (multi_level_ ? length >= levels_.size() : length == levels_.size());
}

const TopicSet::Level& TopicSet::level(std::size_t index) const {
    static const Level kAny;
    return index < levels_.size() ? levels_[index] : kAny;
}

bool TopicSet::contains(const Sample& topic) const {
    if (!has_length(topic.size())) return false;
    if (begins_with_wildcard() && topic[0] && topic[0]->starts_with('$')) return false;
    for (std::size_t i = 0; i < levels_.size(); ++i) {
        if (levels_[i] && topic[i] != *levels_[i]) return false;
    }
    return true;
}

std::optional<TopicSet::Sample> TopicSet::sample(const TopicSet& other, std::size_t length) const {
    if (!has_length(length) || !other.has_length(length)) return std::nullopt;
    Sample topic(length);
    for (std::size_t i = 0; i < length; ++i) {
        const Level& mine = level(i);
        const Level& theirs = other.level(i);
        if (mine && theirs && *mine != *theirs) return std::nullopt;
        if (mine || theirs) topic[i] = mine ? *mine : *theirs;
    }
    if (length == 1 && topic[0] && topic[0]->empty()) return std::nullopt;  // [MQTT-4.7.3-1]
    // About '$' the sets can disagree still.
    if (!contains(topic) || !other.contains(topic)) return std::nullopt;
    return topic;
}

TopicPattern::TopicPattern(std::string_view filter, bool substitutes)
    : set_(filter), substitutes_(substitutes && has_name(filter)) {}

std::optional<TopicSet> TopicPattern::fill(const Client& client) const {
    std::vector<TopicSet::Level> levels;
    for (const TopicSet::Level& level : set_.levels_) {
        if (!level) {
            levels.emplace_back();
            continue;
        }
        std::optional<std::string> filled = fill_level(*level, client);
        if (!filled) return std::nullopt;
        if (levels.empty() && filled->starts_with('$') && !level->starts_with('$')) {
            return std::nullopt;
        }
        levels.emplace_back(*std::move(filled));
    }
    return TopicSet(std::move(levels), set_.multi_level_);
}

}  // namespace godwit::auth
