#include "totals.hpp"

#include "memory_watch.hpp"

namespace godwit::server {
namespace {

template <std::size_t kSize>
void add(std::array<std::uint64_t, kSize>& sums, const std::array<core::Counter, kSize>& counters) {
    for (std::size_t i = 0; i < kSize; ++i)
        sums[i] += counters[i].get();
}

void add(admin::Totals& totals, const core::Counters& counters) {
    add(totals.messages_received, counters.messages_received);
    add(totals.messages_sent, counters.messages_sent);
    add(totals.messages_dropped, counters.messages_dropped);
    add(totals.packets_received, counters.packets_received);
    add(totals.packets_sent, counters.packets_sent);
    add(totals.closed, counters.closed);
    totals.connects_accepted += counters.connects_accepted.get();
    totals.sessions_connected += counters.sessions_connected.get();
    totals.sessions_persistent += counters.sessions_persistent.get();
    totals.sessions_expired += counters.sessions_expired.get();
    totals.queued_messages += counters.queued_messages.get();
    totals.inflight_messages += counters.inflight_messages.get();
}

void add(admin::Totals& totals, const net::Traffic& traffic) {
    totals.bytes_received += traffic.bytes_received.get();
    totals.bytes_sent += traffic.bytes_sent.get();
    totals.connections += traffic.connections.get();
    totals.connections_turned_away += traffic.connections_turned_away.get();
    add(totals.refused, traffic.refused);
}

}  // namespace

admin::Totals totals_of(const Broker& broker) {
    admin::Totals totals;
    for (std::size_t i = 0; i < broker.shards(); ++i) {
        const auto shard = static_cast<core::ShardIndex>(i);
        add(totals, broker.counters(shard));
        add(totals, broker.traffic(shard));
    }
    totals.subscriptions = broker.router().subscriptions();
    totals.shared_subscriptions = broker.router().shared_subscriptions();
    totals.retained_messages = broker.retained().size();
    totals.resident_memory = resident_bytes();
    return totals;
}

}  // namespace godwit::server
