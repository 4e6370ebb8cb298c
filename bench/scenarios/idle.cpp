// Idle: open connections, hold them, and see what each costs.
#include <algorithm>
#include <array>

#include "scenario.hpp"

namespace godwit::bench {
namespace {

constexpr std::array kOptions = {
    OptionSpec{"conns", OptionKind::whole, "20000", "connections", 1, 1'000'000},
    OptionSpec{"subscribe", OptionKind::whole, "0", "1: each subscribes to a topic", 0, 1},
    OptionSpec{"hold", OptionKind::decimal, "2", "seconds to hold them", 0, 3600},
};

constexpr std::uint16_t kKeepAliveSeconds = 60;

void subscribe_each(Fleet& fleet) {
    std::vector<std::string> filters;
    for (const Subscriber* subscriber : fleet.subscribers()) {
        filters.push_back("bench/idle/" + std::to_string(subscriber->number()));
    }
    fleet.subscribe_all(filters, 0);
}

Outcome run_idle(const Run& run) {
    Fleet& fleet = run.fleet;
    const std::uint32_t wanted = run.options.whole("conns");
    const bool subscribes = run.options.whole("subscribe") != 0;
    ConnectionEvents ignore_all;
    fleet.set_events(ignore_all);
    fleet.spread_sources();
    for (std::uint32_t i = 0; i < wanted; ++i) {
        fleet.add_subscriber(i).set_keep_alive(kKeepAliveSeconds);
    }

    const Usage before = run.stats.read();
    fleet.connect_subscribers();
    if (subscribes) subscribe_each(fleet);
    const Usage connected = run.stats.read();
    const double hold_ms = run.options.decimal("hold") * 1000;
    fleet.linger(std::chrono::milliseconds(static_cast<std::int64_t>(hold_ms)));
    const Usage held = run.stats.read();
    const auto& all = fleet.subscribers();
    const auto alive = std::count_if(all.begin(), all.end(),
                                     [](const Subscriber* each) { return each->is_open(); });
    all.front()->loop().count(Counter::delivered, static_cast<std::uint64_t>(alive));
    fleet.disconnect_subscribers();
    fleet.linger(std::chrono::milliseconds(300));

    report_window(run, "", before, connected, wanted);
    report_bytes_each(run, "rss_bytes_per_conn", before, held, wanted);
    if (run.stats.has_broker()) {
        const auto closed_kib = static_cast<double>(run.stats.read().broker_rss_kib);
        run.report.add_figure("idle_cpu_s", held.broker_cpu_s() - connected.broker_cpu_s(), 2);
        run.report.add_figure("rss_held_kb", static_cast<double>(held.broker_rss_kib), 0);
        run.report.add_figure("rss_closed_kb", closed_kib, 0);
    }
    run.report.add_count("conns", wanted);
    run.report.add_flag("subscribed", subscribes);
    return {true, wanted};
}

}  // namespace

const Scenario kIdle = {"idle", "many connections held open", kOptions, run_idle};

}  // namespace godwit::bench
