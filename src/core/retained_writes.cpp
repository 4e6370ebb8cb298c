// Publications: the retained value of a topic. [MQTT-3.3.1-5]
#include <algorithm>
#include <utility>

#include "godwit/core/hash.hpp"
#include "godwit/mqtt/topic.hpp"
#include "publications.hpp"

namespace godwit::core {

using mqtt::Qos;

std::optional<WallTime> Publications::expiry_of(std::string_view topic) const {
    const RetainedSettings& settings = context_.settings().retained;
    Duration expiry = settings.expiry;
    for (const RetainedExpiryOverride& rule : settings.expiry_overrides) {
        if (!mqtt::matches(rule.filter, topic)) continue;
        expiry = rule.expiry;
        break;
    }
    if (expiry.count() == 0) return std::nullopt;
    return context_.now.wall + expiry;
}

std::uint32_t Publications::set_retained(Routed& routed, Qos qos) {
    const RetainedSettings& settings = context_.settings().retained;
    RetainedTree& tree = context_.commons.retained;
    const bool too_large =
        settings.max_payload != 0 && routed.payload.size() > settings.max_payload;
    std::optional<std::uint64_t> version;
    RetainedWrite write{.topic = std::string(routed.topic), .qos = qos};
    if (!routed.payload.empty() && !too_large) {
        const auto expires_at = expiry_of(routed.topic);
        version = tree.set(routed.block(), qos, expires_at, settings.max_messages);
        if (!version) context_.count_drop(DropReason::retained_limit);
        write.message = routed.block();
        if (expires_at) {
            write.expires_at_ms =
                std::chrono::duration_cast<Duration>(expires_at->time_since_epoch()).count();
        }
    } else {
        if (too_large) context_.count_drop(DropReason::retained_limit);
        version = tree.clear(routed.topic);  // [MQTT-3.3.1-10] [MQTT-3.3.1-11]
    }
    if (!version || !context_.durable) return 0;
    write.version = *version;
    write.publication = routed.publication;
    write.row = routed.row;
    return write_retained(std::move(write));
}

// Written by the shard of its topic, so that versions of a topic are written in their order.
std::uint32_t Publications::write_retained(RetainedWrite write) {
    const auto shard = static_cast<ShardIndex>(hash_bytes(write.topic, context_.commons.hash_key) %
                                               context_.commons.shards);
    const bool answered = write.publication.number != 0;
    if (shard == context_.index) {
        on_retained_write(write);
    } else {
        mail_.post(shard, std::move(write));
    }
    return answered ? 1 : 0;
}

void Publications::on_retained_write(const RetainedWrite& write) {
    if (write.message) {
        context_.store.put_retained(write);
    } else {
        context_.store.delete_retained(write.topic, write.version);
    }
    if (write.publication.number == 0) return;
    commits_.after([this, publication = write.publication] {
        on_placed({.publication = publication, .row = 0, .unplaced = 0, .misses = {}});
    });
}

}  // namespace godwit::core
