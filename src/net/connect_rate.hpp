// How fast connections may be accepted, all listeners together (limits.connect_rate). Any thread.
#pragma once

#include <atomic>
#include <cstddef>

#include "godwit/core/mutex.hpp"
#include "godwit/core/token_bucket.hpp"

namespace godwit::net {

class ConnectRate {
public:
    // 0: as fast as they come.
    explicit ConnectRate(std::size_t a_second) : rate_(a_second) {}
    void set(std::size_t a_second) { rate_.store(a_second, std::memory_order_relaxed); }

    // How long until one more may be accepted; 0: now.
    [[nodiscard]] core::TokenBucket::Wait wait(core::SteadyTime now) {
        const double rate = this->rate();
        if (rate == 0) return {};
        const core::MutexLock lock(mutex_);
        return bucket_.wait(1, rate, now);
    }
    // One more; false when it has to wait.
    [[nodiscard]] bool take(core::SteadyTime now) {
        const double rate = this->rate();
        if (rate == 0) return true;
        const core::MutexLock lock(mutex_);
        if (bucket_.wait(1, rate, now).count() != 0) return false;
        bucket_.spend(1, rate, now);
        return true;
    }
    // There was none to accept.
    void give_back(core::SteadyTime now) {
        const double rate = this->rate();
        if (rate == 0) return;
        const core::MutexLock lock(mutex_);
        bucket_.spend(-1, rate, now);
    }

private:
    [[nodiscard]] double rate() const {
        return static_cast<double>(rate_.load(std::memory_order_relaxed));
    }

    std::atomic<std::size_t> rate_;
    core::Mutex mutex_;
    core::TokenBucket bucket_ GODWIT_GUARDED_BY(mutex_);
};

}  // namespace godwit::net
