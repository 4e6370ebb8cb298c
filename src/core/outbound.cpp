#include "outbound.hpp"

#include <utility>

namespace godwit::core {

using mqtt::Qos;

namespace {

// A message of a group that the publication log has.
bool leaves_the_log(const Routed& routed, std::uint64_t group) {
    return routed.row != 0 && group != 0;
}

}  // namespace

Placed Outbound::place(Session& session, Routed& routed, Qos qos, std::uint64_t group,
                       bool last_choice) {
    if (group != 0 && session.find_membership(group) == nullptr) return Placed::gone;
    if (!session.sees(routed.topic)) return Placed::done;
    // Rights are asked for where a filter promises less than it matches.
    if (session.checked != 0 && !context_.rights.may_receive(session, routed.topic)) {
        // Chosen before its rights changed. Whoever waits for an answer finds another member.
        if (group != 0 && !last_choice && routed.publication.number != 0) return Placed::gone;
        context_.drop(session, DropReason::denied_delivery, session.plain(routed.topic), qos);
        return Placed::done;
    }
    if (qos == Qos::at_most_once) {
        if (place_qos0(session, routed)) count_delivery(session, group);
        return Placed::done;
    }
    const bool straight = session.queue.waiting() == 0 && sendable(session) &&
                          !context_.keeps(session) && !session.held &&
                          !leaves_the_log(routed, group);
    if (!straight) return enqueue(session, routed, qos, group, last_choice);

    QueueEntry entry{.group = group, .qos = qos, .state = sent_state(qos)};
    entry.packet_id = session.queue.next_packet_id();
    if (may_send_again(session, group)) entry.message = routed.block();
    send_publish(session, routed.topic, routed.payload, qos, false, false, entry.packet_id,
                 routed.message ? &routed.message : nullptr);
    context_.delivery_times.add();
    session.queue.push_sent(std::move(entry));
    count_delivery(session, group);
    context_.counters.inflight_messages.add();
    publish_load(context_, session);
    return Placed::done;
}

// For whoever looks at how a group's messages are split.
void Outbound::count_delivery(Session& session, std::uint64_t group) {
    if (group == 0) return;
    if (Membership* membership = session.find_membership(group)) ++membership->deliveries;
}

// False when it was dropped.
bool Outbound::place_qos0(Session& session, Routed& routed) {
    const bool queues = context_.settings().session.queue_qos0 && !session.clean;
    // What waited for the client goes first, QoS 0 among it.
    if (!session.connected() || (queues && session.queue.waiting() != 0)) {
        if (!queues) return false;
        // Held QoS 0 would pause publishers for messages nobody promised; a full queue drops it.
        if (full(session, routed.size())) {
            context_.drop(session, DropReason::queue_full, session.plain(routed.topic),
                          Qos::at_most_once);
            return false;
        }
        append(session, {.message = routed.block(), .qos = Qos::at_most_once},
               Commits::When::with_this_batch);
        return true;
    }
    Outbox& outbox = session.attachment->link->outbox();
    const std::size_t limit = context_.settings().limits.outbound_buffer;
    if (limit != 0 && outbox.size() + routed.size() > limit) {
        context_.drop(session, DropReason::slow_reader, session.plain(routed.topic),
                      Qos::at_most_once);
        return false;
    }
    context_.delivery_times.add();
    if (session.owner == nullptr && !routed.wire.empty() &&
        routed.wire.size() < Outbox::kShareMin) {
        std::memcpy(outbox.reserve(routed.wire.size()), routed.wire.data(), routed.wire.size());
        session.attachment->link->flush_soon();
        context_.counters.messages_sent[0].add();
        return true;
    }
    if (routed.payload.size() >= Outbox::kShareMin) (void)routed.block();
    send_publish(session, routed.topic, routed.payload, Qos::at_most_once, false, false, 0,
                 routed.message ? &routed.message : nullptr);
    return true;
}

Placed Outbound::enqueue(Session& session, Routed& routed, Qos qos, std::uint64_t group,
                         bool last_choice) {
    if (full(session, routed.size()) || session.held) {
        const Placed placed = overflow(session, routed, qos, group, last_choice);
        publish_load(context_, session);
        return placed;
    }
    QueueEntry entry{.message = routed.block(),
                     .group = group,
                     .qos = qos,
                     .sent_before = routed.again && qos == Qos::at_least_once};
    if (context_.keeps(session)) {
        entry.placement = defer(routed);
    } else if (leaves_the_log(routed, group)) {
        take_from_log(session, routed, entry);
    }
    count_delivery(session, group);
    const bool later = entry.placement != kNoPlacement;
    // A mark in the log is written with what it speaks of.
    const bool settles_soon = session.connected() && qos == Qos::at_least_once && routed.row == 0;
    append(session, std::move(entry),
           settles_soon ? Commits::When::later : Commits::When::with_this_batch);
    pump(session);
    // Nothing waits any more, and it would be the last one.
    if (session.queue.waiting() == 0) context_.delivery_times.add();
    return later ? Placed::later : Placed::done;
}

// A group's message goes from the log to a session that ends with the process. At QoS 1 it stays in
// the log until it is acknowledged; at QoS 2, which nobody may get twice, it has left before it is
// sent.
void Outbound::take_from_log(const Session& session, Routed& routed, QueueEntry& entry) {
    const SessionHandle& handle = session.handle;
    if (entry.qos == Qos::at_least_once) {
        entry.placement = defer(routed);
        placements_.at(routed.placement)
            .unplaced_receivers.push_back({handle.slot, handle.generation, entry.qos, entry.group});
        return;
    }
    entry.preparation = Preparation::committing;
    entry.sequence = context_.store.next_number();
    commits_.after([this, handle, last = entry.sequence] { on_prepared(handle, last); });
}

// Every message that waits in a queue enters it here.
void Outbound::append(Session& session, QueueEntry entry, Commits::When when) {
    context_.counters.queued_messages.add();
    if (context_.keeps(session)) {
        entry.sequence = context_.store.next_number();
        entry.queued_at_ms = commits_.timestamp();
        commits_.write(session, entry, when);
    }
    session.queue.push_waiting(std::move(entry));
    const std::size_t window = context_.store.queue_window();
    if (session.queue.waiting_bytes() <= window || !context_.keeps(session)) return;
    session.queue.leave_to_store(
        window, [this](const QueueEntry& one) { return commits_.is_committed(one); });
}

void Outbound::place_retained(Session& session, const MessagePtr& message, Qos qos) {
    if (qos == Qos::at_most_once) {
        send_publish(session, message->topic(), message->payload(), qos, true, false, 0, &message);
        return;
    }
    // With this batch, which may hold the end of its replay.
    append(session, {.message = message, .qos = qos, .retain = true},
           Commits::When::with_this_batch);
    pump(session);
}

bool Outbound::can_replay(Session& session, Qos qos) {
    if (!session.connected()) return false;
    Link& link = *session.attachment->link;
    // Half of the buffer is left to live messages, which are dropped beyond all of it.
    const std::size_t limit = context_.settings().limits.outbound_buffer / 2;
    if (limit != 0 && link.outbox().size() >= limit) {
        link.notify_drained();
        return false;
    }
    return qos == Qos::at_most_once || session.queue.waiting() == 0;
}

bool Outbound::full(const Session& session, std::size_t bytes) const {
    const SessionSettings& settings = context_.settings().session;
    const DeliveryQueue& queue = session.queue;
    // An empty queue takes any message, or a large one could never be delivered.
    if (queue.waiting() == 0) return false;
    return (settings.max_queued_messages != 0 && queue.waiting() >= settings.max_queued_messages) ||
           (settings.max_queued_bytes != 0 &&
            queue.waiting_bytes() + bytes > settings.max_queued_bytes);
}

PlacementIndex Outbound::defer(Routed& routed) {
    if (routed.publication.number == 0) return kNoPlacement;
    open_placement(routed);
    placements_.add(routed.placement);
    return routed.placement;
}

void Outbound::open_placement(Routed& routed) {
    if (routed.placement != kNoPlacement) return;
    routed.placement = placements_.open(routed.publication, routed.row);
}

void Outbound::placed(PlacementIndex index) {
    if (index != kNoPlacement && placements_.placed(index)) {
        sink_.on_placed(placements_.close(index));
    }
}

// The entry left the queue: nothing of it is kept, and nobody waits for it.
void Outbound::let_go(Session& session, const QueueEntry& entry) {
    if (entry.stored) context_.store.delete_queued(session.incarnation, entry.sequence);
    placed(entry.placement);
}

std::vector<QueueEntry> Outbound::take_group(Session& session, std::uint64_t group,
                                             bool unacknowledged) {
    std::vector<QueueEntry> taken;
    DeliveryQueue& queue = session.queue;
    if (unacknowledged) {
        for (std::size_t i = 0; i < queue.sent();) {
            QueueEntry& entry = queue.sent_at(i);
            if (entry.group != group || entry.state != DeliveryState::await_puback) {
                ++i;
                continue;
            }
            taken.push_back(entry);
            const std::size_t before = queue.sent();
            queue.finish(entry);
            context_.counters.inflight_messages.subtract();
            // Finished entries at the head have left, so the rest has moved up.
            i = queue.sent() < before ? 0 : i + 1;
        }
    }
    for (std::size_t i = 0; i < queue.waiting();) {
        if (queue.waiting_at(i).group != group) {
            ++i;
            continue;
        }
        taken.push_back(queue.erase_waiting(i));
        context_.counters.queued_messages.subtract();
    }
    if (session.held) {
        std::deque<HeldMessage> kept;
        for (HeldMessage& held : *session.held) {
            if (held.group == group) {
                unmark_held(session, held);
                taken.push_back({.message = std::move(held.message),
                                 .group = group,
                                 .placement = held.placement,
                                 .qos = held.qos});
            } else {
                kept.push_back(std::move(held));
            }
        }
        set_held(session, std::move(kept));
    }
    return taken;
}

void Outbound::put_back(Session& session, QueueEntry entry) {
    if (entry.stored) context_.store.delete_queued(session.incarnation, entry.sequence);
    append(session,
           {.message = std::move(entry.message),
            .group = entry.group,
            .placement = entry.placement,
            .qos = entry.qos},
           Commits::When::with_this_batch);
}

void Outbound::restore(Session& session, std::vector<QueueRecord> records, Sequence maybe_sent) {
    session.queue.restore(std::move(records), maybe_sent);
    context_.counters.queued_messages.add(session.queue.waiting());
    context_.counters.inflight_messages.add(session.queue.inflight());
}

void Outbound::discard(Session& session, std::optional<DropReason> reason) {
    DeliveryQueue queue = std::move(session.queue);
    session.queue = {};
    std::uint64_t lost = 0;
    std::uint64_t orphans = 0;  // of groups that the client had left: others went to another member
    for (std::size_t i = 0; i < queue.sent(); ++i) {
        const QueueEntry& entry = queue.sent_at(i);
        if (entry.state == DeliveryState::done) continue;
        context_.counters.inflight_messages.subtract();
        if (entry.state != DeliveryState::await_pubcomp) ++lost;
        // Sent at QoS 2, so that no other member of its group may get it.
        if (entry.group != 0 && entry.state == DeliveryState::await_pubrec) {
            context_.count_drop(DropReason::unfinished_qos2);
        }
        if (!reason && entry.group != 0 && entry.state == DeliveryState::await_puback) ++orphans;
        placed(entry.placement);
    }
    for (std::size_t i = 0; i < queue.waiting(); ++i, ++lost) {
        context_.counters.queued_messages.subtract();
        if (!reason && queue.waiting_at(i).group != 0) ++orphans;
        placed(queue.waiting_at(i).placement);
    }
    if (session.held) {
        const std::deque<HeldMessage> held = std::move(*session.held);
        set_held(session, {});
        lost += held.size();
        for (const HeldMessage& message : held)
            placed(message.placement);
    }
    if (reason && lost != 0) context_.count_drop(*reason, lost);
    if (orphans != 0) context_.count_drop(DropReason::session_ended, orphans);
}

void Outbound::end_turn() {
    commits_.end_turn([this](Session& session, QueueEntry& entry) {
        const PlacementIndex placement = std::exchange(entry.placement, kNoPlacement);
        if (placement == kNoPlacement) return;
        (void)session;
        commits_.after([this, placement] { placed(placement); });
    });
}

void Outbound::publish_load(const ShardContext& context, Session& session) {
    if (session.memberships.empty()) return;
    const SessionSettings& settings = context.settings().session;
    const auto load =
        static_cast<std::uint32_t>(session.queue.inflight() + session.queue.waiting());
    const bool full =
        session.held != nullptr || (settings.max_queued_messages != 0 &&
                                    session.queue.waiting() >= settings.max_queued_messages);
    for (const Membership& one : session.memberships) {
        one.member->load.store(load, std::memory_order_relaxed);
        one.member->full.store(full, std::memory_order_relaxed);
    }
}

}  // namespace godwit::core
