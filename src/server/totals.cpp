#include "totals.hpp"

#include <algorithm>
#include <numeric>

#include "memory_watch.hpp"

namespace godwit::server {
namespace {

using mqtt::PacketType;

template <std::size_t kSize>
void add(std::array<std::uint64_t, kSize>& sums, const std::array<core::Counter, kSize>& counters) {
    for (std::size_t i = 0; i < kSize; ++i)
        sums[i] += counters[i].get();
}

void add(admin::Distribution& sums, const core::Histogram& histogram) {
    for (std::size_t bucket = 0; bucket < core::Histogram::kBuckets; ++bucket)
        sums.counts[bucket] += histogram.count(bucket);
    sums.sum += std::chrono::duration<double>(histogram.sum()).count();
}

admin::Distribution empty_distribution() {
    admin::Distribution distribution;
    for (const std::chrono::duration<double> bound : core::Histogram::kBounds)
        distribution.bounds.push_back(bound.count());
    distribution.counts.resize(core::Histogram::kBuckets);
    return distribution;
}

std::uint64_t& of(std::array<std::uint64_t, mqtt::kPacketTypes>& counts, PacketType type) {
    return counts[static_cast<std::size_t>(type)];
}

void add(admin::Totals& totals, const core::Counters& counters) {
    add(totals.messages_received, counters.messages_received);
    add(totals.messages_sent, counters.messages_sent);
    add(totals.messages_dropped, counters.messages_dropped);
    add(totals.packets_received, counters.packets_received);
    add(totals.packets_sent, counters.packets_sent);
    add(totals.refused, counters.refused);
    add(totals.closed, counters.closed);
    totals.connects_accepted += counters.connects_accepted.get();
    totals.sessions_connected += counters.sessions_connected.get();
    totals.sessions_persistent += counters.sessions_persistent.get();
    // The shard may change one between the two readings.
    const std::uint64_t persistent = counters.sessions_persistent.get();
    totals.sessions_absent +=
        persistent - std::min(persistent, counters.persistent_connected.get());
    totals.sessions_expired += counters.sessions_expired.get();
    totals.subscriptions += counters.subscriptions.get();
    totals.shared_subscriptions += counters.shared_subscriptions.get();
    totals.queued_messages += counters.queued_messages.get();
    totals.inflight_messages += counters.inflight_messages.get();
    add(totals.publish_latency, counters.publish_latency);
}

void add(admin::Totals& totals, const net::Traffic& traffic) {
    totals.bytes_received += traffic.bytes_received.get();
    totals.bytes_sent += traffic.bytes_sent.get();
    of(totals.packets_received, PacketType::connect) += traffic.connects_received.get();
    of(totals.packets_sent, PacketType::connack) += traffic.connacks_sent.get();
    totals.connections += traffic.connections.get();
    totals.connections_opened += traffic.connections_opened.get();
    totals.connections_turned_away += traffic.connections_turned_away.get();
    add(totals.refused, traffic.refused);
}

}  // namespace

admin::Totals totals_of(const Broker& broker) {
    admin::Totals totals;
    totals.publish_latency = empty_distribution();
    totals.store_commit = empty_distribution();
    for (std::size_t i = 0; i < broker.shards(); ++i) {
        const auto shard = static_cast<core::ShardIndex>(i);
        add(totals, broker.counters(shard));
        add(totals, broker.traffic(shard));
    }
    of(totals.packets_sent, PacketType::publish) =
        std::accumulate(totals.messages_sent.begin(), totals.messages_sent.end(), std::uint64_t{0});
    totals.retained_messages = broker.retained().size();
    if (const core::Histogram* commits = broker.commit_times()) add(totals.store_commit, *commits);
    totals.resident_memory = resident_bytes();
    return totals;
}

}  // namespace godwit::server
