// When may a writer free what a reader may still look at? Readers of the router and of the retained
// tree take no lock: they may hold a pointer until the end of their turn. A writer first makes the
// object unreachable, then retires it here; it is freed once every shard has ended a turn since, or
// sleeps in its poller and so holds nothing.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>

#include "godwit/core/handle.hpp"
#include "godwit/core/mutex.hpp"

namespace godwit::core {

class Reclaimer {
public:
    explicit Reclaimer(std::size_t shards);
    ~Reclaimer();  // Frees all that is left. REQUIRES: no shard reads any more.
    Reclaimer(const Reclaimer&) = delete;
    Reclaimer& operator=(const Reclaimer&) = delete;

    // A shard between these two may read; every shard starts asleep. Called by the shard's own
    // thread, as is end_turn(), which waking an awake shard amounts to.
    void wake(ShardIndex shard);
    void sleep(ShardIndex shard);
    // A shard that goes on without sleeping tells that it holds nothing from before.
    void end_turn(ShardIndex shard) {
        std::atomic<std::uint64_t>& seen = shards_[shard].seen;
        const std::uint64_t epoch = epoch_.load(std::memory_order_acquire);
        if (seen.load(std::memory_order_relaxed) == epoch) return;
        // Release: what the turn read was read before anyone frees it.
        seen.store(epoch, std::memory_order_release);
    }

    // Frees `object` with `free` later. Any thread.
    void retire(void* object, void (*free)(void*));
    template <typename T>
    void retire(T* object) {
        retire(object, [](void* p) { delete static_cast<T*>(p); });
    }

    // Frees what no shard can hold any more; called now and then by any shard. At most `limit`
    // objects, so that a call stays short.
    void collect(std::size_t limit);

    // Objects retired and not yet freed.
    [[nodiscard]] std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }

private:
    static constexpr std::uint64_t kAsleep = std::numeric_limits<std::uint64_t>::max();

    struct alignas(64) Shard {
        std::atomic<std::uint64_t> seen{kAsleep};  // the epoch at the last end of turn
    };
    struct Retired {
        std::uint64_t epoch;
        void* object;
        void (*free)(void*);
    };

    [[nodiscard]] std::uint64_t oldest_seen() const;

    const std::size_t shard_count_;
    const std::unique_ptr<Shard[]> shards_;
    std::atomic<std::uint64_t> epoch_{1};  // one more for each object retired
    std::atomic<std::size_t> waiting_{0};
    // Apart from what every shard reads each turn.
    alignas(64) Mutex mutex_;
    std::deque<Retired> retired_ GODWIT_GUARDED_BY(mutex_);  // in the order of their epochs
};

}  // namespace godwit::core
