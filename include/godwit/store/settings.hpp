// What a user may set about durable state (`persistence`), with its defaults. Filled by config/.
#pragma once

#include <chrono>
#include <cstdint>

namespace godwit::store {

// When a commit counts as done. In all three, what was acknowledged survives the death of the
// process; what a power cut may take differs.
enum class Sync : std::uint8_t {
    always,    // once it is on disk: nothing
    interval,  // once it is written; synced every `sync_interval`: that much
    never,     // once it is written; the operating system decides
};

struct Settings {
    bool enabled = true;
    Sync sync = Sync::interval;
    std::chrono::milliseconds sync_interval{1000};
};

}  // namespace godwit::store
