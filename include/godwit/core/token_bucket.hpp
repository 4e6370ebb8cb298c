// How fast something may go on: so much a second, and a second's worth at once after a rest. One
// thread; the rate may be another one at each call.
#pragma once

#include <algorithm>
#include <chrono>
#include <cmath>

#include "godwit/core/time.hpp"

namespace godwit::core {

class TokenBucket {
public:
    using Wait = std::chrono::nanoseconds;

    // How long until something of this cost may pass; 0: it may now. What costs more than a whole
    // second's worth passes once the bucket is full. REQUIRES: rate > 0.
    [[nodiscard]] Wait wait(double cost, double rate, SteadyTime now) const {
        const double owed = owed_at(rate, now);
        const double too_much = std::min(owed, owed + cost - rate);
        if (too_much <= 0) return Wait{0};
        // More than a century is never.
        return Wait{static_cast<Wait::rep>(std::ceil(std::min(too_much / rate * 1e9, 3e18)))};
    }

    // It passes. A negative cost gives back.
    void spend(double cost, double rate, SteadyTime now) {
        owed_ = std::max(owed_at(rate, now) + cost, 0.0);
        since_ = now;
    }

private:
    [[nodiscard]] double owed_at(double rate, SteadyTime now) const {
        const std::chrono::duration<double> passed = now - since_;
        return std::max(owed_ - rate * passed.count(), 0.0);
    }

    double owed_ = 0;     // of what has passed, this part has not flowed back yet...
    SteadyTime since_{};  // ...at that time
};

}  // namespace godwit::core
