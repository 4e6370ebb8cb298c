#include "retained_model.hpp"

#include <algorithm>

namespace godwit::simulation {

void RetainedModel::check_delivered(std::size_t client, const Message& message,
                                    const Subscriptions& subscriptions) const {
    if (!message.retain) {
        throw Broken(cat("m", message.number, " was not retained but came as a retained one"));
    }
    // The SUBSCRIBEs that may have asked for it, and the earliest of them.
    unsigned asked = 0;
    Time since = kNever;
    for (const SubscribeEntry& entry : subscriptions.entries()) {
        if (entry.filter.shared || !entry.filter.matches(message.topic)) continue;
        if (entry.possible_from < last_rest_) continue;
        ++asked;
        since = std::min(since, entry.possible_from);
    }
    if (asked == 0) throw Broken(cat("retained m", message.number, " came without a SUBSCRIBE"));
    const auto copies = message.copies.find(client);
    if (copies != message.copies.end() && copies->second.retained > asked * (1 + crashes_)) {
        throw Broken(cat("retained m", message.number, " came more than once for a SUBSCRIBE"));
    }
    for (const Message* later : writes_.at(message.topic)) {
        if (message.precedes(*later) && later->stored < since) {
            throw Broken(cat("retained m", message.number, " came though m", later->number,
                             " had replaced it before the SUBSCRIBE"));
        }
    }
}

const Message* RetainedModel::certain_since(const std::vector<const Message*>& writes,
                                            Time from) const {
    const Message* value = nullptr;
    for (const Message* write : writes) {
        if (write->stored < from && (value == nullptr || write->sent > value->sent)) value = write;
    }
    if (value == nullptr) return nullptr;
    for (const Message* write : writes) {
        if (write->sent == kNever) continue;  // a will that is not due
        if (write != value && !write->precedes(*value)) return nullptr;
    }
    return value->clears || may_have_expired(*value) ? nullptr : value;
}

bool RetainedModel::may_have_expired(const Message& message) const {
    const auto expiry = plan_.settings.retained.expiry;
    if (expiry.count() == 0) return false;
    return plan_.wall_jumps || stage_.now().wall >= message.sent_wall + expiry;
}

void RetainedModel::check_owed(std::size_t client, const Subscriptions& subscriptions,
                               std::uint64_t connection) const {
    for (const SubscribeEntry& entry : subscriptions.entries()) {
        if (entry.possible_from < last_rest_ || entry.connection != connection) continue;
        if (entry.filter.shared || entry.certain_from == kNever) continue;
        for (const auto& [topic, writes] : writes_) {
            if (!entry.filter.matches(topic)) continue;
            const Message* value = certain_since(writes, entry.possible_from);
            if (value == nullptr) continue;
            const auto copies = value->copies.find(client);
            if (copies == value->copies.end() || copies->second.retained == 0) {
                throw Broken(cat("c", client, " subscribed ", entry.filter.key(),
                                 " and never got retained m", value->number));
            }
        }
    }
}

}  // namespace godwit::simulation
