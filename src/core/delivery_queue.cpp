#include "delivery_queue.hpp"

#include <utility>

namespace godwit::core {

QueueEntry& DeliveryQueue::push_waiting(QueueEntry entry) {
    waiting_bytes_ += entry.message->wire().size();
    return entries_.push_back(std::move(entry));
}

QueueEntry& DeliveryQueue::push_sent(QueueEntry entry) {
    assert(waiting() == 0);
    ++sent_;
    ++inflight_;
    return entries_.push_back(std::move(entry));
}

QueueEntry& DeliveryQueue::take_into_window() {
    QueueEntry& entry = waiting_at(0);
    waiting_bytes_ -= entry.message->wire().size();
    ++sent_;
    ++inflight_;
    return entry;
}

QueueEntry DeliveryQueue::erase_waiting(std::size_t index) {
    QueueEntry entry = entries_.erase(sent_ + index);
    waiting_bytes_ -= entry.message->wire().size();
    return entry;
}

QueueEntry* DeliveryQueue::find(mqtt::PacketId packet_id) {
    // Clients answer in order, so this mostly ends at the first.
    for (std::size_t i = 0; i < sent_; ++i) {
        QueueEntry& entry = entries_[i];
        if (entry.packet_id == packet_id && entry.state != DeliveryState::done) return &entry;
    }
    return nullptr;
}

QueueEntry* DeliveryQueue::find_sequence(Sequence sequence) {
    for (std::size_t i = entries_.size(); i > 0; --i) {
        QueueEntry& entry = entries_[i - 1];
        if (entry.sequence == sequence) return &entry;
    }
    return nullptr;
}

void DeliveryQueue::finish(QueueEntry& entry) {
    assert(entry.state != DeliveryState::done && entry.state != DeliveryState::waiting);
    entry.state = DeliveryState::done;
    entry.message.reset();
    --inflight_;
    drop_finished();
    // A client that never acknowledges its oldest message must not make us keep all later ones.
    if (sent_ > 2 * inflight_ + 64) compact();
}

void DeliveryQueue::drop_finished() {
    while (sent_ != 0 && entries_.front().state == DeliveryState::done) {
        entries_.pop_front();
        --sent_;
    }
}

void DeliveryQueue::compact() {
    Ring<QueueEntry> kept;
    for (std::size_t i = 0; i < entries_.size(); ++i) {
        if (entries_[i].state != DeliveryState::done) kept.push_back(std::move(entries_[i]));
    }
    entries_ = std::move(kept);
    sent_ = inflight_;
}

mqtt::PacketId DeliveryQueue::next_packet_id() {
    // Ids go up, so the first one that may be in use again is that of the oldest entry; only from
    // there on, until the window has been empty once, is every candidate looked for.
    if (sent_ == 0) ids_lapped_ = false;
    do {
        if (++last_packet_id_ == 0) last_packet_id_ = 1;  // 0 is no packet id [MQTT-2.3.1-1]
        if (sent_ != 0 && entries_.front().packet_id == last_packet_id_) ids_lapped_ = true;
    } while (ids_lapped_ && find(last_packet_id_) != nullptr);
    return last_packet_id_;
}

}  // namespace godwit::core
