// Gives a broker's shards what its store kept, when it starts: retained messages and sessions, then
// what the publication log still owes, then the wills of those who were connected when the process
// ended. Before anything else happens to the shards.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <vector>

#include "godwit/core/mutex.hpp"
#include "godwit/core/shard.hpp"
#include "godwit/core/stored_state.hpp"

namespace godwit::core {

class Restart {
public:
    // Both outlive it.
    Restart(const Commons& commons, const StoredState& state) : commons_(commons), state_(state) {}

    void load_retained();
    // The sessions whose home is this shard. Each shard once; on several threads at once.
    void load_sessions(Shard& shard, Now now);
    // Then, on the thread of that shard or while none runs: whatever is still due. It is on its way
    // when every shard has committed what it wrote and no mail is under way.
    void finish(Shard& shard, Now now);

private:
    struct Place {
        ShardIndex shard;
        std::uint32_t slot;
        std::uint32_t generation;
        friend auto operator<=>(const Place&, const Place&) = default;
    };

    [[nodiscard]] static Place place_of(const SessionHandle& handle) {
        return {handle.shard, handle.slot, handle.generation};
    }
    [[nodiscard]] static bool names(const std::vector<Receiver>& receivers,
                                    const Receiver& receiver);
    void restore(Shard& shard, StoredSession stored, bool keeps_place, Now now);
    [[nodiscard]] LoggedPublication due_of(StoredPublication stored) const;

    const Commons& commons_;
    const StoredState& state_;
    Mutex mutex_;
    std::map<Place, SessionHandle> handles_;  // by the place that the store knows
    std::vector<SessionRecord> moved_;        // that have another place now
};

}  // namespace godwit::core
