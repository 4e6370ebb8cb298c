// Connect: connect, CONNACK, DISCONNECT, end of stream, over and over, many in flight.
#include <array>

#include "scenario.hpp"
#include "storm.hpp"

namespace godwit::bench {
namespace {

using namespace std::chrono_literals;

constexpr std::array kOptions = {
    OptionSpec{"messages", OptionKind::whole, "50000", "connections in all", 1},
    OptionSpec{"conns", OptionKind::whole, "50", "connections at a time", 1, 10'000},
};

Outcome run_connects(const Run& run) {
    const std::uint32_t wanted = run.options.whole("messages");
    Storm storm(run.fleet, run.options.whole("conns"));
    const Usage before = run.stats.read();
    const bool complete = storm.run(wanted);
    const Usage after = run.stats.read();
    run.fleet.linger(300ms);
    report_window(run, "", before, after, run.fleet.total(Counter::delivered));
    if (run.stats.has_broker()) {
        run.report.add_figure("rss_settled_kb",
                              static_cast<double>(run.stats.read().broker_rss_kib), 0);
    }
    run.report.add_count("conns", storm.clients().size());
    run.report.add_count("not_closed_by_broker", storm.closed_by_us());
    return {complete, wanted};
}

}  // namespace

const Scenario kConnect = {"connect", "connections set up and closed, over and over", kOptions,
                           run_connects};

}  // namespace godwit::bench
