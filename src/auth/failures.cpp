#include "failures.hpp"

namespace godwit::auth {

bool Failures::locked_out(const LockoutSettings& settings, const Who& who,
                          core::SteadyTime now) const {
    if (settings.failures == 0) return false;
    const std::uint64_t pair = key(who);
    const core::MutexLock lock(mutex_);
    const auto found = records_.find(pair);
    return found != records_.end() && now < found->second.locked_until;
}

void Failures::add(const LockoutSettings& settings, const Who& who, core::SteadyTime now) {
    if (settings.failures == 0) return;
    const std::uint64_t pair = key(who);
    const core::MutexLock lock(mutex_);
    Record& its = record(pair);
    if (its.count == 0 || now >= its.window_end) {
        its.count = 0;
        its.window_end = now + settings.window;
    }
    if (++its.count < settings.failures) return;
    its.count = 0;
    its.locked_until = now + settings.duration;
}

void Failures::forgive(const LockoutSettings& settings, const Who& who) {
    if (settings.failures == 0) return;
    const std::uint64_t pair = key(who);
    const core::MutexLock lock(mutex_);
    const auto found = records_.find(pair);
    if (found != records_.end()) found->second = {};
}

Failures::Record& Failures::record(std::uint64_t key) {
    const auto [found, is_new] = records_.try_emplace(key);
    if (is_new) {
        by_age_.push_back(key);
        if (by_age_.size() > pairs_max_) {
            records_.erase(by_age_.front());
            by_age_.pop_front();
        }
    }
    return found->second;
}

}  // namespace godwit::auth
