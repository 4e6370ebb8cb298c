// Publications: who gets a message, and handing it to them.
#include <algorithm>
#include <utility>

#include "publications.hpp"

namespace godwit::core {

using mqtt::Qos;

namespace {

constexpr std::size_t kMailOverhead =
    64;  // bytes of an inbox that an item takes beside its message

}  // namespace

// --- Who gets it -------------------------------------------------------------------------------

void Publications::collect_for(std::string_view topic, std::string_view publisher, Qos qos) {
    std::vector<const FilterNode*> nodes;
    context_.commons.router.match(topic, nodes);
    collect(nodes, {topic, publisher, qos});
}

void Publications::begin_targets() {
    ++epoch_;
    locals_.clear();
    chosen_.clear();
    any_kept_ = false;
    for (const ShardIndex shard : remote_shards_)
        remote_[shard] = {};
    remote_shards_.clear();
}

void Publications::collect(const std::vector<const FilterNode*>& nodes,
                           const Groups::Subject& subject) {
    begin_targets();
    for (const FilterNode* node : nodes) {
        node->subscribers().for_each([&](const Subscriber& subscriber) {
            const SessionHandle& handle = subscriber.session;
            const Qos qos = std::min(subscriber.qos, subject.qos);
            any_kept_ = any_kept_ || subscriber.kept;
            if (handle.shard != context_.index) {
                add_remote(handle.shard, {handle.slot, handle.generation, qos});
            } else if (Session* session = context_.sessions.find(handle)) {
                add_local(*session, qos);
            }
        });
        for (const SharedGroup* group : node->groups())
            add_member(*group, subject);
    }
}

// A receiver that another shard, or the publication log, names. False when it was a group's choice
// and is gone.
bool Publications::add_target(const Receiver& receiver) {
    Session* session = context_.sessions.find(receiver.slot, receiver.generation);
    if (session == nullptr) return receiver.group == 0;
    if (receiver.group == 0) {
        add_local(*session, receiver.qos);
    } else {
        locals_.push_back({session, receiver.qos, receiver.group, receiver.last_choice});
    }
    return true;
}

Receiver Publications::as_receiver(const LocalTarget& target) {
    const SessionHandle& handle = target.session->handle;
    return {handle.slot, handle.generation, target.qos, target.group, target.last_choice};
}

// One copy a client at the highest QoS of its matching filters [MQTT-3.3.5-1].
void Publications::add_local(Session& session, Qos qos) {
    if (session.mark_epoch == epoch_) {
        Qos& highest = locals_[session.mark_index].qos;
        highest = std::max(highest, qos);
        return;
    }
    session.mark_epoch = epoch_;
    session.mark_index = static_cast<std::uint32_t>(locals_.size());
    locals_.push_back({&session, qos, 0, false});
}

void Publications::add_remote(ShardIndex shard, const Receiver& receiver) {
    if (remote_[shard].receivers.empty()) remote_shards_.push_back(shard);
    remote_[shard].receivers.push_back(receiver);
}

void Publications::add_member(const SharedGroup& group, const Groups::Subject& subject) {
    const auto choice = groups_.choose(group, subject, {});
    if (!choice) {
        context_.count_drop(DropReason::no_member);
        return;
    }
    const SessionHandle& handle = choice->member->session;
    const Qos qos = std::min(choice->member->qos.load(std::memory_order_relaxed), subject.qos);
    chosen_.push_back(handle);
    // Any member may be the next that is tried.
    any_kept_ = true;
    if (handle.shard != context_.index) {
        add_remote(handle.shard,
                   {handle.slot, handle.generation, qos, group.id(), choice->last_choice});
    } else if (Session* session = context_.sessions.find(handle)) {
        locals_.push_back({session, qos, group.id(), choice->last_choice});
    }
}

bool Publications::take_credit(std::size_t bytes, Qos qos) {
    std::vector<ShardIndex> kept;
    for (const ShardIndex shard : remote_shards_) {
        Remote& remote = remote_[shard];
        const std::size_t credit =
            bytes + kMailOverhead + remote.receivers.size() * sizeof(Receiver);
        if (mail_.take_credit(shard, credit)) {
            remote.credit = credit;
            kept.push_back(shard);
            continue;
        }
        if (qos != Qos::at_most_once) {
            return_credit();
            return false;
        }
        context_.count_drop(DropReason::no_credit, remote.receivers.size());
        remote = {};
    }
    remote_shards_ = std::move(kept);
    return true;
}

void Publications::return_credit() {
    for (const ShardIndex shard : remote_shards_) {
        if (remote_[shard].credit != 0) mail_.return_credit(shard, remote_[shard].credit);
        remote_[shard].credit = 0;
    }
}

// --- Handing it out ----------------------------------------------------------------------------

// One copy may take the place of another of the same message, which is answered for at once.
void Publications::begin_answers(std::uint64_t publication) {
    distributing_ = publication;
    early_answers_ = 0;
}

std::uint32_t Publications::end_answers() {
    distributing_ = 0;
    return early_answers_;
}

std::uint32_t Publications::distribute(Routed& routed, Record& record) {
    if (!chosen_.empty() && routed.publication.number != 0) {
        record.tried = chosen_;
        record.message = routed.block();
    }
    begin_answers(routed.publication.number);
    std::uint32_t outstanding = remote_shards_.empty() ? 0 : mail_remotes(routed, record);
    outstanding += place_locals(routed, record);
    return outstanding - end_answers();
}

std::uint32_t Publications::place_locals(Routed& routed, Record& record) {
    std::vector<Receiver> missed;
    for (const LocalTarget& target : locals_) {
        const Placed placed =
            outbound_.place(*target.session, routed, target.qos, target.group, target.last_choice);
        if (placed == Placed::gone || placed == Placed::full) missed.push_back(as_receiver(target));
    }
    if (routed.row != 0 && !locals_.empty()) mark_arrived(routed, missed);
    std::uint32_t outstanding = settle_guard(routed, record);
    for (const Receiver& receiver : missed) {
        outstanding += retry(record, routed.publication, receiver.group);
    }
    return outstanding;
}

// All local receivers were seen: is one of them still to be placed?
std::uint32_t Publications::settle_guard(Routed& routed, Record& record) {
    if (routed.placement == kNoPlacement) return 0;
    if (placements_.placed(routed.placement)) {
        (void)placements_.close(routed.placement);
        return 0;
    }
    record.waits_for_room = record.waits_for_room || routed.held;
    return 1;
}

std::uint32_t Publications::mail_remotes(Routed& routed, Record& record) {
    std::uint32_t outstanding = 0;
    for (const ShardIndex shard : remote_shards_) {
        Remote& remote = remote_[shard];
        Delivery delivery{.message = routed.block(),
                          .row = routed.row,
                          .again = routed.again,
                          .publisher = routed.publisher,
                          .read_at = context_.delivery_times.read_at(),
                          .receivers = std::move(remote.receivers)};
        const bool answered =
            std::any_of(delivery.receivers.begin(), delivery.receivers.end(),
                        [](const Receiver& receiver) { return receiver.qos != Qos::at_most_once; });
        if (answered) {
            delivery.publication = routed.publication;
            record.shards.push_back(shard);
            ++outstanding;
        }
        mail_.post(shard, std::move(delivery), remote.credit);
        remote = {};
    }
    remote_shards_.clear();
    return outstanding;
}

// A member could not take its message: every other one is tried once, then the overflow policy of
// one of them decides.
std::uint32_t Publications::retry(Record& record, const PublicationId& id, std::uint64_t group) {
    for (;;) {
        const auto choice = choose_again(record, group);
        if (!choice) {
            context_.count_drop(DropReason::no_member);
            return 0;
        }
        record.tried.push_back(choice->member->session);
        const Qos qos =
            std::min(record.published_qos, choice->member->qos.load(std::memory_order_relaxed));
        if (record.row != 0) {
            relog(record, group, *choice, qos);
            return 0;
        }
        bool missed = false;
        const std::uint32_t outstanding = send_to_member(record, id, *choice, group, qos, missed);
        if (!missed) return outstanding;
        if (choice->last_choice) {
            context_.count_drop(DropReason::no_member);
            return 0;
        }
    }
}

// The group as it is now: it may have changed, or gone, since the message was first routed.
std::optional<Groups::Choice> Publications::choose_again(const Record& record,
                                                         std::uint64_t group_id) {
    std::vector<const FilterNode*> nodes;
    context_.commons.router.match(record.message->topic(), nodes);
    const Groups::Subject subject{record.message->topic(), {}, record.published_qos};
    for (const FilterNode* node : nodes) {
        for (const SharedGroup* group : node->groups()) {
            if (group->id() != group_id) continue;
            if (auto choice = groups_.choose(*group, subject, record.tried)) return choice;
            auto choice = groups_.choose(*group, subject, {});
            if (choice) choice->last_choice = true;
            return choice;
        }
    }
    return std::nullopt;
}

std::uint32_t Publications::send_to_member(Record& record, const PublicationId& id,
                                           const Groups::Choice& choice, std::uint64_t group,
                                           Qos qos, bool& missed) {
    const SessionHandle& handle = choice.member->session;
    if (handle.shard != context_.index) {
        mail_.post(handle.shard, Delivery{.message = record.message,
                                          .publication = id,
                                          .publisher = record.publisher,
                                          .read_at = record.read_at,
                                          .receivers = {{handle.slot, handle.generation, qos, group,
                                                         choice.last_choice}}});
        record.shards.push_back(handle.shard);
        return 1;
    }
    Session* session = context_.sessions.find(handle);
    if (session == nullptr) {
        missed = true;
        return 0;
    }
    Routed routed{.topic = record.message->topic(),
                  .payload = record.message->payload(),
                  .message = record.message,
                  .publication = id,
                  .publisher = record.publisher};
    const DeliveryTimes::Source source(context_.delivery_times, record.read_at);
    const Placed placed = outbound_.place(*session, routed, qos, group, choice.last_choice);
    missed = placed == Placed::gone || placed == Placed::full;
    return settle_guard(routed, record);
}

bool Publications::hand_over(const SharedGroup& group, const Session& from, QueueEntry& entry,
                             bool connected_only) {
    const Groups::Subject subject{entry.message->topic(), {}, entry.qos};
    const SessionHandle tried[] = {from.handle};
    const auto choice = connected_only ? groups_.choose_connected(group, subject, tried)
                                       : groups_.choose(group, subject, tried);
    if (!choice) return false;
    const Qos qos = std::min(entry.qos, choice->member->qos.load(std::memory_order_relaxed));
    Record record{.published_qos = entry.qos,
                  .message = entry.message,
                  .tried = {from.handle, choice->member->session}};
    if (entry.stored) context_.store.delete_queued(from.incarnation, entry.sequence);
    if (context_.durable) {
        log_member(record, group.id(), *choice, qos);
    } else {
        const PublicationId id{context_.index, records_.open()};
        bool missed = false;
        begin_answers(id.number);
        record.outstanding += send_to_member(record, id, *choice, group.id(), qos, missed);
        if (missed) record.outstanding += retry(record, id, group.id());
        record.outstanding -= end_answers();
        keep(id.number, std::move(record));
    }
    commits_.after([this, placement = std::exchange(entry.placement, kNoPlacement)] {
        outbound_.placed(placement);
    });
    return true;
}

}  // namespace godwit::core
