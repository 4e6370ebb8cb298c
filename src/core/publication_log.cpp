// Publications: the publication log, for what must reach everybody exactly once although the
// process may die in between: QoS 2, wills, and messages handed over in a group.
//
// The publishing shard commits one row that names the message and all its receivers, together with
// what it replaces (the incoming id, the will, the entry it came from). Before that nothing has
// left the shard; afterwards nothing is cancelled. Each shard with receivers then writes their
// entries and its mark in one batch and answers. When all have answered, the row goes, its marks
// with it. What a row lists without a mark is still to be placed after a crash.
#include <algorithm>
#include <utility>

#include "publications.hpp"

namespace godwit::core {

using mqtt::Qos;

std::unique_ptr<LoggedPublication> Publications::targets_to_log(Routed& routed, Qos qos,
                                                                bool retain) {
    return_credit();  // Nothing leaves before the commit.
    auto logged = std::make_unique<LoggedPublication>();
    logged->message = routed.block();
    logged->qos = qos;
    logged->retain = retain;
    if (!locals_.empty()) {
        auto& own = logged->receivers.emplace_back();
        own.shard = context_.index;
        for (const LocalTarget& target : locals_)
            own.receivers.push_back(as_receiver(target));
    }
    for (const ShardIndex shard : remote_shards_) {
        logged->receivers.push_back({shard, std::move(remote_[shard].receivers)});
    }
    return logged;
}

void Publications::publish_logged(Session& publisher, Routed& routed, Record record, bool retain) {
    record.tried = chosen_;
    record.logged = targets_to_log(routed, Qos::exactly_once, retain);
    record.ack_number = owe(publisher, {mqtt::PacketType::pubrec, record.packet_id}, false);
    set_pending(publisher, record, true);
    await(publisher, record, routed.size());
    // PUBREC promises that the id is known from now on.
    context_.store.put_incoming(publisher.incarnation, record.packet_id);
    pause(publisher, Pause::qos2_commit);
    log(std::move(record), routed.publication.number);
}

void Publications::log(Record record, std::uint64_t number) {
    record.row = context_.store.next_number();
    record.message = record.logged->message;
    record.published_qos = record.logged->qos;
    record.outstanding = 1;  // the commit
    context_.store.put_arriving(record.row, *record.logged);
    records_.put(number, std::move(record));
    commits_.after([this, number] { on_logged(number); });
}

void Publications::place_again(LogRow row, LoggedPublication due) {
    context_.store.delete_arriving(row);
    if (due.receivers.empty() && !due.retain) return;
    Record record{.again = true};
    record.logged = std::make_unique<LoggedPublication>(std::move(due));
    log(std::move(record), records_.open());
}

// The row is committed: the message leaves.
void Publications::on_logged(std::uint64_t number) {
    Record& record = *records_.find(number);
    const LoggedPublication& logged = *record.logged;
    Routed routed{.topic = record.message->topic(),
                  .payload = record.message->payload(),
                  .wire = record.message->wire(),
                  .message = record.message,
                  .publication = {context_.index, number},
                  .row = record.row,
                  .again = record.again,
                  .publisher = record.publisher};
    const DeliveryTimes::Source source(context_.delivery_times, record.read_at);
    std::vector<std::uint64_t> gone;
    begin_targets();
    for (const auto& [shard, receivers] : logged.receivers) {
        for (const Receiver& receiver : receivers) {
            if (shard != context_.index) {
                add_remote(shard, receiver);
            } else if (!add_target(receiver)) {
                gone.push_back(receiver.group);
            }
        }
    }
    // What is committed is not held back by a full inbox; credit is taken where there is some.
    (void)take_credit(routed.size(), Qos::exactly_once);
    if (logged.retain) record.outstanding += set_retained(routed, logged.qos);
    record.outstanding += mail_remotes(routed, record);
    record.outstanding += place_locals(routed, record);
    for (const std::uint64_t group : gone) {
        record.outstanding += retry(record, routed.publication, group);
    }
    hold(record);
    acknowledge_logged(record);
    on_answer({number, {}});
}

// The row carries the promise, so PUBREC need not wait for the answers; unless full queues are to
// slow the publisher down, or a retained value is yet to be stored: after a crash a row without its
// mark sets that value again, and so must not come after one that was acknowledged later.
void Publications::acknowledge_logged(Record& record) {
    Session* publisher = context_.sessions.find(record.publisher);
    if (publisher == nullptr) return;
    if (context_.settings().session.overflow != Overflow::hold && !record.logged->retain) {
        record.acknowledged = true;
        complete_qos2(*publisher, record.packet_id);
    }
    if (publisher->attachment && publisher->attachment->number == record.attachment) {
        lift(*publisher, Pause::qos2_commit);
    }
}

// This shard's receivers are placed, but for those missed and those held; the mark goes into the
// batch of their entries, and the answer waits for it.
void Publications::mark_arrived(Routed& routed, std::vector<Receiver> missed) {
    outbound_.open_placement(routed);
    auto& unplaced = placements_.at(routed.placement).unplaced_receivers;
    unplaced.insert(unplaced.end(), missed.begin(), missed.end());
    context_.store.put_arrived(routed.row, context_.index, unplaced);
    placements_.add(routed.placement);
    commits_.after([this, placement = routed.placement] { outbound_.placed(placement); });
}

// One member of a group is to get the record's message, by a row of its own.
void Publications::log_member(const Record& record, std::uint64_t group,
                              const Groups::Choice& choice, Qos qos) {
    const SessionHandle& handle = choice.member->session;
    Record own{.tried = record.tried};
    own.logged = std::make_unique<LoggedPublication>();
    own.logged->message = record.message;
    own.logged->qos = qos;
    own.logged->receivers.push_back(
        {handle.shard, {{handle.slot, handle.generation, qos, group, choice.last_choice}}});
    log(std::move(own), records_.open());
}

// The member that the row names could not take it: in one batch it leaves this row and another
// member enters one of its own.
void Publications::relog(Record& record, std::uint64_t group, const Groups::Choice& choice,
                         Qos qos) {
    for (auto& [shard, receivers] : record.logged->receivers) {
        std::erase_if(receivers, [&](const Receiver& receiver) { return receiver.group == group; });
    }
    context_.store.put_arriving(record.row, *record.logged);
    log_member(record, group, choice, qos);
}

}  // namespace godwit::core
