// godwit-bench: a bounded, closed-loop load generator for MQTT 3.1.1 brokers on this machine.
#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>

#include "descriptor_limit.hpp"
#include "failure.hpp"
#include "scenario.hpp"

namespace godwit::bench {
namespace {

constexpr std::array kCommonOptions = {
    OptionSpec{"host", OptionKind::text, "127.0.0.1", "the broker; a loopback address"},
    OptionSpec{"port", OptionKind::whole, "1883", "the broker's port", 1, 65535},
    OptionSpec{"tls", OptionKind::flag, "", "connect by TLS"},
    OptionSpec{"ca", OptionKind::text, "", "PEM file that the broker's certificate must stand on"},
    OptionSpec{"cert", OptionKind::text, "", "PEM file: the clients' certificate"},
    OptionSpec{"key", OptionKind::text, "", "PEM file: its key, where that is a file of its own"},
    OptionSpec{"tls-version", OptionKind::text, "", "1.2 or 1.3 alone"},
    OptionSpec{"resume", OptionKind::flag, "", "a client that comes back resumes its TLS session"},
    OptionSpec{"websocket", OptionKind::flag, "", "connect by WebSocket, with --tls over TLS"},
    OptionSpec{"path", OptionKind::text, "/mqtt", "of the WebSocket"},
    OptionSpec{"user", OptionKind::text, "", "user name; %n in it is the client's number"},
    OptionSpec{"password", OptionKind::text, "", "with --user; %n likewise"},
    OptionSpec{"broker-pid", OptionKind::whole, "0", "report CPU and memory of this process"},
    OptionSpec{"threads", OptionKind::whole, "1", "event loops of the generator", 1, 64},
    OptionSpec{"payload", OptionKind::whole, "64", "payload bytes", kHeadBytes, 256 * 1024},
    OptionSpec{"timeout", OptionKind::decimal, "60", "seconds for the whole run", 0.1, 86'400},
    OptionSpec{"stall", OptionKind::decimal, "5", "seconds without progress that fail", 0.1, 3600},
    OptionSpec{"conc", OptionKind::whole, "64", "connections opened at a time", 1, 10'000},
    OptionSpec{"linger", OptionKind::whole, "100", "ms to wait for surplus messages", 0, 60'000},
    OptionSpec{"strict-order", OptionKind::whole, "0", "1: messages out of order fail", 0, 1},
    OptionSpec{"label", OptionKind::text, "", "copied into the report"},
    OptionSpec{"seed", OptionKind::whole, "1", "of filters and topics that are drawn"},
};

std::string usage() {
    std::string text =
        "usage: godwit-bench SCENARIO [--OPTION VALUE]...\n"
        "       godwit-bench SCENARIO --help\n\n"
        "Loads an MQTT 3.1.1 broker on a loopback address and prints one line of JSON.\n"
        "Exit status: 0 exact counts, 1 not exact, 2 wrong arguments, 3 set-up failed.\n\n"
        "Scenarios:\n";
    for (const Scenario* scenario : scenarios()) {
        std::string name(scenario->name);
        name.resize(10, ' ');
        text += "  " + name + std::string(scenario->summary) + "\n";
    }
    return text + "\nOptions of every scenario (default):\n" + describe(kCommonOptions);
}

std::string usage_of(const Scenario& scenario) {
    return "usage: godwit-bench " + std::string(scenario.name) + " [--OPTION VALUE]...\n\n" +
           std::string(scenario.summary) + "\n\nOptions (default):\n" + describe(scenario.options) +
           "\nOptions of every scenario:\n" + describe(kCommonOptions);
}

const Scenario& find_scenario(std::string_view name) {
    const auto all = scenarios();
    const auto found = std::find_if(
        all.begin(), all.end(), [&](const Scenario* scenario) { return scenario->name == name; });
    if (found == all.end()) {
        fail(ExitCode::usage, "unknown scenario '" + std::string(name) + "' (see --help)");
    }
    return **found;
}

Options read_options(const Scenario& scenario, std::span<char* const> arguments) {
    std::vector<OptionSpec> specs(scenario.options.begin(), scenario.options.end());
    std::copy(kCommonOptions.begin(), kCommonOptions.end(), std::back_inserter(specs));
    return {std::move(specs), arguments};
}

// Load is for brokers on this machine alone.
sockaddr_in loopback_address(const Options& options) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(options.whole("port")));
    if (inet_pton(AF_INET, options.text("host").c_str(), &address.sin_addr) != 1 ||
        ntohl(address.sin_addr.s_addr) >> 24 != 127) {
        fail(ExitCode::usage, "--host: an IPv4 loopback address is needed (127.0.0.0/8)");
    }
    return address;
}

FleetSettings fleet_settings(const Options& options, const Transport& transport) {
    if (options.text("user").empty() && !options.text("password").empty()) {
        fail(ExitCode::usage, "--password is of use only with --user");
    }
    return {
        .broker = loopback_address(options),
        .transport = transport,
        .user_name = options.text("user"),
        .password = options.text("password"),
        .loops = options.whole("threads"),
        .connecting_max = options.whole("conc"),
        .deadline = Clock::now() + from_seconds(options.decimal("timeout")),
        .stall = from_seconds(options.decimal("stall")),
    };
}

ExitCode run_scenario(const Scenario& scenario, const Options& options) {
    raise_descriptor_limit();
    const ProcessStats stats(static_cast<pid_t>(options.whole("broker-pid")));
    const Transport transport(options);
    Fleet fleet(fleet_settings(options, transport));
    Report report;
    report.add_text("scenario", scenario.name);
    if (!options.text("label").empty()) report.add_text("label", options.text("label"));
    report.add_text("transport", transport.name());
    report.add_count("threads", options.whole("threads"));
    report.add_count("payload", options.whole("payload"));

    const Run run{.options = options, .fleet = fleet, .stats = stats, .report = report};
    const bool exact = conclude(run, scenario.run(run));
    std::puts(report.line().c_str());
    std::fflush(stdout);
    return exact ? ExitCode::exact : ExitCode::inexact;
}

bool asks_for_help(std::string_view argument) {
    return argument == "--help" || argument == "-h";
}

ExitCode main_of(std::span<char* const> arguments) {
    if (arguments.empty()) fail(ExitCode::usage, "a scenario is needed (see --help)");
    if (asks_for_help(arguments.front())) {
        std::fputs(usage().c_str(), stdout);
        return ExitCode::exact;
    }
    const Scenario& scenario = find_scenario(arguments.front());
    const auto rest = arguments.subspan(1);
    if (std::any_of(rest.begin(), rest.end(), asks_for_help)) {
        std::fputs(usage_of(scenario).c_str(), stdout);
        return ExitCode::exact;
    }
    return run_scenario(scenario, read_options(scenario, rest));
}

}  // namespace
}  // namespace godwit::bench

int main(int argc, char** argv) {
    const std::span<char* const> arguments(argv, static_cast<std::size_t>(argc));
    return static_cast<int>(godwit::bench::main_of(arguments.subspan(argc > 0 ? 1 : 0)));
}
