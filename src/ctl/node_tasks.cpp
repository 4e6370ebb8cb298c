// About the broker as such.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ostream>
#include <thread>

#include "table.hpp"
#include "tasks.hpp"
#include "text.hpp"

namespace godwit::ctl {
namespace {

constexpr auto kStatsPath = "/api/v1/stats";
constexpr int kLinesUnderHeadings = 20;
constexpr int kOk = 200;

std::uint64_t sum_of(const Json& counts) {
    std::uint64_t sum = 0;
    for (const auto& count : counts.items())
        sum += count.value().get<std::uint64_t>();
    return sum;
}

// "12 (QoS 0: 10, 1: 2, 2: 0)"; without those that are zero for other counts.
std::string split_of(const Json& counts, const char* first, bool with_zeros) {
    std::string parts;
    for (const auto& count : counts.items()) {
        if (!with_zeros && count.value() == 0) continue;
        parts +=
            (parts.empty() ? first : ", ") + printable(count.key()) + ": " + count.value().dump();
    }
    return std::to_string(sum_of(counts)) + (parts.empty() ? "" : " (" + parts + ")");
}

void print_stats(const Json& node, const Json& stats, const Screen& screen) {
    const Json& sessions = stats.at("sessions");
    Facts facts;
    facts.add("node", text_of(node, "name") + ", godwit " + text_of(node, "version"));
    facts.add("up", duration_text(stats.value("uptime", 0.0)));
    facts.add("connections", text_of(stats, "connections"));
    facts.add("sessions", text_of(sessions, "connected") + " connected, " +
                              text_of(sessions, "persistent") + " persistent");
    facts.add("subscriptions", text_of(stats, "subscriptions") + ", and " +
                                   text_of(stats, "shared_subscriptions") + " shared");
    facts.add("retained messages", text_of(stats, "retained_messages"));
    facts.add("queued messages", text_of(stats, "queued_messages"));
    facts.add("messages in flight", text_of(stats, "inflight_messages"));
    facts.add("messages received", split_of(stats.at("messages_received"), "QoS ", true));
    facts.add("messages sent", split_of(stats.at("messages_sent"), "QoS ", true));
    facts.add("messages dropped", split_of(stats.at("messages_dropped"), "", false));
    facts.add("bytes received", size_text(stats.value("bytes_received", 0.0)));
    facts.add("bytes sent", size_text(stats.value("bytes_sent", 0.0)));
    facts.add("connects", split_of(stats.at("connects"), "", false));
    facts.add("closed", split_of(stats.at("closed"), "", false));
    facts.add("sessions expired", text_of(stats, "sessions_expired"));
    facts.add("memory", size_text(stats.value("resident_memory", 0.0)));
    facts.print(screen);
}

// What the counters gained since the statistics before, for each second.
std::string rates_of(const Json& before, const Json& now) {
    const double seconds = std::max(now.value("uptime", 0.0) - before.value("uptime", 0.0), 0.001);
    const auto rate = [seconds](std::uint64_t former, std::uint64_t latter) {
        return static_cast<double>(latter - std::min(former, latter)) / seconds;
    };
    const auto messages = [&](const char* member) {
        return rate(sum_of(before.at(member)), sum_of(now.at(member)));
    };
    const auto bytes = [&](const char* member) {
        return size_text(
            rate(before.at(member).get<std::uint64_t>(), now.at(member).get<std::uint64_t>()));
    };
    return fmt::format("{:<8} {:>11} {:>11.0f} {:>11.0f} {:>11.0f} {:>11} {:>11} {:>11}",
                       time_text(text_of(now, "time")).substr(11), text_of(now, "connections"),
                       messages("messages_received"), messages("messages_sent"),
                       messages("messages_dropped"), bytes("bytes_received"), bytes("bytes_sent"),
                       size_text(now.value("resident_memory", 0.0)));
}

void print_headings(const Screen& screen) {
    const std::string line =
        fmt::format("{:<8} {:>11} {:>11} {:>11} {:>11} {:>11} {:>11} {:>11}", "TIME", "CONNECTIONS",
                    "RECEIVED/s", "SENT/s", "DROPPED/s", "IN/s", "OUT/s", "MEMORY");
    screen.out << (screen.is_terminal ? "\x1b[1m" + line + "\x1b[0m" : line) << '\n';
}

// Ends with the broker, whose silence is a Failure, or with whoever reads.
void watch_stats(const Request& request, Api& api, const Screen& screen) {
    Json before = api.get(kStatsPath);
    for (int line = 0; screen.out; ++line) {
        std::this_thread::sleep_for(std::chrono::seconds(1));
        Json now = api.get(kStatsPath);
        if (request.json) {
            screen.out << now.dump() << std::endl;
        } else {
            if (line % kLinesUnderHeadings == 0) print_headings(screen);
            screen.out << rates_of(before, now) << std::endl;
        }
        before = std::move(now);
    }
}

}  // namespace

void show_stats(const Request& request, Api& api, const Screen& screen) {
    if (request.watch) return watch_stats(request, api, screen);
    const Json stats = api.get(kStatsPath);
    if (request.json) return print_json(stats, screen);
    print_stats(api.get("/api/v1/node"), stats, screen);
}

void reload(const Request& request, Api& api, const Screen& screen) {
    const Json answer = api.post("/api/v1/reload", Json());
    if (request.json) return print_json(answer, screen);
    screen.out << text_of(answer, "status") << '\n';
}

void show_health(const Request& request, Api& api, const Screen& screen) {
    const auto health = api.look("/healthz");
    if (health.first != kOk || !health.second.is_object())
        throw Failure{fmt::format("unhealthy: /healthz answers with status {}", health.first)};
    const auto ready = api.look("/readyz");
    const std::string status = ready.second.is_object() ? text_of(ready.second, "status") : "-";
    if (request.json) return print_json({{"health", "ok"}, {"status", status}}, screen);
    screen.out << "ok, " << status << '\n';
}

}  // namespace godwit::ctl
