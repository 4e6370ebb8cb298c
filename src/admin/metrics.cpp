#include "metrics.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <cctype>
#include <limits>
#include <span>
#include <sstream>
#include <utility>
#include <vector>

namespace godwit::admin {

namespace {

using mqtt::PacketType;
using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::array kFromClients = {
    PacketType::connect, PacketType::publish,    PacketType::puback,    PacketType::pubrec,
    PacketType::pubrel,  PacketType::pubcomp,    PacketType::subscribe, PacketType::unsubscribe,
    PacketType::pingreq, PacketType::disconnect,
};
constexpr std::array kToClients = {
    PacketType::connack, PacketType::publish,  PacketType::puback,
    PacketType::pubrec,  PacketType::pubrel,   PacketType::pubcomp,
    PacketType::suback,  PacketType::unsuback, PacketType::pingresp,
};

using Labels = std::vector<ClientMetric::Label>;

ClientMetric counter(std::uint64_t value, Labels labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.counter.value = static_cast<double>(value);
    return metric;
}

ClientMetric gauge(std::uint64_t value, Labels labels = {}) {
    ClientMetric metric;
    metric.label = std::move(labels);
    metric.gauge.value = static_cast<double>(value);
    return metric;
}

std::string lower_case(std::string_view text) {
    std::string lower(text);
    std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
    return lower;
}

// The metrics in the order they are added.
class Exposition {
public:
    void add_counter(std::string name, std::string help, std::uint64_t value) {
        add(std::move(name), std::move(help), MetricType::Counter, {counter(value)});
    }
    void add_counters(std::string name, std::string help, std::vector<ClientMetric> series) {
        add(std::move(name), std::move(help), MetricType::Counter, std::move(series));
    }
    void add_gauge(std::string name, std::string help, std::uint64_t value) {
        add(std::move(name), std::move(help), MetricType::Gauge, {gauge(value)});
    }
    void add_gauges(std::string name, std::string help, std::vector<ClientMetric> series) {
        add(std::move(name), std::move(help), MetricType::Gauge, std::move(series));
    }
    void add_histogram(std::string name, std::string help, const Distribution& times);

    [[nodiscard]] std::string text() const {
        std::ostringstream out;
        prometheus::TextSerializer{}.Serialize(out, families_);
        return std::move(out).str();
    }

private:
    void add(std::string name, std::string help, MetricType type,
             std::vector<ClientMetric> series) {
        families_.push_back({std::move(name), std::move(help), type, std::move(series)});
    }

    std::vector<MetricFamily> families_;
};

void Exposition::add_histogram(std::string name, std::string help, const Distribution& times) {
    ClientMetric metric;
    std::uint64_t so_far = 0;
    for (std::size_t bucket = 0; bucket < times.counts.size(); ++bucket) {
        so_far += times.counts[bucket];
        const double bound = bucket < times.bounds.size() ? times.bounds[bucket]
                                                          : std::numeric_limits<double>::infinity();
        metric.histogram.bucket.push_back({so_far, bound});
    }
    metric.histogram.sample_count = so_far;
    metric.histogram.sample_sum = times.sum;
    add(std::move(name), std::move(help), MetricType::Histogram, {std::move(metric)});
}

std::vector<ClientMetric> samples_by_qos(const std::array<std::uint64_t, 3>& values) {
    std::vector<ClientMetric> series;
    for (std::size_t qos = 0; qos < values.size(); ++qos)
        series.push_back(counter(values[qos], {{"qos", std::to_string(qos)}}));
    return series;
}

std::vector<ClientMetric> by_type(std::span<const PacketType> types,
                                  const std::array<std::uint64_t, mqtt::kPacketTypes>& values) {
    std::vector<ClientMetric> series;
    for (const PacketType type : types) {
        series.push_back(counter(values[static_cast<std::size_t>(type)],
                                 {{"type", lower_case(to_string(type))}}));
    }
    return series;
}

// By an enumeration whose names are to be the label's values.
template <typename Reason, std::size_t kReasons>
std::vector<ClientMetric> by_reason(const std::string& label,
                                    const std::array<std::uint64_t, kReasons>& values) {
    std::vector<ClientMetric> series;
    for (std::size_t reason = 0; reason < kReasons; ++reason) {
        const std::string name(to_string(static_cast<Reason>(reason)));
        series.push_back(counter(values[reason], {{label, name}}));
    }
    return series;
}

std::vector<ClientMetric> connects(const Totals& totals) {
    auto refused = totals.refused;
    refused[static_cast<std::size_t>(core::CloseReason::connection_limit)] +=
        totals.connections_turned_away;
    std::vector<ClientMetric> series = by_reason<core::CloseReason>("result", refused);
    series.insert(series.begin(), counter(totals.connects_accepted, {{"result", "accepted"}}));
    return series;
}

void add_clients(Exposition& out, const Totals& totals) {
    out.add_gauge("godwit_connections",
                  "Network connections that are open, those before their CONNECT included.",
                  totals.connections);
    out.add_gauges("godwit_sessions",
                   "Sessions: connected have a client now; persistent outlive their connection "
                   "(clean session 0). A persistent one whose client is there counts as both.",
                   {gauge(totals.sessions_connected, {{"state", "connected"}}),
                    gauge(totals.sessions_persistent, {{"state", "persistent"}})});
    out.add_counter("godwit_sessions_expired_total",
                    "Persistent sessions that ended since their client stayed away for "
                    "session.expiry.",
                    totals.sessions_expired);
    out.add_counters("godwit_connects_total",
                     "Attempts to connect, by what became of them: accepted, or why they ended "
                     "before CONNACK 0.",
                     connects(totals));
    out.add_counters("godwit_disconnects_total",
                     "Clients whose connection ended, by the reason; disconnect is the orderly "
                     "one.",
                     by_reason<core::CloseReason>("reason", totals.closed));
}

void add_messages(Exposition& out, const Totals& totals) {
    out.add_counters("godwit_messages_received_total",
                     "PUBLISH packets that clients sent, by their QoS.",
                     samples_by_qos(totals.messages_received));
    out.add_counters("godwit_messages_sent_total",
                     "PUBLISH packets sent to clients, by the QoS of the delivery; what is sent "
                     "again is counted again.",
                     samples_by_qos(totals.messages_sent));
    out.add_counters("godwit_messages_dropped_total",
                     "Messages that did not reach a receiver they were for, or anybody, by the "
                     "reason. QoS 0 to an absent client is none of them.",
                     by_reason<core::DropReason>("reason", totals.messages_dropped));
    out.add_gauge("godwit_queued_messages",
                  "Messages that wait for a client or for room in its in-flight window, each copy "
                  "counted.",
                  totals.queued_messages);
    out.add_gauge("godwit_inflight_messages",
                  "QoS 1 and 2 messages sent to clients and not yet acknowledged.",
                  totals.inflight_messages);
    out.add_gauge("godwit_retained_messages", "Topics with a retained message.",
                  totals.retained_messages);
    out.add_gauge("godwit_subscriptions",
                  "Subscriptions of all sessions, but for those to shared groups.",
                  totals.subscriptions);
    out.add_gauge("godwit_shared_subscriptions",
                  "Memberships in shared groups ($share, $queue) of all sessions.",
                  totals.shared_subscriptions);
    out.add_histogram("godwit_publish_latency_seconds",
                      "From the read of a PUBLISH to the write of each of its deliveries to a "
                      "socket. What had to wait in a queue is not in it.",
                      totals.publish_latency);
}

void add_traffic(Exposition& out, const Totals& totals) {
    out.add_counter("godwit_bytes_received_total",
                    "Bytes of MQTT that clients sent, without those of TLS and WebSocket.",
                    totals.bytes_received);
    out.add_counter("godwit_bytes_sent_total",
                    "Bytes of MQTT sent to clients, without those of TLS and WebSocket.",
                    totals.bytes_sent);
    out.add_counters("godwit_packets_received_total",
                     "MQTT packets that clients sent, by their type.",
                     by_type(kFromClients, totals.packets_received));
    out.add_counters("godwit_packets_sent_total", "MQTT packets sent to clients, by their type.",
                     by_type(kToClients, totals.packets_sent));
}

}  // namespace

std::string metrics_text(const Totals& totals, std::string_view version) {
    Exposition out;
    add_clients(out, totals);
    add_messages(out, totals);
    add_traffic(out, totals);
    out.add_histogram("godwit_store_commit_seconds",
                      "From the hand-over of a shard's writes to the moment at which what they "
                      "promise may be acknowledged; with persistence.sync always an fsync is in "
                      "it.",
                      totals.store_commit);
    out.add_gauge("godwit_process_resident_memory_bytes",
                  "Physical memory that the process has in use.", totals.resident_memory);
    out.add_gauges("godwit_build_info", "Always 1; the label names the version that runs.",
                   {gauge(1, {{"version", std::string(version)}})});
    return out.text();
}

}  // namespace godwit::admin
