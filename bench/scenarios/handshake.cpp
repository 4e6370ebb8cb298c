// Handshake: TCP connection, TLS handshake, close_notify, end of stream, over and over, without
// MQTT. With --resume each client makes a full handshake before the measured window, and in it
// resumes its newest session only.
#include <array>

#include "failure.hpp"
#include "scenario.hpp"
#include "storm.hpp"

namespace godwit::bench {
namespace {

constexpr std::array kOptions = {
    OptionSpec{"messages", OptionKind::whole, "5000", "handshakes in all", 1},
    OptionSpec{"conns", OptionKind::whole, "50", "connections at a time", 1, 10'000},
};

void report_handshakes(const Run& run, const Usage& from, const Usage& to,
                       std::uint64_t handshakes) {
    report_window(run, "", from, to, handshakes);
    if (!run.stats.has_broker()) return;
    const double cpu_s = to.broker_cpu_s() - from.broker_cpu_s();
    run.report.add_figure("per_cpu_s", static_cast<double>(handshakes) / cpu_s, 1);
}

Outcome run_handshakes(const Run& run) {
    const TlsClient* tls = run.fleet.transport().tls();
    if (tls == nullptr || run.options.flag("websocket")) {
        fail(ExitCode::usage, "handshake: --tls is needed, without --websocket");
    }
    const std::uint32_t wanted = run.options.whole("messages");
    const bool resumes = run.options.flag("resume");
    Storm storm(run.fleet, run.options.whole("conns"));
    for (Connection* client : storm.clients())
        client->set_channel_only();

    const std::uint64_t made_before = resumes ? storm.clients().size() : 0;
    bool complete = !resumes || storm.run(made_before);
    const Usage before = run.stats.read();
    complete = complete && storm.run(wanted);
    const Usage after = run.stats.read();
    report_handshakes(run, before, after, tls->handshakes() - made_before);
    run.report.add_count("conns", storm.clients().size());
    run.report.add_count("not_closed_by_broker", storm.closed_by_us());
    const bool as_asked = tls->resumed() == (resumes ? wanted : 0);
    return {complete && as_asked, made_before + wanted};
}

}  // namespace

const Scenario kHandshake = {"handshake", "TLS handshakes, full or resumed, without MQTT", kOptions,
                             run_handshakes};

}  // namespace godwit::bench
