#include "outbound.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

#include "godwit/mqtt/encoder.hpp"

namespace godwit::core {

using mqtt::Qos;

namespace {

// A message of a group that the publication log has.
bool leaves_the_log(const Routed& routed, std::uint64_t group) {
    return routed.row != 0 && group != 0;
}

// A message that can be needed again after it was sent: at a reconnect, by another member of its
// group, or for a retry.
bool may_send_again(const Session& session, std::uint64_t group, const SessionSettings& settings) {
    return !session.clean || group != 0 || settings.retry_interval.count() != 0;
}

}  // namespace

Placed Outbound::place(Session& session, Routed& routed, Qos qos, std::uint64_t group,
                       bool last_choice) {
    if (group != 0 && !session.is_member_of(group)) return Placed::gone;
    if (qos == Qos::at_most_once) {
        place_qos0(session, routed);
        return Placed::done;
    }
    const bool straight = session.queue.waiting() == 0 && sendable(session) &&
                          !context_.keeps(session) && !session.held &&
                          !leaves_the_log(routed, group);
    if (!straight) return enqueue(session, routed, qos, group, last_choice);

    QueueEntry entry{.group = group, .qos = qos, .state = sent_state(qos)};
    entry.packet_id = session.queue.next_packet_id();
    if (may_send_again(session, group, context_.settings().session)) entry.message = routed.block();
    send_publish(session, routed.topic, routed.payload, qos, false, false, entry.packet_id,
                 routed.message ? &routed.message : nullptr);
    session.queue.push_sent(std::move(entry));
    context_.counters.inflight_messages.add();
    publish_load(context_, session);
    return Placed::done;
}

void Outbound::place_qos0(Session& session, Routed& routed) {
    const bool queues = context_.settings().session.queue_qos0 && !session.clean;
    // What waited for the client goes first, QoS 0 among it.
    if (!session.connected() || (queues && session.queue.waiting() != 0)) {
        if (!queues) return;
        // Held QoS 0 would pause publishers for messages nobody promised; a full queue drops it.
        if (full(session, routed.size())) {
            context_.count_drop(DropReason::queue_full);
        } else {
            append(session, {.message = routed.block(), .qos = Qos::at_most_once},
                   Commits::When::with_this_batch);
        }
        return;
    }
    Outbox& outbox = session.attachment->link->outbox();
    const std::size_t limit = context_.settings().limits.outbound_buffer;
    if (limit != 0 && outbox.size() + routed.size() > limit) {
        context_.count_drop(DropReason::slow_reader);
        return;
    }
    if (session.owner == nullptr && !routed.wire.empty() &&
        routed.wire.size() < Outbox::kShareMin) {
        std::memcpy(outbox.reserve(routed.wire.size()), routed.wire.data(), routed.wire.size());
        session.attachment->link->flush_soon();
        context_.counters.messages_sent[0].add();
        return;
    }
    if (routed.payload.size() >= Outbox::kShareMin) (void)routed.block();
    send_publish(session, routed.topic, routed.payload, Qos::at_most_once, false, false, 0,
                 routed.message ? &routed.message : nullptr);
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
    const bool later = entry.placement != kNoPlacement;
    // A mark in the log is written with what it speaks of.
    const bool settles_soon = session.connected() && qos == Qos::at_least_once && routed.row == 0;
    append(session, std::move(entry),
           settles_soon ? Commits::When::later : Commits::When::with_this_batch);
    pump(session);
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

Placed Outbound::overflow(Session& session, Routed& routed, Qos qos, std::uint64_t group,
                          bool last_choice) {
    if (group != 0 && !last_choice) return Placed::full;
    // A publisher that waits for itself would wait for ever.
    if (routed.publisher == session.handle) {
        drop(session, DropReason::self_full);
        return Placed::done;
    }
    switch (context_.settings().session.overflow) {
        case Overflow::drop_newest: drop(session, DropReason::queue_full); return Placed::done;
        case Overflow::drop_oldest: {
            while (full(session, routed.size()) && drop_oldest(session)) {
            }
            if (full(session, routed.size())) {
                drop(session, DropReason::queue_full);
                return Placed::done;
            }
            return enqueue(session, routed, qos, group, last_choice);
        }
        case Overflow::hold: break;
    }
    if (!session.held) {
        session.held = std::make_unique<std::deque<HeldMessage>>();
        context_.holders.insert(session.handle.slot);
    }
    session.held->push_back({routed.block(), qos, group, defer(routed), routed.again});
    routed.held = true;
    if (routed.row != 0) {
        const SessionHandle& handle = session.handle;
        placements_.at(routed.placement)
            .unplaced_receivers.push_back({handle.slot, handle.generation, qos, group});
    }
    return Placed::later;
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

bool Outbound::sendable(const Session& session) const {
    if (!session.connected()) return false;
    if (session.queue.inflight() >= context_.settings().session.max_inflight) return false;
    const std::size_t limit = context_.settings().limits.outbound_buffer;
    Link& link = *session.attachment->link;
    if (limit == 0 || link.outbox().size() < limit) return true;
    link.notify_drained();
    return false;
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

// False when there is none to drop: a replay of retained messages, paced as it is, loses nothing.
bool Outbound::drop_oldest(Session& session) {
    std::size_t oldest = 0;
    while (oldest < session.queue.waiting() && session.queue.waiting_at(oldest).retain)
        ++oldest;
    if (oldest == session.queue.waiting()) return false;
    let_go(session, session.queue.erase_waiting(oldest));
    context_.counters.queued_messages.subtract();
    drop(session, DropReason::queue_full);
    return true;
}

// The entry left the queue: nothing of it is kept, and nobody waits for it.
void Outbound::let_go(Session& session, const QueueEntry& entry) {
    if (entry.stored) context_.store.delete_queued(session.incarnation, entry.sequence);
    placed(entry.placement);
}

void Outbound::drop(Session& session, DropReason reason) {
    context_.count_drop(reason);
    if (!session.drops) session.drops = std::make_unique<DropTally>();
    DropTally& tally = *session.drops;
    ++tally.count;
    if (context_.now.steady < tally.reported + std::chrono::seconds{1}) return;
    context_.commons.events.messages_dropped(session.client_id, reason, tally.count);
    tally = {context_.now.steady, 0};
}

void Outbound::pump(Session& session) {
    do {
        while (session.queue.waiting() != 0 && sendable(session) && ready_to_send(session))
            send_first_waiting(session);
    } while (admit_held(session));
    publish_load(context_, session);
}

// What was held takes its place in the queue as far as there is room, in order of arrival. True
// when something did.
bool Outbound::admit_held(Session& session) {
    bool admitted = false;
    while (session.held && !session.held->empty() &&
           !full(session, session.held->front().message->wire().size())) {
        HeldMessage held = std::move(session.held->front());
        session.held->pop_front();
        const bool keeps = context_.keeps(session);
        unmark_held(session, held);
        append(session,
               {.message = std::move(held.message),
                .group = held.group,
                .placement = keeps ? held.placement : kNoPlacement,
                .qos = held.qos,
                .sent_before = held.again && held.qos == Qos::at_least_once},
               Commits::When::with_this_batch);
        if (!keeps) placed(held.placement);
        admitted = true;
    }
    if (session.held && session.held->empty()) set_held(session, {});
    return admitted;
}

// The entry is written in the same batch as the mark that no longer excepts it.
void Outbound::unmark_held(const Session& session, const HeldMessage& held) {
    if (!context_.durable || held.placement == kNoPlacement) return;
    Placements::Placement& placement = placements_.at(held.placement);
    if (placement.row == 0) return;
    const auto found = std::find_if(
        placement.unplaced_receivers.begin(), placement.unplaced_receivers.end(),
        [&](const Receiver& receiver) {
            return receiver.slot == session.handle.slot && receiver.group == held.group;
        });
    if (found == placement.unplaced_receivers.end()) return;
    placement.unplaced_receivers.erase(found);
    context_.store.put_arrived(placement.row, context_.index, placement.unplaced_receivers);
    // The row goes with its marks once we have answered, so no mark may come after that.
    placements_.add(held.placement);
    commits_.after([this, index = held.placement] { placed(index); });
}

void Outbound::set_held(Session& session, std::deque<HeldMessage> held) {
    if (!held.empty()) {
        *session.held = std::move(held);
        return;
    }
    session.held.reset();
    context_.holders.erase(session.handle.slot);
}

// What a restart must not send a second time has a commit before it is sent: QoS 2 that of its
// packet id, QoS 0 that of its end in the store. One commit serves all that the window may take.
bool Outbound::ready_to_send(Session& session) {
    DeliveryQueue& queue = session.queue;
    if (!context_.keeps(session)) {
        return queue.waiting_at(0).preparation != Preparation::committing;
    }
    if (is_ready(queue.waiting_at(0))) return true;
    Sequence last = 0;
    const std::size_t ahead =
        std::min(queue.waiting(), context_.settings().session.max_inflight - queue.inflight());
    for (std::size_t i = 0; i < ahead; ++i) {
        QueueEntry& entry = queue.waiting_at(i);
        // What a restart finds before a packet id was sent, so QoS 0 must not stand there.
        if (entry.qos == Qos::at_most_once && !entry.stored) break;
        if (entry.preparation != Preparation::none || is_ready(entry)) continue;
        prepare(session, entry);
        last = entry.sequence;
    }
    if (last != 0) {
        commits_.after([this, handle = session.handle, last] { on_prepared(handle, last); });
    }
    return false;
}

bool Outbound::is_ready(const QueueEntry& entry) {
    const bool needs_commit =
        entry.qos == Qos::exactly_once || (entry.qos == Qos::at_most_once && entry.stored);
    return !needs_commit || entry.preparation == Preparation::committed;
}

void Outbound::prepare(Session& session, QueueEntry& entry) {
    entry.preparation = Preparation::committing;
    if (entry.qos == Qos::at_most_once) {
        context_.store.delete_queued(session.incarnation, entry.sequence);
        return;
    }
    entry.packet_id = session.queue.next_packet_id();
    entry.stored = true;
    context_.store.put_queued(session.incarnation, record_of(entry));
}

void Outbound::on_prepared(const SessionHandle& handle, Sequence last) {
    Session* session = context_.sessions.find(handle);
    if (session == nullptr) return;
    DeliveryQueue& queue = session->queue;
    for (std::size_t i = 0; i < queue.waiting() && queue.waiting_at(i).sequence <= last; ++i) {
        QueueEntry& entry = queue.waiting_at(i);
        if (entry.preparation != Preparation::committing) continue;
        entry.preparation = Preparation::committed;
        placed(std::exchange(entry.placement, kNoPlacement));
    }
    pump(*session);
    // QoS 0 gets no acknowledgement that would let a replay go on.
    if (session->replays) context_.replaying.insert(handle.slot);
}

void Outbound::send_first_waiting(Session& session) {
    context_.counters.queued_messages.subtract();
    if (session.queue.waiting_at(0).qos == Qos::at_most_once) {
        const QueueEntry entry = session.queue.erase_waiting(0);
        send_entry(session, entry, false);
        let_go(session, entry);
        return;
    }
    QueueEntry& entry = session.queue.take_into_window();
    if (entry.packet_id == 0) entry.packet_id = session.queue.next_packet_id();
    entry.state = sent_state(entry.qos);
    context_.counters.inflight_messages.add();
    send_entry(session, entry, entry.sent_before);
    if (!may_send_again(session, entry.group, context_.settings().session)) entry.message.reset();
}

void Outbound::send_entry(Session& session, const QueueEntry& entry, bool dup) {
    send_publish(session, entry.message->topic(), entry.message->payload(), entry.qos, entry.retain,
                 dup, entry.packet_id, &entry.message);
}

void Outbound::send_publish(Session& session, std::string_view topic, mqtt::Bytes payload, Qos qos,
                            bool retain, bool dup, mqtt::PacketId packet_id,
                            const MessagePtr* message) {
    topic.remove_prefix(session.mount_point().size());
    Link& link = *session.attachment->link;
    Outbox& outbox = link.outbox();
    const std::size_t header = mqtt::publish_header_size(topic.size(), payload.size(), qos);
    const bool together = header + payload.size() <= Outbox::kShareMin;
    const auto write_header = [&](std::byte* out) {
        return mqtt::write_publish_header(out, topic, payload.size(), qos, retain, dup, packet_id);
    };
    if (together) {
        mqtt::write_bytes(write_header(outbox.reserve(header + payload.size())), payload.data(),
                          payload.size());
    } else {
        if (header <= Outbox::kReserveMax) {
            write_header(outbox.reserve(header));
        } else {
            std::vector<std::byte> long_header(header);
            write_header(long_header.data());
            outbox.append(long_header);
        }
        if (message != nullptr && payload.size() >= Outbox::kShareMin) {
            outbox.append(*message, payload);
        } else {
            outbox.append(payload);
        }
    }
    link.flush_soon();
    context_.counters.messages_sent[static_cast<std::size_t>(qos)].add();
}

void Outbound::resend(Session& session, bool committed) {
    for (std::size_t i = 0; i < session.queue.sent(); ++i) {
        QueueEntry& entry = session.queue.sent_at(i);
        if (entry.state == DeliveryState::done) continue;
        if (entry.state == DeliveryState::await_pubcomp && committed) {
            send_ack(session, {mqtt::PacketType::pubrel, entry.packet_id});
        } else if (entry.state == DeliveryState::await_pubcomp) {
            send_pubrel(session, entry.packet_id);
        } else {
            send_entry(session, entry, true);  // [MQTT-3.3.1-1]
        }
    }
}

void Outbound::on_ack(Session& session, mqtt::Ack ack) {
    struct Step {
        DeliveryState state;
        mqtt::PacketType answer;
        DeliveryState next;
    };
    static constexpr Step kSteps[] = {
        {DeliveryState::await_puback, mqtt::PacketType::puback, DeliveryState::done},
        {DeliveryState::await_pubrec, mqtt::PacketType::pubrec, DeliveryState::await_pubcomp},
        {DeliveryState::await_pubcomp, mqtt::PacketType::pubrec, DeliveryState::await_pubcomp},
        {DeliveryState::await_pubcomp, mqtt::PacketType::pubcomp, DeliveryState::done},
    };
    QueueEntry* entry = session.queue.find(ack.packet_id);
    if (entry == nullptr) {
        if (ack.type == mqtt::PacketType::pubrec) {
            send_ack(session, {mqtt::PacketType::pubrel, ack.packet_id});
        }
        return;
    }
    const auto* step = std::find_if(std::begin(kSteps), std::end(kSteps), [&](const Step& s) {
        return s.state == entry->state && s.answer == ack.type;
    });
    if (step == std::end(kSteps)) return;
    if (step->next == DeliveryState::done) {
        finish(session, *entry);
        pump(session);
    } else {
        on_pubrec(session, *entry);
    }
}

void Outbound::on_pubrec(Session& session, QueueEntry& entry) {
    // The client has the message; from here on only its id is needed.
    entry.state = DeliveryState::await_pubcomp;
    placed(std::exchange(entry.placement, kNoPlacement));
    if (!context_.keeps(session)) {
        entry.message.reset();
    } else {
        context_.store.put_queued(session.incarnation, record_of(entry));
    }
    send_pubrel(session, entry.packet_id);
}

// Once the store knows that PUBREC came: who has a PUBREL knows the message no more.
void Outbound::send_pubrel(Session& session, mqtt::PacketId packet_id) {
    commits_.after(session, [this, packet_id,
                             connection = ConnectionHandle{session.handle, session.attachments}] {
        Session* found = context_.sessions.find(connection.session);
        if (found == nullptr || !found->connected()) return;
        if (found->attachment->number != connection.attachment) return;
        send_ack(*found, {mqtt::PacketType::pubrel, packet_id});
    });
}

void Outbound::finish(Session& session, QueueEntry& entry) {
    if (entry.qos == Qos::at_least_once && context_.keeps(session)) commits_.settled(entry);
    let_go(session, entry);
    session.queue.finish(entry);
    context_.counters.inflight_messages.subtract();
}

void Outbound::send_ack(Session& session, mqtt::Ack ack) {
    const mqtt::FourBytes packet = mqtt::encode_ack(ack);
    Link& link = *session.attachment->link;
    std::memcpy(link.outbox().reserve(packet.size()), packet.data(), packet.size());
    link.flush_soon();
    context_.count_sent(ack.type);
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

void Outbound::cancel(const PublicationId& publication) {
    std::vector<PlacementIndex> cancelled;
    for (const std::uint32_t slot : std::set(context_.holders)) {
        Session& session = *context_.sessions.at(slot);
        std::deque<HeldMessage> kept;
        for (HeldMessage& held : *session.held) {
            if (held.placement != kNoPlacement &&
                placements_.at(held.placement).publication == publication) {
                cancelled.push_back(held.placement);
            } else {
                kept.push_back(std::move(held));
            }
        }
        set_held(session, std::move(kept));
    }
    for (const PlacementIndex index : cancelled) {
        context_.count_drop(DropReason::hold_cancelled);
        placed(index);
    }
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
    for (const auto& [group, member] : session.memberships) {
        member->load.store(load, std::memory_order_relaxed);
        member->full.store(full, std::memory_order_relaxed);
    }
}

}  // namespace godwit::core
