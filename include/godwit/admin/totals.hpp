// What all shards and loops have counted, added up.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <vector>

#include "godwit/core/counters.hpp"

namespace godwit::admin {

// Durations by upper bounds, as Prometheus wants them but not yet added up.
struct Distribution {
    std::vector<double> bounds;         // seconds, ascending
    std::vector<std::uint64_t> counts;  // one more than bounds: the last is beyond all of them
    double sum = 0;                     // seconds
};

struct Totals {
    // Since the process started.
    std::array<std::uint64_t, 3> messages_received{};  // by QoS
    std::array<std::uint64_t, 3> messages_sent{};      // by QoS
    std::array<std::uint64_t, core::kDropReasons> messages_dropped{};
    std::array<std::uint64_t, mqtt::kPacketTypes> packets_received{};
    std::array<std::uint64_t, mqtt::kPacketTypes> packets_sent{};
    std::uint64_t bytes_received = 0;
    std::uint64_t bytes_sent = 0;
    std::uint64_t connections_opened = 0;  // let in by a listener
    std::uint64_t connects_accepted = 0;
    std::uint64_t connections_turned_away = 0;                 // over a limit, closed unread
    std::array<std::uint64_t, core::kCloseReasons> refused{};  // before they were a client's
    std::array<std::uint64_t, core::kCloseReasons> closed{};   // clients
    std::uint64_t sessions_expired = 0;
    Distribution publish_latency;  // from the read of a PUBLISH to the write of its deliveries
    Distribution store_commit;     // nothing without a store

    // Now.
    std::uint64_t connections = 0;  // those before their CONNECT included
    std::uint64_t sessions_connected = 0;
    std::uint64_t sessions_persistent = 0;
    std::uint64_t sessions_absent = 0;  // persistent ones without a connection
    std::uint64_t subscriptions = 0;  // those to no group
    std::uint64_t shared_subscriptions = 0;
    std::uint64_t retained_messages = 0;
    std::uint64_t queued_messages = 0;
    std::uint64_t inflight_messages = 0;
    std::uint64_t resident_memory = 0;  // bytes
};

}  // namespace godwit::admin
