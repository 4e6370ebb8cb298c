#include "scenario.hpp"

#include <array>

namespace godwit::bench {
namespace {

double per_message(double seconds, std::uint64_t messages) {
    return messages == 0 ? 0 : seconds * 1e6 / static_cast<double>(messages);
}

void report_tls(const TlsClient& tls, Report& report) {
    report.add_text("tls_version", tls.version());
    report.add_text("tls_cipher", tls.cipher());
    report.add_count("tls_handshakes", tls.handshakes());
    report.add_count("tls_resumed", tls.resumed());
}

}  // namespace

std::span<const Scenario* const> scenarios() {
    static constexpr std::array<const Scenario*, 13> kScenarios = {
        &kP2p,     &kFanout,  &kFanin, &kTrie,     &kRetained,  &kConnect, &kIdle,
        &kLatency, &kOffline, &kAck,   &kSessions, &kHandshake, &kLogin};
    return kScenarios;
}

bool conclude(const Run& run, const Outcome& outcome) {
    const Fleet& fleet = run.fleet;
    const std::uint64_t delivered = fleet.total(Counter::delivered);
    const std::uint64_t duplicates = fleet.total(Counter::duplicates);
    const std::uint64_t out_of_order = fleet.total(Counter::out_of_order);
    const std::uint64_t malformed = fleet.total(Counter::malformed);
    const std::uint64_t lost = fleet.total(Counter::lost);
    const bool strict_order = run.options.whole("strict-order") != 0;
    const bool exact = outcome.complete && delivered == outcome.expected && malformed == 0 &&
                       lost == 0 && (duplicates == 0 || outcome.duplicates_allowed) &&
                       (out_of_order == 0 || !strict_order);

    Report& report = run.report;
    report.add_count("expected", outcome.expected);
    report.add_count("delivered", delivered);
    report.add_count("missing", delivered < outcome.expected ? outcome.expected - delivered : 0);
    report.add_count("dups", duplicates);
    report.add_count("out_of_order", out_of_order);
    report.add_count("redelivered", fleet.total(Counter::redelivered));
    report.add_count("bad", malformed);
    report.add_count("lost_conns", lost);
    if (const TlsClient* tls = fleet.transport().tls()) report_tls(*tls, report);
    report.add_flag("ok", exact);
    return exact;
}

void report_window(const Run& run, std::string_view prefix, const Usage& from, const Usage& to,
                   std::uint64_t messages) {
    const auto key = [&](const char* name) { return std::string(prefix) + name; };
    const double wall_s = seconds_between(from.at, to.at);
    Report& report = run.report;
    report.add_figure(key("wall_s"), wall_s, 4);
    report.add_figure(key("rate"), static_cast<double>(messages) / wall_s, 1);
    report.add_figure(key("gen_cpu_s"), to.own_cpu_s - from.own_cpu_s, 3);
    if (!run.stats.has_broker()) return;
    const double cpu_s = to.broker_cpu_s() - from.broker_cpu_s();
    report.add_figure(key("broker_user_s"), to.broker_user_s - from.broker_user_s, 2);
    report.add_figure(key("broker_sys_s"), to.broker_system_s - from.broker_system_s, 2);
    report.add_figure(key("broker_cpu_s"), cpu_s, 2);
    report.add_figure(key("cpu_us_per_msg"), per_message(cpu_s, messages), 3);
    report.add_figure(key("rss_before_kb"), static_cast<double>(from.broker_rss_kib), 0);
    report.add_figure(key("rss_after_kb"), static_cast<double>(to.broker_rss_kib), 0);
    report.add_count(key("broker_threads"), to.broker_threads);
}

void report_bytes_each(const Run& run, std::string_view key, const Usage& from, const Usage& to,
                       std::uint64_t things) {
    if (!run.stats.has_broker()) return;
    const auto grown_kib = static_cast<double>(to.broker_rss_kib - from.broker_rss_kib);
    run.report.add_figure(key, grown_kib * 1024 / static_cast<double>(things), 1);
}

bool measure_deliveries(const Run& run, std::uint64_t deliveries, std::uint64_t acknowledgements) {
    Fleet& fleet = run.fleet;
    const Usage before = run.stats.read();
    fleet.start_publishers();
    const bool reached = fleet.run_until([&] {
        return fleet.total(Counter::delivered) >= deliveries &&
               fleet.total(Counter::acknowledged) >= acknowledgements;
    });
    const Usage after = run.stats.read();
    report_window(run, "", before, after, fleet.total(Counter::delivered));
    fleet.linger(linger_time(run.options));
    return reached;
}

std::chrono::milliseconds linger_time(const Options& options) {
    return std::chrono::milliseconds(options.whole("linger"));
}

}  // namespace godwit::bench
