// What a shard counts. Written by its own thread alone, read by any, with no cache line shared
// between shards on a hot path.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "godwit/core/counter.hpp"
#include "godwit/core/histogram.hpp"
#include "godwit/core/link.hpp"
#include "godwit/mqtt/packet.hpp"

namespace godwit::core {

// Why a message did not reach a receiver, or anybody.
enum class DropReason : std::uint8_t {
    queue_full,       // the overflow policy of a full queue
    self_full,        // a session's own publication into its own full queue
    slow_reader,      // QoS 0 beyond limits.outbound_buffer
    no_credit,        // QoS 0 for a shard whose inbox is full
    not_routable,     // published to $share/... or $queue/...
    denied,           // published where the publisher may not
    denied_delivery,  // matched a filter of a client that may not receive it
    retained_limit,   // its retained value was refused; the message itself is routed
    session_ended,    // queued for a session that expired or was wiped
    no_member,        // a group message that no member could take
    unfinished_qos2,  // sent at QoS 2 to a clean session that left before its PUBREC
    too_large,        // with the mount point the topic is longer than MQTT allows
    hold_cancelled,   // its publisher left while it was held
    damaged,          // its record in the store is gone or does not decode
    memory,           // QoS 0 beyond limits.memory_high_water
};
inline constexpr std::size_t kDropReasons = static_cast<std::size_t>(DropReason::memory) + 1;

[[nodiscard]] std::string_view to_string(DropReason reason);

struct Counters {
    std::array<Counter, 3> messages_received;  // by QoS
    std::array<Counter, 3> messages_sent;      // by QoS
    std::array<Counter, kDropReasons> messages_dropped;
    std::array<Counter, mqtt::kPacketTypes> packets_received;  // but CONNECTs, which loops read
    std::array<Counter, mqtt::kPacketTypes> packets_sent;  // but PUBLISHes, which messages_sent has
    std::array<Counter, kCloseReasons> refused;  // connections whose CONNECT came to nothing
    std::array<Counter, kCloseReasons> closed;   // of clients
    Counter connects_accepted;
    Counter sessions_connected;    // gauge
    Counter sessions_persistent;   // gauge
    Counter persistent_connected;  // gauge: those that are both
    Counter sessions_expired;
    Counter subscriptions;         // gauge: those to no group
    Counter shared_subscriptions;  // gauge
    Counter queued_messages;       // gauge
    Counter inflight_messages;     // gauge
    // From the read of a PUBLISH to the write of its deliveries, each counted; those that had to
    // wait in a queue for their client, its window or, at QoS 2, the store are not.
    Histogram publish_latency;
};

}  // namespace godwit::core
