// The broker's own clock, in which absolute times are stored. While a broker runs, it goes on with
// the steady clock. From one run to the next it goes on by the time between, as far as that can be
// known: whoever sets the machine's clock neither ends all absent sessions nor keeps them for ever.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "godwit/core/time.hpp"

namespace godwit::store {

struct MachineClocks {
    core::WallTime wall;                 // may be set to anything at any time
    std::string boot;                    // names this run of the machine; empty: it has no name
    std::chrono::nanoseconds booted{0};  // since it began, suspension included
};

[[nodiscard]] MachineClocks read_machine_clocks();

// What the broker's clock and the machine's showed at one moment.
struct Checkpoint {
    core::WallTime broker;
    MachineClocks machine;
};

void encode(const Checkpoint& checkpoint, std::string& out);
[[nodiscard]] std::optional<Checkpoint> decode_checkpoint(std::string_view value);

// Where only the wall clock can tell a downtime, as after a reboot, no more of it counts: less than
// the 2 h that sessions last by default, so that one wrong clock does not end them all.
inline constexpr std::chrono::hours kDoubtfulDowntimeMax{1};

struct Resumed {
    core::WallTime broker;
    std::string note;  // for the log, where not all of the downtime counts
};

// The broker's clock at a start.
[[nodiscard]] Resumed resume(const Checkpoint& before, const MachineClocks& now);

}  // namespace godwit::store
