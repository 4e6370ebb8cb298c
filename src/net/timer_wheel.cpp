#include "timer_wheel.hpp"

#include <algorithm>
#include <bit>

namespace godwit::net {

void Timer::link(Timer*& head) {
    next_ = head;
    if (next_ != nullptr) next_->pointer_to_this_ = &next_;
    pointer_to_this_ = &head;
    head = this;
}

void Timer::unlink() {
    *pointer_to_this_ = next_;
    if (next_ != nullptr) next_->pointer_to_this_ = pointer_to_this_;
    pointer_to_this_ = nullptr;
}

void TimerWheel::set(Timer& timer, core::SteadyTime deadline) {
    timer.cancel();
    const auto ticks = std::chrono::ceil<std::chrono::milliseconds>(deadline - start_) / kTick;
    // The tick after the one the deadline falls into, so that it is never early.
    timer.due_ = std::max(tick_, ticks < 0 ? 0 : static_cast<std::uint64_t>(ticks)) + 1;
    const std::size_t slot = timer.due_ % kSlots;
    timer.link(slots_[slot]);
    occupied_[slot / 64] |= std::uint64_t{1} << (slot % 64);
}

void TimerWheel::collect(core::SteadyTime now, Timer*& expired) {
    if (now < start_) return;
    const auto target = static_cast<std::uint64_t>((now - start_) / kTick);
    if (target <= tick_) return;
    const std::uint64_t slots = std::min<std::uint64_t>(target - tick_, kSlots);
    const std::uint64_t first = tick_ + 1;
    tick_ = target;
    for (std::uint64_t i = 0; i < slots; ++i)
        collect_slot((first + i) % kSlots, expired);
}

void TimerWheel::collect_slot(std::size_t slot, Timer*& expired) {
    const std::uint64_t bit = std::uint64_t{1} << (slot % 64);
    if ((occupied_[slot / 64] & bit) == 0) return;
    for (Timer* timer = slots_[slot]; timer != nullptr;) {
        Timer* const next = timer->next_;
        if (timer->due_ <= tick_) {
            timer->unlink();
            timer->link(expired);
        }
        timer = next;
    }
    if (slots_[slot] == nullptr) occupied_[slot / 64] &= ~bit;
}

std::optional<core::SteadyTime> TimerWheel::next() const {
    constexpr std::size_t kWords = kSlots / 64;
    const std::size_t begin = (tick_ + 1) % kSlots;
    // Word by word around the wheel; the first word comes again at the end for its lower bits.
    for (std::size_t i = 0; i <= kWords; ++i) {
        std::uint64_t word = occupied_[(begin / 64 + i) % kWords];
        if (i == 0) word &= ~std::uint64_t{0} << (begin % 64);
        if (i == kWords) word &= ~(~std::uint64_t{0} << (begin % 64));
        if (word == 0) continue;
        const std::size_t slot =
            (begin / 64 + i) % kWords * 64 + static_cast<std::size_t>(std::countr_zero(word));
        const std::uint64_t ahead = (slot + kSlots - begin) % kSlots;
        return start_ + kTick * static_cast<std::int64_t>(tick_ + 1 + ahead);
    }
    return std::nullopt;
}

}  // namespace godwit::net
