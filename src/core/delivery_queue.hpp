// The messages on their way to one client, in order: first those sent and not yet acknowledged (the
// in-flight window, in the order of first sending), then those that wait for a place in it. Of a
// long queue the waiting messages are left in the store, all but the next to be sent; what stays in
// memory is an entry of 48 bytes for each.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "godwit/core/message.hpp"
#include "godwit/core/store.hpp"
#include "ring.hpp"

namespace godwit::core {

using PlacementIndex = std::uint32_t;
inline constexpr PlacementIndex kNoPlacement = 0xFFFF'FFFF;

// What has to be committed before a message is sent, where something has.
enum class Preparation : std::uint8_t { none, committing, committed };

struct QueueEntry {
    // Null once sent where it can never be sent again, and where it is left in the store.
    MessagePtr message{};
    Sequence sequence = 0;  // its key in the store
    std::uint64_t group = 0;
    PlacementIndex placement = kNoPlacement;  // who is told when it is stored or settled
    std::uint32_t queued_at_ms = 0;           // where it is to be stored; wraps
    std::uint32_t size = 0;                   // of topic and payload, while it waits
    std::uint32_t batch = 0;                  // in which it was last stored; wraps
    mqtt::PacketId packet_id = 0;
    mqtt::Qos qos = mqtt::Qos::at_least_once;
    DeliveryState state = DeliveryState::waiting;
    bool retain = false;
    bool stored = false;  // a put was handed to the store, so a delete must follow
    Preparation preparation = Preparation::none;
    bool sent_before = false;  // perhaps, by a process that ended: to be sent with DUP
};

// As the store keeps it.
[[nodiscard]] inline QueueRecord record_of(const QueueEntry& entry) {
    return {entry.sequence, entry.message,   entry.qos,   entry.retain,
            entry.state,    entry.packet_id, entry.group, entry.sent_before};
}

// Of a message at that QoS once it is sent.
[[nodiscard]] constexpr DeliveryState sent_state(mqtt::Qos qos) {
    return qos == mqtt::Qos::at_least_once ? DeliveryState::await_puback
                                           : DeliveryState::await_pubrec;
}

class DeliveryQueue {
public:
    [[nodiscard]] bool empty() const { return entries_.empty(); }
    [[nodiscard]] std::size_t inflight() const { return inflight_; }
    [[nodiscard]] std::size_t waiting() const { return entries_.size() - sent_; }
    [[nodiscard]] std::size_t waiting_bytes() const { return waiting_bytes_; }

    // What a store kept, by sequence. Those that wait up to `maybe_sent` may have been sent since
    // they were written. REQUIRES: empty().
    void restore(std::vector<QueueRecord> records, Sequence maybe_sent);

    QueueEntry& push_waiting(QueueEntry entry);
    // A message that is sent at once. REQUIRES: waiting() == 0.
    QueueEntry& push_sent(QueueEntry entry);

    // The index-th waiting entry, oldest first.
    [[nodiscard]] QueueEntry& waiting_at(std::size_t index) { return entries_[sent_ + index]; }
    // The first waiting entry enters the window. REQUIRES: its state and packet id are set.
    QueueEntry& take_into_window();
    // Takes the index-th waiting entry out.
    QueueEntry erase_waiting(std::size_t index);

    // Lets go of messages behind the first `window` bytes as far as `is_committed(entry)`. Those of
    // groups stay: they may have to leave for another member at once.
    template <typename IsCommitted>
    void leave_to_store(std::size_t window, IsCommitted is_committed);
    // The first entry to read back, if it is time to and none are being read. Ends with end_read(),
    // which returns the entries that the store should have but has not.
    [[nodiscard]] std::optional<Sequence> begin_read(std::size_t window);
    [[nodiscard]] std::vector<QueueEntry> end_read(std::vector<QueueRecord> records,
                                                   Sequence through);

    // The entry in the window with that id, or null.
    [[nodiscard]] QueueEntry* find(mqtt::PacketId packet_id);
    // The entry anywhere with that sequence, or null. REQUIRES: all have one, in their order.
    [[nodiscard]] QueueEntry* find_sequence(Sequence sequence);
    // The entry in the window is finished; what the reference named is gone after this.
    void finish(QueueEntry& entry);

    // Sent entries in the order of first sending, finished ones among them (state done).
    [[nodiscard]] std::size_t sent() const { return sent_; }
    [[nodiscard]] QueueEntry& sent_at(std::size_t index) { return entries_[index]; }

    // The next packet id that no entry uses [MQTT-2.3.1-2] [MQTT-2.3.1-4].
    [[nodiscard]] mqtt::PacketId next_packet_id();
    // Gives the entry, which waits and has none, the packet id that it will be sent with.
    void reserve_packet_id(QueueEntry& entry);

private:
    [[nodiscard]] bool in_use(mqtt::PacketId packet_id) const;
    void stops_waiting(std::size_t index, const QueueEntry& entry);
    void skip_read();
    void drop_finished();
    void compact();

    Ring<QueueEntry> entries_;
    std::size_t waiting_bytes_ = 0;
    std::uint32_t sent_ = 0;      // entries before the first waiting one
    std::uint32_t inflight_ = 0;  // of these, the unfinished
    mqtt::PacketId last_packet_id_ = 0;
    std::uint32_t reserved_ids_ = 0;  // of waiting entries
    bool ids_lapped_ = false;         // ids have come round to those of the oldest entries

    // Where the messages of the waiting entries are, from the first one on: so many in memory, then
    // so many left in the store (but for some), the rest in memory.
    std::uint32_t ahead_ = 0;
    std::uint32_t left_ = 0;
    std::size_t ahead_bytes_ = 0;
    bool reading_ = false;
};

template <typename IsCommitted>
void DeliveryQueue::leave_to_store(std::size_t window, IsCommitted is_committed) {
    skip_read();
    while (ahead_ + left_ < waiting()) {
        QueueEntry& entry = waiting_at(ahead_ + left_);
        if (!is_committed(entry)) return;
        if (left_ == 0 && ahead_bytes_ + entry.size <= window) {
            ++ahead_;
            ahead_bytes_ += entry.size;
            continue;
        }
        ++left_;
        // The store no longer has QoS 0 that is prepared for sending.
        const bool stays = entry.group != 0 || entry.preparation != Preparation::none;
        if (!stays) entry.message.reset();
    }
}

}  // namespace godwit::core
