// The in-flight window: from a message that waits to the client's acknowledgement. [MQTT-4.3]
#include <algorithm>
#include <utility>

#include "godwit/mqtt/encoder.hpp"
#include "outbound.hpp"

namespace godwit::core {

using mqtt::Qos;

void Outbound::pump(Session& session) {
    do {
        while (session.queue.waiting() != 0 && sendable(session) && ready_to_send(session))
            send_first_waiting(session);
    } while (admit_held(session));
    read_ahead(session);
    publish_load(context_, session);
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

void Outbound::read_ahead(Session& session) {
    if (!session.connected()) return;
    const std::size_t window = context_.store.queue_window();
    const std::optional<Sequence> from = session.queue.begin_read(window);
    if (!from) return;
    context_.store.read_queue(session.handle, session.incarnation, *from, window);
}

void Outbound::on_queue_read(QueueRead read) {
    Session* session = context_.sessions.find(read.session);
    if (session == nullptr || session->incarnation != read.incarnation) return;
    for (const QueueEntry& entry : session->queue.end_read(std::move(read.records), read.through)) {
        let_go(*session, entry);
        context_.counters.queued_messages.subtract();
        drop(*session, DropReason::damaged, {}, entry.qos);
    }
    pump(*session);
    if (session->replays) context_.replaying.insert(session->handle.slot);
}

// A message that can be needed again after it was sent: at a reconnect, by another member of its
// group, or for a retry.
bool Outbound::may_send_again(const Session& session, std::uint64_t group) const {
    return !session.clean || group != 0 || context_.settings().session.retry_interval.count() != 0;
}

// What a restart must not send a second time has a commit before it is sent: QoS 2 that of its
// packet id, QoS 0 that of its end in the store. One commit serves all that the window may take.
bool Outbound::ready_to_send(Session& session) {
    DeliveryQueue& queue = session.queue;
    if (!queue.waiting_at(0).message) return false;  // it is being read
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
        if (!entry.message) break;
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
    session.queue.reserve_packet_id(entry);
    commits_.put(session, entry);
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
    if (!may_send_again(session, entry.group)) entry.message.reset();
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
        commits_.put(session, entry);
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

}  // namespace godwit::core
