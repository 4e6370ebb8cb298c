#include "godwit/core/reclaim.hpp"

#include <algorithm>
#include <vector>

namespace godwit::core {

Reclaimer::Reclaimer(std::size_t shards)
    : shard_count_(shards), shards_(std::make_unique<Shard[]>(shards)) {}

Reclaimer::~Reclaimer() {
    for (const Retired& retired : retired_)
        retired.free(retired.object);
}

void Reclaimer::wake(ShardIndex shard) {
    shards_[shard].seen.store(epoch_.load(std::memory_order_relaxed), std::memory_order_seq_cst);
    // A collector that still saw us asleep has retired its objects before this load in the one
    // order of all sequentially consistent operations. So the load shows us its epoch, and with it
    // that those objects are unreachable.
    static_cast<void>(epoch_.load(std::memory_order_seq_cst));
}

void Reclaimer::sleep(ShardIndex shard) {
    shards_[shard].seen.store(kAsleep, std::memory_order_seq_cst);
}

void Reclaimer::retire(void* object, void (*free)(void*)) {
    MutexLock lock(mutex_);
    // Whoever sees this epoch also sees that the object is unreachable, and cannot find it anew.
    const std::uint64_t epoch = epoch_.fetch_add(1, std::memory_order_seq_cst) + 1;
    retired_.push_back({epoch, object, free});
    waiting_.fetch_add(1, std::memory_order_relaxed);
}

void Reclaimer::collect(std::size_t limit) {
    if (waiting() == 0) return;
    std::vector<Retired> free_now;
    {
        MutexLock lock(mutex_);
        const std::uint64_t seen = oldest_seen();
        while (free_now.size() < limit && !retired_.empty() && retired_.front().epoch <= seen) {
            free_now.push_back(retired_.front());
            retired_.pop_front();
        }
    }
    for (const Retired& retired : free_now)
        retired.free(retired.object);
    waiting_.fetch_sub(free_now.size(), std::memory_order_relaxed);
}

std::uint64_t Reclaimer::oldest_seen() const {
    std::uint64_t oldest = kAsleep;
    for (std::size_t shard = 0; shard < shard_count_; ++shard) {
        oldest = std::min(oldest, shards_[shard].seen.load(std::memory_order_seq_cst));
    }
    return oldest;
}

}  // namespace godwit::core
