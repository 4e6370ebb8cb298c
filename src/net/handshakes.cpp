#include "handshakes.hpp"

#include <utility>

namespace godwit::net {

bool Handshakes::begin(Waiter& waiter) {
    if (waiter.state_ != Waiter::State::outside) return waiter.state_ == Waiter::State::inside;
    if (inside_ < max_) {
        ++inside_;
        waiter.state_ = Waiter::State::inside;
        return true;
    }
    waiter.state_ = Waiter::State::waiting;
    waiter.ticket_ = ++tickets_;
    waiting_.emplace(waiter.ticket_, &waiter);
    return false;
}

void Handshakes::end(Waiter& waiter) {
    const auto state = std::exchange(waiter.state_, Waiter::State::outside);
    if (state == Waiter::State::waiting) waiting_.erase(waiter.ticket_);
    if (state != Waiter::State::inside) return;
    --inside_;
    if (waiting_.empty()) return;
    Waiter& next = *waiting_.begin()->second;
    waiting_.erase(waiting_.begin());
    ++inside_;
    next.state_ = Waiter::State::inside;
    next.on_room();
}

}  // namespace godwit::net
