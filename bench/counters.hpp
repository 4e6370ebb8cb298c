// What one event loop has seen. Each counter has one writer, the loop's thread; anyone may read.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace godwit::bench {

enum class Counter : std::size_t {
    connected,
    refused,  // CONNACK with a return code.
    lost,     // Connections that ended without our DISCONNECT.
    subscribed,
    subscription_refused,
    sent,
    acknowledged,  // PUBACK or PUBCOMP.
    delivered,     // Messages that count; duplicates do not.
    duplicates,
    out_of_order,
    redelivered,  // QoS 2 PUBLISH repeated before its PUBREL.
    malformed,    // Packets and payloads that must not come.
    unretained,   // Retained messages without the RETAIN flag.
    count_
};

class alignas(64) Counters {
public:
    void add(Counter counter, std::uint64_t amount = 1) {
        auto& value = values_[static_cast<std::size_t>(counter)];
        value.store(value.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    std::uint64_t get(Counter counter) const {
        return values_[static_cast<std::size_t>(counter)].load(std::memory_order_relaxed);
    }

private:
    std::array<std::atomic<std::uint64_t>, static_cast<std::size_t>(Counter::count_)> values_{};
};

}  // namespace godwit::bench
