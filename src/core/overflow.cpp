// Full queues: what takes no place in one is dropped, drops another, or is held until there is
// room.
#include <algorithm>
#include <set>
#include <utility>

#include "outbound.hpp"

namespace godwit::core {

using mqtt::Qos;

namespace {

// Empty where the message is left in the store.
std::string_view topic_of(const QueueEntry& entry) {
    return entry.message ? entry.message->topic() : std::string_view();
}

}  // namespace

Placed Outbound::overflow(Session& session, Routed& routed, Qos qos, std::uint64_t group,
                          bool last_choice) {
    if (group != 0 && !last_choice) return Placed::full;
    // A publisher that waits for itself would wait for ever.
    if (routed.publisher == session.handle) {
        drop(session, DropReason::self_full, routed.topic, qos);
        return Placed::done;
    }
    switch (context_.settings().session.overflow) {
        case Overflow::drop_newest:
            drop(session, DropReason::queue_full, routed.topic, qos);
            return Placed::done;
        case Overflow::drop_oldest: {
            while (full(session, routed.size()) && drop_oldest(session)) {
            }
            if (full(session, routed.size())) {
                drop(session, DropReason::queue_full, routed.topic, qos);
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

// False when there is none to drop: a replay of retained messages, paced as it is, loses nothing.
bool Outbound::drop_oldest(Session& session) {
    std::size_t oldest = 0;
    while (oldest < session.queue.waiting() && session.queue.waiting_at(oldest).retain)
        ++oldest;
    if (oldest == session.queue.waiting()) return false;
    const QueueEntry entry = session.queue.erase_waiting(oldest);
    let_go(session, entry);
    context_.counters.queued_messages.subtract();
    drop(session, DropReason::queue_full, topic_of(entry), entry.qos);
    return true;
}

void Outbound::drop(Session& session, DropReason reason, std::string_view topic, Qos qos) {
    context_.drop(session, reason, topic.empty() ? topic : session.plain(topic), qos);
    DropTally& tally = *session.drops;
    ++tally.count;
    if (context_.now.steady < tally.reported + std::chrono::seconds{1}) return;
    context_.commons.events.messages_dropped(session.client_id, reason, tally.count);
    tally.reported = context_.now.steady;
    tally.count = 0;
}

// What was held takes its place in the queue as far as there is room, in order of arrival. True
// when something did.
bool Outbound::admit_held(Session& session) {
    bool admitted = false;
    while (session.held && !session.held->empty() &&
           !full(session, session.held->front().message->size())) {
        HeldMessage held = std::move(session.held->front());
        session.held->pop_front();
        const bool keeps = context_.keeps(session);
        unmark_held(session, held);
        count_delivery(session, held.group);
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

void Outbound::cancel(const PublicationId& publication) {
    std::vector<PlacementIndex> cancelled;
    for (const std::uint32_t slot : std::set(context_.holders)) {
        Session& session = *context_.sessions.at(slot);
        std::deque<HeldMessage> kept;
        for (HeldMessage& held : *session.held) {
            if (held.placement != kNoPlacement &&
                placements_.at(held.placement).publication == publication) {
                cancelled.push_back(held.placement);
                context_.drop(session, DropReason::hold_cancelled,
                              session.plain(held.message->topic()), held.qos);
            } else {
                kept.push_back(std::move(held));
            }
        }
        set_held(session, std::move(kept));
    }
    for (const PlacementIndex index : cancelled)
        placed(index);
}

}  // namespace godwit::core
