// What a seed decides before the simulation starts: the broker's settings, its surroundings, and
// how wild its clients are.
#pragma once

#include <string>
#include <vector>

#include "chance.hpp"
#include "godwit/core/settings.hpp"

namespace godwit::simulation {

struct Plan {
    core::Settings settings;
    std::size_t shards = 1;
    bool durable = false;  // a MemoryStore, else a VolatileStore
    core::Duration linger{0};
    std::size_t queue_window = 0;  // bytes
    Time commit_delay{0};          // usual time of a commit
    Time mail_delay{0};            // usual time between two shards
    Time link_delay{0};            // usual time of bytes on the way
    std::size_t inbox_credit = 0;  // bytes
    std::size_t socket_room = 0;   // bytes the network holds towards a client
    std::size_t clients = 2;
    std::size_t rounds = 1;   // of disorder, with a rest and all checks behind each
    std::size_t actions = 0;  // of a client in a round
    unsigned trouble = 0;     // percent of actions that are a cut, a takeover, a slow reader, ...
    bool wall_jumps = false;
    // All sessions are persistent and all subscriptions above QoS 0: nothing may be lost at all.
    bool firm = false;
    unsigned crashes = 0;   // in a round, of the broker's process
    unsigned faults = 0;    // in a round, times in which the disk takes nothing
    unsigned squeezes = 0;  // in a round, times in which the process has no memory to spare
    std::vector<std::string> topics;
    std::vector<std::string> filters;

    // Whether a queue may overflow at all.
    [[nodiscard]] bool bounded() const {
        return settings.session.max_queued_messages != 0 || settings.session.max_queued_bytes != 0;
    }
};

[[nodiscard]] Plan make_plan(Chance& chance);
[[nodiscard]] std::string to_text(const Plan& plan);

}  // namespace godwit::simulation
