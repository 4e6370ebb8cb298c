#include "godwit/core/subscriber_list.hpp"

#include <algorithm>
#include <bit>
#include <memory>
#include <new>

#include "godwit/core/hash.hpp"

namespace godwit::core {
namespace {

// A block of fewer entries is searched from end to end.
constexpr std::size_t kIndexMin = 32;
// Fewer dead entries than this are not worth a copy.
constexpr std::uint32_t kDeadMin = 8;

std::uint32_t index_hash(const SessionHandle& session, bool local) {
    const std::uint64_t rest = std::uint64_t{session.generation} << 17 |
                               std::uint64_t{session.shard} << 1 | (local ? 1U : 0U);
    return static_cast<std::uint32_t>((session.slot * kHashOdd1 ^ rest * kHashOdd2) >> 32);
}

}  // namespace

SubscriberList::~SubscriberList() {
    ::operator delete(more_.load(std::memory_order_relaxed));
}

bool SubscriberList::empty() const {
    return (first_.state.load(std::memory_order_acquire) & kLive) == 0 &&
           more_.load(std::memory_order_acquire) == nullptr;
}

bool SubscriberList::put(const Subscriber& subscriber, Reclaimer& reclaimer) {
    if (Entry* entry = find(subscriber.session, subscriber.local)) {
        entry->state.store(state_of(subscriber), std::memory_order_relaxed);
        return true;
    }
    if (first_.state.load(std::memory_order_relaxed) == 0) {
        fill(first_, subscriber);
    } else {
        append(subscriber, reclaimer);
    }
    return false;
}

bool SubscriberList::remove(SessionHandle session, bool local, Reclaimer& reclaimer) {
    Entry* const entry = find(session, local);
    if (entry == nullptr) return false;
    entry->state.store(kUsed, std::memory_order_relaxed);
    if (entry == &first_) return true;

    Block& block = *more_.load(std::memory_order_relaxed);
    ++block.dead;
    const std::uint32_t live = block.size.load(std::memory_order_relaxed) - block.dead;
    if (live == 0) {
        replace(nullptr, reclaimer);
    } else if (block.dead > kDeadMin && block.dead > live) {
        rebuild(live, reclaimer);
    }
    return true;
}

std::uint32_t SubscriberList::state_of(const Subscriber& subscriber) {
    return kUsed | kLive | (subscriber.local ? kLocal : 0) | (subscriber.kept ? kKept : 0) |
           static_cast<std::uint32_t>(subscriber.qos) << kQosShift |
           std::uint32_t{subscriber.session.shard} << kShardShift;
}

bool SubscriberList::is(const Entry& entry, const SessionHandle& session, bool local) {
    const std::uint32_t state = entry.state.load(std::memory_order_relaxed);
    return (state & kLive) != 0 && ((state & kLocal) != 0) == local && entry.slot == session.slot &&
           entry.generation == session.generation && state >> kShardShift == session.shard;
}

void SubscriberList::fill(Entry& entry, const Subscriber& subscriber) {
    entry.slot = subscriber.session.slot;
    entry.generation = subscriber.session.generation;
    entry.state.store(state_of(subscriber), std::memory_order_seq_cst);
}

SubscriberList::Entry* SubscriberList::find(const SessionHandle& session, bool local) {
    if (is(first_, session, local)) return &first_;
    Block* const block = more_.load(std::memory_order_relaxed);
    return block == nullptr ? nullptr : block->find(session, local);
}

void SubscriberList::append(const Subscriber& subscriber, Reclaimer& reclaimer) {
    Block* block = more_.load(std::memory_order_relaxed);
    if (block == nullptr) {
        block = Block::make(2);
        replace(block, reclaimer);
    } else if (const std::uint32_t size = block->size.load(std::memory_order_relaxed);
               size == block->capacity) {
        block = rebuild(std::size_t{size - block->dead} * 2, reclaimer);
    }
    block->append(subscriber);
}

// Moves what is live to a block of its own.
SubscriberList::Block* SubscriberList::rebuild(std::size_t capacity, Reclaimer& reclaimer) {
    Block* const fresh = Block::make(capacity);
    Block& old = *more_.load(std::memory_order_relaxed);
    const std::uint32_t size = old.size.load(std::memory_order_relaxed);
    const auto move = [fresh](const Subscriber& subscriber) { fresh->append(subscriber); };
    for (std::uint32_t i = 0; i < size; ++i)
        visit_live(old.entries()[i], move);
    replace(fresh, reclaimer);
    return fresh;
}

void SubscriberList::replace(Block* fresh, Reclaimer& reclaimer) {
    Block* const old = more_.load(std::memory_order_relaxed);
    more_.store(fresh, std::memory_order_seq_cst);
    if (old != nullptr) reclaimer.retire(old, [](void* block) { ::operator delete(block); });
}

SubscriberList::Block* SubscriberList::Block::make(std::size_t capacity) {
    const std::size_t index_size = capacity < kIndexMin ? 0 : std::bit_ceil(capacity * 2);
    auto* const made = ::new (::operator new(sizeof(Block) + capacity * sizeof(Entry) +
                                             index_size * sizeof(std::uint32_t))) Block;
    made->capacity = static_cast<std::uint32_t>(capacity);
    made->index_size = static_cast<std::uint32_t>(index_size);
    std::uninitialized_default_construct_n(made->entries(), capacity);
    std::fill_n(made->index(), index_size, 0U);
    return made;
}

SubscriberList::Entry* SubscriberList::Block::find(const SessionHandle& session, bool local) {
    if (index_size == 0) {
        Entry* const end = entries() + size.load(std::memory_order_relaxed);
        Entry* const found = std::find_if(
            entries(), end, [&](const Entry& entry) { return is(entry, session, local); });
        return found == end ? nullptr : found;
    }
    for (std::uint32_t at = index_hash(session, local);; ++at) {
        const std::uint32_t position = index()[at & (index_size - 1)];
        if (position == 0) return nullptr;
        if (is(entries()[position - 1], session, local)) return &entries()[position - 1];
    }
}

void SubscriberList::Block::append(const Subscriber& subscriber) {
    const std::uint32_t position = size.load(std::memory_order_relaxed);
    fill(entries()[position], subscriber);
    if (index_size != 0) enter_in_index(subscriber.session, subscriber.local, position);
    size.store(position + 1, std::memory_order_seq_cst);
}

void SubscriberList::Block::enter_in_index(const SessionHandle& session, bool local,
                                           std::uint32_t position) {
    std::uint32_t at = index_hash(session, local) & (index_size - 1);
    while (index()[at] != 0)
        at = (at + 1) & (index_size - 1);
    index()[at] = position + 1;  // 0 means free
}

}  // namespace godwit::core
