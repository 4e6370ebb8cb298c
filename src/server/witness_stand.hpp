// Whoever watches the broker's clients for the admin interface, if anybody does. Any thread.
#pragma once

#include <atomic>
#include <utility>

#include "godwit/admin/node.hpp"
#include "godwit/core/mutex.hpp"

namespace godwit::server {

class WitnessStand {
public:
    // After an empty one is set, no call of an earlier one runs.
    void set(admin::Witness witness) {
        const core::MutexLock lock(mutex_);
        is_taken_.store(witness.client_connected && witness.client_disconnected,
                        std::memory_order_relaxed);
        witness_ = std::move(witness);
    }

    // Calls tell(witness) where there is one.
    template <typename Tell>
    void call(Tell tell) {
        if (!is_taken_.load(std::memory_order_relaxed)) return;
        const core::MutexLock lock(mutex_);
        if (is_taken_.load(std::memory_order_relaxed)) tell(std::as_const(witness_));
    }

private:
    core::Mutex mutex_;
    admin::Witness witness_ GODWIT_GUARDED_BY(mutex_);
    std::atomic<bool> is_taken_{false};  // so that nobody waits for the mutex while nobody watches
};

}  // namespace godwit::server
