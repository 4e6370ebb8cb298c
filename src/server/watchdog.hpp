// systemd's watchdog (WatchdogSec= of the unit), which has the broker killed and started again when
// it hears nothing from it for too long.
#pragma once

#include <chrono>

namespace godwit::server {

class Watchdog {
public:
    // Asks systemd how long it waits.
    Watchdog();

    // How often it wants to be reset: several times before it has waited too long, so that one that
    // comes late does no harm. Where nobody watches, never.
    [[nodiscard]] std::chrono::milliseconds interval() const { return interval_; }

    // All is well.
    void reset() const;

private:
    std::chrono::milliseconds interval_ = std::chrono::milliseconds::max();
};

}  // namespace godwit::server
