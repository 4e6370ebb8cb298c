#include "publications.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace godwit::core {

using mqtt::Qos;

namespace {

mqtt::PacketType ack_of(Qos qos) {
    return qos == Qos::at_least_once ? mqtt::PacketType::puback : mqtt::PacketType::pubrec;
}

}  // namespace

bool Publications::publish(Session& publisher, std::string_view topic,
                           const std::vector<const FilterNode*>& nodes, const mqtt::Publish& packet,
                           bool retain, mqtt::Bytes wire) {
    // A clean session, and with it the id, ends with the process: nothing of it is to be resumed.
    const bool logged = packet.qos == Qos::exactly_once && context_.keeps(publisher);
    const bool sets_retained = retain && !logged;
    if (sets_retained && waits_for_store(publisher, packet.qos, retain)) return false;
    Routed routed{.topic = topic, .payload = packet.payload, .wire = wire};
    Record record{.publisher = publisher.handle,
                  .qos = packet.qos,
                  .published_qos = packet.qos,
                  .packet_id = packet.packet_id};
    if (packet.qos != Qos::at_most_once) {
        record.read_at = context_.delivery_times.read_at();
        routed.publication = {context_.index, records_.open()};
        routed.publisher = publisher.handle;
    }
    // Before the receivers are found: who subscribes meanwhile is replayed the value or is one of
    // them. At another try it is set again.
    if (sets_retained) {
        record.outstanding += set_retained(routed, packet.qos);
        collect_for(topic, publisher.client_id, packet.qos);
    } else {
        collect(nodes, {topic, publisher.client_id, packet.qos});
    }
    if (waits_for_store(publisher, packet.qos, retain) ||
        waits_for_credit(publisher, routed.size(), packet.qos)) {
        if (routed.publication.number != 0) records_.close(routed.publication.number);
        return false;
    }
    if (logged) {
        publish_logged(publisher, routed, std::move(record), retain);
        return true;
    }
    record.outstanding += distribute(routed, record);
    if (packet.qos == Qos::at_most_once) return true;

    const bool done = record.outstanding == 0;
    record.ack_number = owe(publisher, {ack_of(packet.qos), packet.packet_id}, done);
    if (packet.qos == Qos::exactly_once) set_pending(publisher, record, !done);
    if (done) {
        records_.close(routed.publication.number);
        return true;
    }
    await(publisher, record, routed.size());
    hold(record);
    records_.put(routed.publication.number, std::move(record));
    return true;
}

bool Publications::waits_for_store(Session& publisher, Qos qos, bool retain) {
    if (!context_.failing || !needs_store(publisher, qos, retain)) return false;
    pause(publisher, Pause::store);
    without_store_.push_back(publisher.handle);
    return true;
}

bool Publications::waits_for_credit(Session& publisher, std::size_t bytes, Qos qos) {
    if (remote_shards_.empty() || take_credit(bytes, qos)) return false;
    pause(publisher, Pause::credit);
    without_credit_.push_back(publisher.handle);
    return true;
}

// What is promised to be kept; QoS 0 never is.
bool Publications::needs_store(const Session& publisher, Qos qos, bool retain) const {
    if (!context_.durable || qos == Qos::at_most_once) return false;
    return retain || any_kept_ || (qos == Qos::exactly_once && context_.keeps(publisher));
}

void Publications::set_pending(Session& publisher, const Record& record, bool pending) {
    IncomingId& id = *publisher.find_incoming(record.packet_id);
    id.attachment = publisher.attachment->number;
    id.ack_number = record.ack_number;
    id.pending = pending;
}

// The publication is unanswered; a publisher with too many of them is paused.
void Publications::await(Session& publisher, Record& record, std::size_t bytes) {
    Attachment& attachment = *publisher.attachment;
    record.attachment = attachment.number;
    record.bytes = bytes;
    ++attachment.unanswered;
    attachment.unanswered_bytes += bytes;
    if (attachment.unanswered >= kUnansweredMax ||
        attachment.unanswered_bytes >= kUnansweredBytesMax) {
        pause(publisher, Pause::unanswered);
    }
}

// Until all answers are there, which may be now.
void Publications::keep(std::uint64_t number, Record record) {
    if (record.outstanding != 0) {
        records_.put(number, std::move(record));
    } else {
        records_.close(number);
    }
}

// --- What other shards send --------------------------------------------------------------------

void Publications::on_delivery(ShardIndex from, const Delivery& delivery) {
    const DeliveryTimes::Source source(context_.delivery_times, delivery.read_at);
    Routed routed{.topic = delivery.message->topic(),
                  .payload = delivery.message->payload(),
                  .wire = delivery.message->wire(),
                  .message = delivery.message,
                  .publication = delivery.publication,
                  .row = delivery.row,
                  .again = delivery.again,
                  .publisher = delivery.publisher};
    std::vector<Answer::Miss> misses;
    std::vector<Receiver> missed;
    begin_targets();
    for (const Receiver& receiver : delivery.receivers) {
        if (add_target(receiver)) continue;
        misses.push_back({receiver.group, GroupMiss::gone});
        missed.push_back(receiver);
    }
    for (const LocalTarget& target : locals_) {
        const Placed placed =
            outbound_.place(*target.session, routed, target.qos, target.group, target.last_choice);
        if (placed != Placed::gone && placed != Placed::full) continue;
        misses.push_back(
            {target.group, placed == Placed::gone ? GroupMiss::gone : GroupMiss::full});
        missed.push_back(as_receiver(target));
    }
    if (delivery.publication.number == 0) return;
    if (routed.row != 0) mark_arrived(routed, std::move(missed));
    if (routed.placement == kNoPlacement) {
        mail_.post(from, Answer{delivery.publication.number, std::move(misses)});
        return;
    }
    placements_.at(routed.placement).misses = std::move(misses);
    if (routed.held) mail_.post(from, HeldNotice{delivery.publication.number});
    outbound_.placed(routed.placement);
}

void Publications::on_placed(Placements::Placement placement) {
    Answer answer{placement.publication.number, std::move(placement.misses)};
    if (placement.publication.shard == context_.index) {
        on_answer(answer);
    } else {
        mail_.post(placement.publication.shard, std::move(answer));
    }
}

void Publications::on_answer(const Answer& answer) {
    Record* const found = records_.find(answer.publication);
    if (found == nullptr) {
        if (answer.publication == distributing_) ++early_answers_;
        return;
    }
    Record& record = *found;
    // This answer counts last: a copy that another member gets may take the place of one of the
    // same message, which is answered for at once.
    for (const Answer::Miss& miss : answer.misses) {
        record.outstanding += retry(record, {context_.index, answer.publication}, miss.group);
    }
    if (--record.outstanding != 0) return hold(record);
    const Record done = records_.close(answer.publication);
    if (done.row != 0) context_.store.delete_arriving(done.row);
    complete(done);
}

void Publications::on_held(std::uint64_t publication) {
    Record* const record = records_.find(publication);
    if (record == nullptr) return;
    record->waits_for_room = true;
    hold(*record);
}

void Publications::on_cancel(const PublicationId& publication) {
    outbound_.cancel(publication);
}

// --- What the publisher is owed ----------------------------------------------------------------

std::uint64_t Publications::owe(Session& publisher, mqtt::Ack ack, bool due) {
    Attachment& attachment = *publisher.attachment;
    if (due && attachment.acks.empty()) {
        outbound_.send_ack(publisher, ack);
        return attachment.first_ack;
    }
    attachment.acks.push_back({ack.type, ack.packet_id, due});
    return attachment.first_ack + attachment.acks.size() - 1;
}

void Publications::settle(Session& publisher, std::uint32_t attachment, std::uint64_t ack_number) {
    if (!publisher.attachment || publisher.attachment->number != attachment) return;
    Attachment& current = *publisher.attachment;
    current.acks[ack_number - current.first_ack].due = true;
    while (!current.acks.empty() && current.acks.front().due) {
        const OwedAck ack = current.acks.pop_front();
        ++current.first_ack;
        outbound_.send_ack(publisher, {ack.type, ack.packet_id});
    }
}

void Publications::complete(const Record& record) {
    Session* publisher = context_.sessions.find(record.publisher);
    if (publisher == nullptr || record.qos == Qos::at_most_once) return;
    if (record.qos == Qos::exactly_once) {
        if (!record.acknowledged) complete_qos2(*publisher, record.packet_id);
    } else {
        settle(*publisher, record.attachment, record.ack_number);
    }
    if (!publisher->attachment || publisher->attachment->number != record.attachment) return;
    Attachment& attachment = *publisher->attachment;
    --attachment.unanswered;
    attachment.unanswered_bytes -= record.bytes;
    if (attachment.unanswered < kUnansweredMax / 2 &&
        attachment.unanswered_bytes < kUnansweredBytesMax / 2) {
        lift(*publisher, Pause::unanswered);
    }
    if (record.held) release_hold(attachment, *publisher);
}

void Publications::complete_qos2(Session& publisher, mqtt::PacketId packet_id) {
    IncomingId* id = publisher.find_incoming(packet_id);
    if (id == nullptr) return;
    id->pending = false;
    settle(publisher, id->attachment, id->ack_number);
    if (id->release_asked) release(publisher, packet_id);
}

void Publications::release(Session& publisher, mqtt::PacketId packet_id) {
    IncomingId* id = publisher.find_incoming(packet_id);
    if (id != nullptr && id->pending) {
        id->release_asked = true;
        return;
    }
    if (id != nullptr) {
        std::swap(*id, publisher.incoming.back());
        publisher.incoming.pop_back();
        if (publisher.incoming.empty()) publisher.incoming = {};
        if (context_.keeps(publisher)) {
            context_.store.delete_incoming(publisher.incarnation, packet_id);
        }
    }
    commits_.after(
        publisher,
        [this, packet_id, connection = ConnectionHandle{publisher.handle, publisher.attachments}] {
            Session* found = context_.sessions.find(connection.session);
            if (found == nullptr || !found->connected()) return;
            if (found->attachment->number != connection.attachment) return;
            outbound_.send_ack(*found, {mqtt::PacketType::pubcomp, packet_id});
        });
}

// Pauses the publisher of a message that waits for room.
void Publications::hold(Record& record) {
    if (!record.waits_for_room || record.held) return;
    Session* publisher = context_.sessions.find(record.publisher);
    if (publisher == nullptr || !publisher->attachment ||
        publisher->attachment->number != record.attachment) {
        return;
    }
    record.held = true;
    Attachment& attachment = *publisher->attachment;
    if (attachment.held++ != 0) return;
    attachment.hold_ends = context_.now.steady + kHoldMax;
    deadlines_.add({attachment.hold_ends, Deadline::Kind::end_hold, publisher->handle});
    pause(*publisher, Pause::held);
}

void Publications::release_hold(Attachment& attachment, Session& publisher) {
    if (--attachment.held != 0) return;
    deadlines_.remove({attachment.hold_ends, Deadline::Kind::end_hold, publisher.handle});
    lift(publisher, Pause::held);
}

void Publications::abandon(Session& publisher) {
    const Attachment& attachment = *publisher.attachment;
    if (attachment.held != 0) {
        deadlines_.remove({attachment.hold_ends, Deadline::Kind::end_hold, publisher.handle});
    }
    if (attachment.unanswered == 0) return;
    std::vector<PublicationId> cancelled;
    records_.for_each([&](std::uint64_t number, Record& record) {
        if (record.publisher != publisher.handle || record.attachment != attachment.number ||
            record.qos != Qos::at_least_once) {
            return;
        }
        record.qos = Qos::at_most_once;  // Nobody is there to be told.
        const PublicationId id{context_.index, number};
        for (const ShardIndex shard : record.shards)
            mail_.post(shard, Cancel{id});
        if (record.waits_for_room) cancelled.push_back(id);
    });
    for (const PublicationId& id : cancelled)
        outbound_.cancel(id);
}

void Publications::pause(Session& session, Pause pause) {
    session.attachment->pauses |= static_cast<std::uint16_t>(pause);
}

void Publications::lift(Session& session, Pause pause) {
    Attachment& attachment = *session.attachment;
    const auto bit = static_cast<std::uint16_t>(pause);
    if ((attachment.pauses & bit) == 0) return;
    attachment.pauses = static_cast<std::uint16_t>(attachment.pauses & ~bit);
    if (!attachment.paused()) resumable_.push_back(session.handle);
}

void Publications::lift_all(std::vector<SessionHandle>& paused, Pause pause) {
    for (const SessionHandle& handle : std::exchange(paused, {})) {
        Session* session = context_.sessions.find(handle);
        if (session != nullptr && session->attachment) lift(*session, pause);
    }
}

void Publications::on_credit() {
    lift_all(without_credit_, Pause::credit);
}

void Publications::on_store_works() {
    lift_all(without_store_, Pause::store);
}

}  // namespace godwit::core
