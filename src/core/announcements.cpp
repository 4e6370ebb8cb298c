// Publications that nobody waits for: wills, and those that no client made.
#include <algorithm>
#include <utility>

#include "publications.hpp"

namespace godwit::core {

using mqtt::Qos;

void Publications::publish_will(const Author& author, const OwnedWill& will) {
    using Kind = PublishTarget::Kind;
    if (will.kind == Kind::nowhere) return context_.count_drop(DropReason::not_routable);
    if (will.kind == Kind::reserved ||
        !context_.rights.may_publish(author, will.message->topic())) {
        return context_.count_drop(DropReason::denied);
    }
    const bool retain =
        will.retain && will.kind == Kind::ordinary && context_.settings().retained.enabled;
    // The will leaves the store in the batch that logs it.
    (void)announce(will.message, will.qos, retain, author.client_id, context_.durable);
}

std::size_t Publications::publish_unasked(std::string_view topic, mqtt::Bytes payload, Qos qos,
                                          bool retain) {
    using Kind = PublishTarget::Kind;
    const PublishTarget target = parse_publish_topic(topic);
    if (target.kind == Kind::nowhere) {
        context_.count_drop(DropReason::not_routable);
        return 0;
    }
    const bool retained =
        retain && target.kind != Kind::local && context_.settings().retained.enabled;
    return announce(Message::make(target.topic, payload), qos, retained, {},
                    context_.durable && qos != Qos::at_most_once);
}

bool Publications::clear_retained(std::string_view topic) {
    const auto value = context_.commons.retained.get(topic);
    if (!value) return false;
    (void)announce(Message::make(topic, {}), value->qos, true, {},
                   context_.durable && value->qos != Qos::at_most_once);
    return true;
}

std::size_t Publications::announce(const MessagePtr& message, Qos qos, bool retain,
                                   std::string_view publisher, bool logged) {
    Routed routed{.topic = message->topic(),
                  .payload = message->payload(),
                  .wire = message->wire(),
                  .message = message};
    Record record{.published_qos = qos};
    // Nobody could be paused: it need not wait for credit.
    const auto find_receivers = [&] {
        collect_for(routed.topic, publisher, qos);
        if (!remote_shards_.empty()) (void)take_credit(message->wire().size(), qos);
        return count_receivers();
    };
    if (logged) {
        const std::size_t receivers = find_receivers();
        record.logged = targets_to_log(routed, qos, retain);
        log(std::move(record), records_.open());
        return receivers;
    }
    if (qos != Qos::at_most_once) routed.publication = {context_.index, records_.open()};
    if (retain) record.outstanding += set_retained(routed, qos);
    const std::size_t receivers = find_receivers();
    record.outstanding += distribute(routed, record);
    if (qos != Qos::at_most_once) keep(routed.publication.number, std::move(record));
    return receivers;
}

// Clients of other shards are named once for each filter that matches.
std::size_t Publications::count_receivers() const {
    std::size_t count = locals_.size();
    std::vector<std::uint32_t> slots;
    for (const ShardIndex shard : remote_shards_) {
        slots.clear();
        for (const Receiver& receiver : remote_[shard].receivers) {
            if (receiver.group == 0) slots.push_back(receiver.slot);
            if (receiver.group != 0) ++count;
        }
        std::sort(slots.begin(), slots.end());
        count += static_cast<std::size_t>(std::unique(slots.begin(), slots.end()) - slots.begin());
    }
    return count;
}

}  // namespace godwit::core
