#include "godwit/admin/sys_topics.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <utility>

namespace godwit::admin {

namespace {

constexpr std::string_view kRoot = "$SYS/broker/";

template <std::size_t kSize>
std::uint64_t sum(const std::array<std::uint64_t, kSize>& values) {
    return std::accumulate(values.begin(), values.end(), std::uint64_t{0});
}

std::string two_decimals(double value) {
    std::array<char, 64> text;
    const int size = std::snprintf(text.data(), text.size(), "%.2f", value);
    return {text.data(), static_cast<std::size_t>(size)};
}

}  // namespace

void LoadAverage::count(std::uint64_t total, core::Duration elapsed) {
    const std::chrono::duration<double, std::ratio<60>> minutes = elapsed;
    const double rate = static_cast<double>(total - total_) / minutes.count();
    for (std::size_t i = 0; i < kWindows.size(); ++i) {
        const double older = std::exp(-(minutes / kWindows[i]));
        averages_[i] = rate + older * (averages_[i] - rate);
    }
    total_ = total;
}

SysTopics::SysTopics(std::string_view version) : version_(version) {}

std::vector<SysTopic> SysTopics::changes(const Totals& totals, core::Duration uptime) {
    set("version", "godwit version " + version_);
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(uptime).count();
    set("uptime", std::to_string(seconds) + " seconds");

    clients_maximum_ = std::max(clients_maximum_, totals.sessions_connected);
    set("clients/connected", totals.sessions_connected);
    set("clients/disconnected", totals.sessions_absent);
    set("clients/total", totals.sessions_connected + totals.sessions_absent);
    set("clients/maximum", clients_maximum_);
    set("clients/expired", totals.sessions_expired);

    set("messages/received", sum(totals.packets_received));
    set("messages/sent", sum(totals.packets_sent));
    set("messages/stored",
        totals.retained_messages + totals.queued_messages + totals.inflight_messages);
    set("publish/messages/received", sum(totals.messages_received));
    set("publish/messages/sent", sum(totals.messages_sent));
    set("publish/messages/dropped", sum(totals.messages_dropped));
    set("bytes/received", totals.bytes_received);
    set("bytes/sent", totals.bytes_sent);

    set("subscriptions/count", totals.subscriptions);
    set("shared_subscriptions/count", totals.shared_subscriptions);
    set("retained messages/count", totals.retained_messages);
    set("heap/current", totals.resident_memory);

    count_loads(totals, uptime);
    return std::exchange(changes_, {});
}

void SysTopics::count_loads(const Totals& totals, core::Duration uptime) {
    const std::array<std::pair<std::string_view, std::uint64_t>, 9> counted = {{
        {"messages/received", sum(totals.packets_received)},
        {"messages/sent", sum(totals.packets_sent)},
        {"publish/received", sum(totals.messages_received)},
        {"publish/sent", sum(totals.messages_sent)},
        {"publish/dropped", sum(totals.messages_dropped)},
        {"bytes/received", totals.bytes_received},
        {"bytes/sent", totals.bytes_sent},
        {"sockets", totals.connections_opened},
        {"connections",
         totals.packets_received[static_cast<std::size_t>(mqtt::PacketType::connect)]},
    }};
    const core::Duration elapsed = uptime - counted_at_;
    if (elapsed.count() > 0) counted_at_ = uptime;
    for (const auto& [name, total] : counted) {
        LoadAverage& load = loads_[name];
        if (elapsed.count() > 0) load.count(total, elapsed);
        for (std::size_t i = 0; i < LoadAverage::kWindows.size(); ++i) {
            const std::string window = std::to_string(LoadAverage::kWindows[i].count()) + "min";
            set("load/" + std::string(name) + "/" + window, two_decimals(load.averages()[i]));
        }
    }
}

std::vector<SysTopic> SysTopics::withdraw() {
    std::vector<SysTopic> gone;
    for (const auto& [topic, payload] : std::exchange(known_, {}))
        gone.push_back({topic, ""});
    return gone;
}

void SysTopics::set(std::string_view name, std::string payload) {
    std::string topic = std::string(kRoot).append(name);
    const auto [known, fresh] = known_.try_emplace(topic, payload);
    if (!fresh && known->second == payload) return;
    known->second = payload;
    changes_.push_back({std::move(topic), std::move(payload)});
}

void SysTopics::set(std::string_view name, std::uint64_t value) {
    set(name, std::to_string(value));
}

}  // namespace godwit::admin
