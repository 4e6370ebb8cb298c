// Publications: the retained value of a topic. [MQTT-3.3.1-5]
#include <algorithm>
#include <utility>

#include "godwit/core/hash.hpp"
#include "godwit/mqtt/topic.hpp"
#include "publications.hpp"

namespace godwit::core {

using mqtt::Qos;

std::optional<WallTime> Publications::expiry_of(std::string_view topic) const {
    if (is_system_topic(topic)) return std::nullopt;
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
    if (!routed.payload.empty() && !too_large) {
        version = tree.set(routed.block(), qos, expiry_of(routed.topic), settings.max_messages);
        if (!version) context_.count_drop(DropReason::retained_limit);
    } else {
        if (too_large) context_.count_drop(DropReason::retained_limit);
        version = tree.clear(routed.topic);  // [MQTT-3.3.1-10] [MQTT-3.3.1-11]
    }
    // What the row of a publication lists is marked, though there may be nothing to write.
    const bool kept = version && !is_system_topic(routed.topic);
    if (!context_.durable || (!kept && routed.row == 0)) return 0;
    return write_retained({std::string(routed.topic), routed.publication, routed.row});
}

void Publications::expire_retained(std::size_t limit) {
    context_.commons.retained.expire(context_.now.wall, limit,
                                     [this](std::string_view topic, std::uint64_t) {
                                         if (context_.durable)
                                             write_retained({std::string(topic), {}, 0});
                                     });
}

// Written by the shard of its topic: no other one writes that key.
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
    // Whatever stands by now: another shard may have set it, whose mail is still on its way.
    const auto value = context_.commons.retained.get(write.topic);
    if (value && !is_system_topic(write.topic)) {
        context_.store.put_retained({value->message, value->qos, value->expires_at});
    } else {
        context_.store.delete_retained(write.topic);
    }
    if (write.row != 0) context_.store.put_arrived(write.row, kRetainedMark, {});
    if (write.publication.number == 0) return;
    commits_.after([this, publication = write.publication] {
        on_placed({.publication = publication, .row = 0, .unplaced = 0, .misses = {}});
    });
}

}  // namespace godwit::core
