#include "subscriptions.hpp"

#include <algorithm>
#include <map>

namespace godwit::simulation {

namespace {

// An empty key stands for all ordinary filters.
bool concerns(const SubscribeEntry& entry, std::string_view topic, const std::string& group_key) {
    const bool kind = group_key.empty() ? !entry.filter.shared
                                        : entry.filter.shared && entry.filter.key() == group_key;
    return kind && entry.filter.matches(topic);
}

}  // namespace

std::size_t Subscriptions::sent(SubscribeEntry entry) {
    entries_.push_back(std::move(entry));
    return entries_.size() - 1;
}

// The new QoS holds from here on; what the same filter had before is replaced, without a gap.
void Subscriptions::acknowledged(const std::vector<std::size_t>& entries, Time now) {
    for (const std::size_t index : entries) {
        SubscribeEntry& fresh = entries_[index];
        for (std::size_t i = 0; i < index; ++i) {
            SubscribeEntry& old = entries_[i];
            if (old.filter.key() != fresh.filter.key()) continue;
            old.certain_until = std::min(old.certain_until, now);
            old.possible_until = std::min(old.possible_until, now);
        }
        if (fresh.certain_until == kNever) fresh.certain_from = now;
    }
}

void Subscriptions::refused(const std::vector<std::size_t>& entries) {
    for (const std::size_t index : entries)
        entries_[index].certain_until = entries_[index].possible_until = Time{-1};
}

std::vector<std::size_t> Subscriptions::unsubscribe(const std::string& key, Time now) {
    std::vector<std::size_t> concerned;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (entries_[i].filter.key() != key) continue;
        concerned.push_back(i);
        entries_[i].certain_until = std::min(entries_[i].certain_until, now);
    }
    return concerned;
}

void Subscriptions::unsubscribed(const std::vector<std::size_t>& entries, Time now) {
    for (const std::size_t index : entries) {
        entries_[index].possible_until = std::min(entries_[index].possible_until, now);
    }
}

void Subscriptions::session_ended(Time now, const std::set<std::uint64_t>& connections) {
    for (SubscribeEntry& entry : entries_) {
        if (!connections.contains(entry.connection)) continue;
        entry.certain_until = std::min(entry.certain_until, now);
        entry.possible_until = std::min(entry.possible_until, now);
    }
}

void Subscriptions::session_came_back(Time then, Time now,
                                      const std::set<std::uint64_t>& connections) {
    for (std::size_t i = 0, count = entries_.size(); i < count; ++i) {
        SubscribeEntry& entry = entries_[i];
        if (!connections.contains(entry.connection) || entry.possible_until != then) continue;
        entry.possible_until = kNever;
        if (entry.certain_from == kNever || entry.certain_until != then) continue;
        SubscribeEntry again = entry;
        again.possible_from = again.certain_from = now;
        again.certain_until = kNever;
        entries_.push_back(again);
    }
}

bool Subscriptions::may_match(std::string_view topic, const std::string& group_key, Time from,
                              Time until) const {
    return std::any_of(entries_.begin(), entries_.end(), [&](const SubscribeEntry& entry) {
        return entry.possible(from, until) && concerns(entry, topic, group_key);
    });
}

Subscriptions::Certainty Subscriptions::match(std::string_view topic, const std::string& group_key,
                                              Time from, Time until) const {
    struct OfFilter {
        Time covered;
        mqtt::Qos lowest = mqtt::Qos::exactly_once;
    };
    Certainty result;
    std::map<std::string, OfFilter> filters;
    for (const SubscribeEntry& entry : entries_) {
        if (!entry.possible(from, until) || !concerns(entry, topic, group_key)) continue;
        OfFilter& filter = filters.try_emplace(entry.filter.key(), OfFilter{from}).first->second;
        filter.lowest = std::min(filter.lowest, entry.granted);
        result.highest = std::max(result.highest, entry.granted);
        if (entry.certain_from <= filter.covered && filter.covered < entry.certain_until) {
            filter.covered = entry.certain_until;
        }
    }
    for (const auto& [key, filter] : filters) {
        if (filter.covered <= until) continue;
        result.certain = true;
        result.lowest = std::max(result.lowest, filter.lowest);
    }
    return result;
}

std::vector<std::string> Subscriptions::groups(std::string_view topic, Time from,
                                               Time until) const {
    std::vector<std::string> keys;
    for (const SubscribeEntry& entry : entries_) {
        if (!entry.filter.shared || !entry.possible(from, until)) continue;
        if (entry.filter.matches(topic)) keys.push_back(entry.filter.key());
    }
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    return keys;
}

}  // namespace godwit::simulation
