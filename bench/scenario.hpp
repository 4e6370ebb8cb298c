// A scenario: a row in the table of scenarios, with its options and the function that runs it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "fleet.hpp"
#include "options.hpp"
#include "process_stats.hpp"
#include "report.hpp"

namespace godwit::bench {

// What a scenario works with; all of it outlives the run.
struct Run {
    const Options& options;
    Fleet& fleet;
    const ProcessStats& stats;
    Report& report;
};

// What a scenario hands back for the verdict.
struct Outcome {
    bool complete;                    // All steps ended, and the scenario's own checks held.
    std::uint64_t expected;           // Messages that had to be counted as delivered.
    bool duplicates_allowed = false;  // QoS 1 allows them.
};

struct Scenario {
    std::string_view name;
    std::string_view summary;
    std::span<const OptionSpec> options;
    Outcome (*run)(const Run& run);
};

// All of them, in the order of --help.
std::span<const Scenario* const> scenarios();

// Adds the counts every scenario reports and says whether they are exact.
bool conclude(const Run& run, const Outcome& outcome);

// The figures of a measured window: its length, rate, CPU and memory. `prefix` tells the windows
// of one scenario apart.
void report_window(const Run& run, std::string_view prefix, const Usage& from, const Usage& to,
                   std::uint64_t messages);
void report_bytes_each(const Run& run, std::string_view key, const Usage& from, const Usage& to,
                       std::uint64_t things);

// Starts the publishers and runs until so many messages are delivered and acknowledged; reports
// that window. The broker must be connected to and subscribed at.
bool measure_deliveries(const Run& run, std::uint64_t deliveries, std::uint64_t acknowledgements);

// Rows that several scenarios share.
inline constexpr OptionSpec qos_option() {
    return {"qos", OptionKind::whole, "0", "QoS of publishers and subscribers", 0, 2};
}
inline constexpr OptionSpec persistent_option() {
    return {"persistent", OptionKind::whole, "0", "1: subscribers have persistent sessions", 0, 1};
}
constexpr OptionSpec window_option(std::string_view fallback) {
    return {"window", OptionKind::whole,    fallback, "messages under way per publisher, at most",
            1,        Publisher::kWindowMax};
}

// The values of options that several scenarios share.
inline std::uint8_t qos_of(const Options& options, std::string_view name = "qos") {
    return static_cast<std::uint8_t>(options.whole(name));
}
std::chrono::milliseconds linger_time(const Options& options);

// The publisher that a received message names; null, and counted as malformed, when its payload
// names none.
inline Publisher* publisher_of(const Fleet& fleet, Subscriber& subscriber,
                               const std::optional<MessageHead>& head) {
    if (head && head->publisher < fleet.publishers().size()) {
        return fleet.publishers()[head->publisher];
    }
    subscriber.loop().count(Counter::malformed);
    return nullptr;
}

// Counts a message that its subscriber is due in order. True unless it is a duplicate.
inline bool count_ordered(Subscriber& subscriber, std::uint32_t flow, std::uint32_t sequence) {
    EventLoop& loop = subscriber.loop();
    const Arrival arrival = subscriber.order.arrived(flow, sequence);
    if (arrival == Arrival::duplicate) {
        loop.count(Counter::duplicates);
        return false;
    }
    if (arrival == Arrival::late) loop.count(Counter::out_of_order);
    loop.count(Counter::delivered);
    return true;
}

extern const Scenario kP2p;
extern const Scenario kFanout;
extern const Scenario kFanin;
extern const Scenario kTrie;
extern const Scenario kRetained;
extern const Scenario kConnect;
extern const Scenario kIdle;
extern const Scenario kLatency;
extern const Scenario kOffline;
extern const Scenario kAck;
extern const Scenario kSessions;
extern const Scenario kHandshake;
extern const Scenario kLogin;

}  // namespace godwit::bench
