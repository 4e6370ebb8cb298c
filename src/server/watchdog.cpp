#include "watchdog.hpp"

#include <systemd/sd-daemon.h>

#include <cstdint>

namespace godwit::server {

namespace {

constexpr int kResetsPerWait = 4;

}  // namespace

Watchdog::Watchdog() {
    std::uint64_t wait_us = 0;
    if (sd_watchdog_enabled(0, &wait_us) <= 0) return;
    interval_ = std::chrono::ceil<std::chrono::milliseconds>(
        std::chrono::microseconds(wait_us / kResetsPerWait));
}

void Watchdog::reset() const {
    if (interval_ != std::chrono::milliseconds::max()) sd_notify(0, "WATCHDOG=1");
}

}  // namespace godwit::server
