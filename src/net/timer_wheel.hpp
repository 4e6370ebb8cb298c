// Many deadlines at little cost: a wheel of slots, each a list of the timers whose tick falls on
// it. Setting and cancelling take constant time and allocate nothing. A timer is never early and at
// most one tick late. One thread.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "godwit/core/time.hpp"

namespace godwit::net {

// To be embedded in what has a deadline. Destroying it cancels it.
class Timer {
public:
    Timer() = default;
    ~Timer() { cancel(); }
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;

    [[nodiscard]] bool pending() const { return pointer_to_this_ != nullptr; }
    void cancel() {
        if (pending()) unlink();
    }

private:
    friend class TimerWheel;

    void link(Timer*& head);
    void unlink();

    Timer* next_ = nullptr;
    Timer** pointer_to_this_ = nullptr;  // in the list it is in
    std::uint64_t due_ = 0;              // tick
};

class TimerWheel {
public:
    static constexpr std::chrono::milliseconds kTick{50};

    explicit TimerWheel(core::SteadyTime start) : start_(start) {}

    // Replaces an earlier deadline of the timer. A deadline that has passed comes at the next tick.
    void set(Timer& timer, core::SteadyTime deadline);

    // Takes out every timer whose deadline has passed and calls visit(Timer&) for it. A visit may
    // set, cancel and destroy any timer.
    template <typename Visit>
    void advance(core::SteadyTime now, Visit visit) {
        Timer* expired = nullptr;
        collect(now, expired);
        while (expired != nullptr) {
            Timer& timer = *expired;
            timer.unlink();
            visit(timer);
        }
    }

    // When advance() is worth calling again; not later than the next deadline.
    [[nodiscard]] std::optional<core::SteadyTime> next() const;

private:
    static constexpr std::size_t kSlots = 1024;

    void collect(core::SteadyTime now, Timer*& expired);
    void collect_slot(std::size_t slot, Timer*& expired);

    core::SteadyTime start_;
    std::uint64_t tick_ = 0;  // all timers due at it or before have been taken out
    std::array<Timer*, kSlots> slots_{};
    // One bit a slot: it may have timers. Cancelling leaves the bit to the next visit of the slot.
    std::array<std::uint64_t, kSlots / 64> occupied_{};
};

}  // namespace godwit::net
