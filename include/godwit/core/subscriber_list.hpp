// The ordinary subscribers of one filter. Read without a lock while the router, under its own,
// appends in place, removes by a mark and compacts by a copy; a reader sees each subscriber as it
// was at some moment of the call.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "godwit/core/handle.hpp"
#include "godwit/core/reclaim.hpp"
#include "godwit/mqtt/packet.hpp"

namespace godwit::core {

struct Subscriber {
    SessionHandle session;
    mqtt::Qos qos = mqtt::Qos::at_most_once;  // granted
    bool local = false;
    bool kept = false;  // what it is owed outlives the process

    friend bool operator==(const Subscriber&, const Subscriber&) = default;
};

class SubscriberList {
public:
    SubscriberList() = default;
    ~SubscriberList();
    SubscriberList(const SubscriberList&) = delete;
    SubscriberList& operator=(const SubscriberList&) = delete;

    // Calls visit(const Subscriber&) for each, oldest first.
    template <typename Visit>
    void for_each(Visit&& visit) const;
    [[nodiscard]] bool empty() const;

    // For the router. A session may stand here twice: ordinary and local.
    // Enters the subscriber, or replaces its QoS in place: then true.
    bool put(const Subscriber& subscriber, Reclaimer& reclaimer);
    // False when there was none.
    bool remove(SessionHandle session, bool local, Reclaimer& reclaimer);

private:
    // Slot and generation are written once, before `state` tells that they are there.
    struct Entry {
        std::uint32_t slot = 0;
        std::uint32_t generation = 0;
        std::atomic<std::uint32_t> state{0};  // kUsed, kLive, local, QoS, kept and shard
    };
    struct Block;

    static constexpr std::uint32_t kUsed = 1;
    static constexpr std::uint32_t kLive = 2;
    static constexpr std::uint32_t kLocal = 4;
    static constexpr unsigned kQosShift = 3;
    static constexpr std::uint32_t kKept = 32;
    static constexpr unsigned kShardShift = 16;

    static std::uint32_t state_of(const Subscriber& subscriber);
    static bool is(const Entry& entry, const SessionHandle& session, bool local);
    static void fill(Entry& entry, const Subscriber& subscriber);
    template <typename Visit>
    static void visit_live(const Entry& entry, Visit& visit);

    Entry* find(const SessionHandle& session, bool local);
    void append(const Subscriber& subscriber, Reclaimer& reclaimer);
    Block* rebuild(std::size_t capacity, Reclaimer& reclaimer);
    void replace(Block* fresh, Reclaimer& reclaimer);

    // Most filters have one subscriber, which needs no block. Never used a second time, so that the
    // order stays that of subscribing.
    Entry first_;
    std::atomic<Block*> more_{nullptr};
};

// Entries in the order they came; behind them, where they are many, an index for the writer.
struct SubscriberList::Block {
    static Block* make(std::size_t capacity);

    [[nodiscard]] Entry* entries() { return reinterpret_cast<Entry*>(this + 1); }
    [[nodiscard]] const Entry* entries() const { return reinterpret_cast<const Entry*>(this + 1); }
    [[nodiscard]] std::uint32_t* index() {
        return reinterpret_cast<std::uint32_t*>(entries() + capacity);
    }

    Entry* find(const SessionHandle& session, bool local);
    void append(const Subscriber& subscriber);
    void enter_in_index(const SessionHandle& session, bool local, std::uint32_t position);

    std::atomic<std::uint32_t> size{0};
    std::uint32_t capacity = 0;
    std::uint32_t dead = 0;
    std::uint32_t index_size = 0;  // a power of two, or 0: searched from end to end
};

template <typename Visit>
void SubscriberList::visit_live(const Entry& entry, Visit& visit) {
    // Sequentially consistent, here and for the size: a publisher stores a retained message and
    // reads this, a subscriber enters here and reads the retained messages, and one of the two must
    // see the other. The load costs nothing extra.
    const std::uint32_t state = entry.state.load(std::memory_order_seq_cst);
    if ((state & kLive) == 0) return;
    const Subscriber subscriber{
        {static_cast<ShardIndex>(state >> kShardShift), entry.slot, entry.generation},
        static_cast<mqtt::Qos>((state >> kQosShift) & 3),
        (state & kLocal) != 0,
        (state & kKept) != 0};
    visit(subscriber);
}

template <typename Visit>
void SubscriberList::for_each(Visit&& visit) const {
    visit_live(first_, visit);
    const Block* const block = more_.load(std::memory_order_seq_cst);
    if (block == nullptr) return;
    const Entry* const entries = block->entries();
    const std::uint32_t size = block->size.load(std::memory_order_seq_cst);
    for (std::uint32_t i = 0; i < size; ++i)
        visit_live(entries[i], visit);
}

}  // namespace godwit::core
