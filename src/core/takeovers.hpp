// How often a client id was taken over of late (limits.takeover_rate): two devices that share one
// id throw each other out for ever. Kept with the session; empty ones own no memory.
#pragma once

#include <chrono>

#include "godwit/core/time.hpp"
#include "ring.hpp"

namespace godwit::core {

class Takeovers {
public:
    enum class Verdict : std::uint8_t {
        granted,
        refused_first,  // and so are all others for a minute
        refused,
    };

    // Somebody connects with the client id of somebody else who is there. REQUIRES: per_minute > 0.
    [[nodiscard]] Verdict ask(std::size_t per_minute, SteadyTime now) {
        if (now < refused_until_) return Verdict::refused;
        while (!recent_.empty() && recent_.front() <= now - kMinute)
            recent_.pop_front();
        if (recent_.size() >= per_minute) {
            refused_until_ = now + kMinute;
            return Verdict::refused_first;
        }
        recent_.push_back(now);
        return Verdict::granted;
    }

private:
    static constexpr std::chrono::minutes kMinute{1};

    Ring<SteadyTime> recent_;  // within a minute, at most as many as are granted
    SteadyTime refused_until_{};
};

}  // namespace godwit::core
