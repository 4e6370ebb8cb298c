#include "delivery_queue.hpp"

#include <utility>

#include "godwit/core/stored_state.hpp"

namespace godwit::core {

void DeliveryQueue::restore(std::vector<QueueRecord> records, Sequence maybe_sent) {
    const std::size_t sent = count_sent(records);
    for (std::size_t i = 0; i < records.size(); ++i) {
        QueueRecord& record = records[i];
        QueueEntry entry{.message = std::move(record.message),
                         .sequence = record.sequence,
                         .group = record.group,
                         .size = record.left_size,
                         .packet_id = record.packet_id,
                         .qos = record.qos,
                         .state = record.state,
                         .retain = record.retain,
                         .stored = true,
                         .sent_before = record.sent_before};
        if (i >= sent) {
            if (entry.qos == mqtt::Qos::at_least_once && entry.sequence <= maybe_sent) {
                entry.sent_before = true;
            }
            push_waiting(std::move(entry));
            continue;
        }
        if (entry.state == DeliveryState::waiting) entry.state = sent_state(entry.qos);
        ++sent_;
        ++inflight_;
        entries_.push_back(std::move(entry));
    }
    left_ = static_cast<std::uint32_t>(waiting());
    skip_read();
    ids_lapped_ = true;
    for (std::size_t i = 0; i < sent_; ++i) {
        if (entries_[i].packet_id == 0) entries_[i].packet_id = next_packet_id();
    }
}

QueueEntry& DeliveryQueue::push_waiting(QueueEntry entry) {
    if (entry.message) entry.size = static_cast<std::uint32_t>(entry.message->size());
    waiting_bytes_ += entry.size;
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
    stops_waiting(0, entry);
    ++sent_;
    ++inflight_;
    return entry;
}

QueueEntry DeliveryQueue::erase_waiting(std::size_t index) {
    stops_waiting(index, waiting_at(index));
    return entries_.erase(sent_ + index);
}

void DeliveryQueue::stops_waiting(std::size_t index, const QueueEntry& entry) {
    waiting_bytes_ -= entry.size;
    if (entry.packet_id != 0) --reserved_ids_;
    if (index < ahead_) {
        --ahead_;
        ahead_bytes_ -= entry.size;
    } else if (index < ahead_ + left_) {
        --left_;
    }
}

// What follows in memory need not be read.
void DeliveryQueue::skip_read() {
    for (; left_ != 0 && waiting_at(ahead_).message; ++ahead_, --left_)
        ahead_bytes_ += waiting_at(ahead_).size;
}

std::optional<Sequence> DeliveryQueue::begin_read(std::size_t window) {
    if (reading_ || left_ == 0 || ahead_bytes_ > window / 2) return std::nullopt;
    skip_read();
    if (left_ == 0) return std::nullopt;
    reading_ = true;
    return waiting_at(ahead_).sequence;
}

std::vector<QueueEntry> DeliveryQueue::end_read(std::vector<QueueRecord> records,
                                                Sequence through) {
    reading_ = false;
    std::vector<QueueEntry> missing;
    auto record = records.begin();
    for (skip_read(); left_ != 0; skip_read()) {
        QueueEntry& entry = waiting_at(ahead_);
        if (entry.sequence > through) break;
        while (record != records.end() && record->sequence < entry.sequence)
            ++record;
        if (record != records.end() && record->sequence == entry.sequence && record->message) {
            entry.message = std::move(record->message);
        } else {
            missing.push_back(erase_waiting(ahead_));
        }
    }
    return missing;
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
    std::size_t first = 0;
    for (std::size_t count = entries_.size(); count != 0;) {
        const std::size_t half = count / 2;
        const bool before = entries_[first + half].sequence < sequence;
        first = before ? first + half + 1 : first;
        count = before ? count - half - 1 : half;
    }
    const bool found = first < entries_.size() && entries_[first].sequence == sequence;
    return found ? &entries_[first] : nullptr;
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

// By a message in the window, or by one that is about to enter it.
bool DeliveryQueue::in_use(mqtt::PacketId packet_id) const {
    for (std::size_t i = 0; i < sent_; ++i) {
        const QueueEntry& entry = entries_[i];
        if (entry.packet_id == packet_id && entry.state != DeliveryState::done) return true;
    }
    std::uint32_t reserved = reserved_ids_;
    for (std::size_t i = sent_; reserved != 0; ++i) {
        if (entries_[i].packet_id == packet_id) return true;
        if (entries_[i].packet_id != 0) --reserved;
    }
    return false;
}

void DeliveryQueue::reserve_packet_id(QueueEntry& entry) {
    entry.packet_id = next_packet_id();
    ++reserved_ids_;
}

mqtt::PacketId DeliveryQueue::next_packet_id() {
    // Ids go up, so the first one that may be in use again is that of the oldest entry; only from
    // there on, until the window has been empty once, is every candidate looked for.
    if (sent_ == 0) ids_lapped_ = false;
    do {
        if (++last_packet_id_ == 0) last_packet_id_ = 1;  // 0 is no packet id [MQTT-2.3.1-1]
        if (sent_ != 0 && entries_.front().packet_id == last_packet_id_) ids_lapped_ = true;
    } while (ids_lapped_ && in_use(last_packet_id_));
    return last_packet_id_;
}

}  // namespace godwit::core
