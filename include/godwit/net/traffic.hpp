// What a loop counts besides its shard. Written by the loop's thread alone, read by any.
#pragma once

#include <array>

#include "godwit/core/counters.hpp"

namespace godwit::net {

struct Traffic {
    core::Counter bytes_received;
    core::Counter bytes_sent;
    core::Counter connects_received;        // CONNECT packets
    core::Counter connacks_sent;            // refusals without a shard; others it counts itself
    core::Counter connections_opened;       // let in by a listener
    core::Counter connections;              // gauge: those before their CONNECT included
    core::Counter connections_turned_away;  // over a limit, closed unread
    std::array<core::Counter, core::kCloseReasons> refused;  // before they were a client's
};

}  // namespace godwit::net
