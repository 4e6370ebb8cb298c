#include "godwit/core/route_cache.hpp"

#include <utility>

#include "godwit/core/text_tail.hpp"
#include "godwit/mqtt/topic.hpp"

namespace godwit::core {
namespace {

constexpr std::size_t kSlotsMin = 64;
constexpr std::size_t kAllocationBytes = 32;  // what two allocations cost beyond their contents

std::size_t bytes_of(const std::vector<const FilterNode*>& nodes) {
    return nodes.capacity() * sizeof(void*);
}

}  // namespace

// A remembered topic; its text is the topic as published.
class RouteCache::Entry : public TextTail<Entry> {
public:
    Route route;
    Router::Version version;        // of route.nodes
    std::uint64_t target_hash = 0;  // of the plain topic

    [[nodiscard]] std::size_t bytes() const {
        return sizeof(Entry) + text().size() + bytes_of(route.nodes) + kAllocationBytes;
    }
};

RouteCache::RouteCache(const Router& router)
    : router_(router), slots_(kSlotsMin), seen_(kEntriesMax) {}

RouteCache::~RouteCache() = default;

const RouteCache::Route* RouteCache::find(std::string_view topic) {
    const std::uint64_t hash = router_.hash(topic);
    const std::size_t mask = slots_.size() - 1;
    for (std::size_t at = hash & mask; slots_[at].entry != nullptr; at = (at + 1) & mask) {
        if (slots_[at].hash != hash) continue;
        Entry& entry = *slots_[at].entry;
        if (entry.text() != topic) continue;
        if (router_.version(entry.target_hash) == entry.version) return &entry.route;
        return refresh(entry);
    }
    return miss(topic, hash);
}

const RouteCache::Route* RouteCache::refresh(Entry& entry) {
    scratch_.target = entry.route.target;
    const Router::Version version = match(entry.target_hash);
    const std::size_t bytes_before = bytes_of(entry.route.nodes);
    if (bytes_ - bytes_before + bytes_of(scratch_.nodes) > kBytesMax) {
        // The entry keeps an older version and so is asked for again next time.
        entry.route.nodes = {};
        bytes_ -= bytes_before;
        return &scratch_;
    }
    entry.route.nodes.assign(scratch_.nodes.begin(), scratch_.nodes.end());
    bytes_ += bytes_of(entry.route.nodes) - bytes_before;
    entry.version = version;
    return &entry.route;
}

const RouteCache::Route* RouteCache::miss(std::string_view topic, std::uint64_t hash) {
    if (!mqtt::is_topic_name(topic)) return nullptr;
    scratch_topic_.assign(topic);
    scratch_.target = parse_publish_topic(scratch_topic_);
    const bool plain = scratch_.target.topic.size() == scratch_topic_.size();
    const std::uint64_t target_hash = plain ? hash : router_.hash(scratch_.target.topic);
    const Router::Version version = match(target_hash);
    if (!seen_before(hash)) return &scratch_;
    return remember(hash, target_hash, version);
}

// Fills scratch_.nodes for scratch_.target.
Router::Version RouteCache::match(std::uint64_t target_hash) {
    const Router::Version version = router_.version(target_hash);
    scratch_.nodes.clear();
    if (scratch_.target.kind != PublishTarget::Kind::nowhere) {
        router_.match(scratch_.target.topic, scratch_.nodes);
    }
    return version;
}

bool RouteCache::seen_before(std::uint64_t hash) {
    const auto mark = static_cast<std::uint16_t>((hash >> 48) | 1);  // 0 means free
    std::uint16_t& place = seen_[(hash >> 16) & (seen_.size() - 1)];
    if (place == mark) return true;
    // Topics of one place that take turns would push each other out for ever: so toss a coin.
    const bool heads = (++conflicts_ * kHashOdd1) >> 63 != 0;
    if (place == 0 || heads) place = mark;
    return false;
}

// Makes an entry of what stands in scratch_.
const RouteCache::Route* RouteCache::remember(std::uint64_t hash, std::uint64_t target_hash,
                                              Router::Version version) {
    std::unique_ptr<Entry> entry(Entry::make(scratch_topic_));
    const std::string_view text = entry->text();
    entry->route.target.kind = scratch_.target.kind;
    entry->route.target.topic = text.substr(text.size() - scratch_.target.topic.size());
    entry->route.nodes.assign(scratch_.nodes.begin(), scratch_.nodes.end());
    entry->version = version;
    entry->target_hash = target_hash;

    const std::size_t bytes = entry->bytes();
    if (bytes > kBytesMax) return &scratch_;
    while (entries_ == kEntriesMax || bytes_ + bytes > kBytesMax)
        evict();
    if (entries_ * 2 == slots_.size()) grow();
    const Route* const route = &entry->route;
    insert({hash, std::move(entry)});
    bytes_ += bytes;
    ++entries_;
    return route;
}

void RouteCache::insert(Slot slot) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = slot.hash & mask;
    while (slots_[at].entry != nullptr)
        at = (at + 1) & mask;
    slots_[at] = std::move(slot);
}

void RouteCache::grow() {
    std::vector<Slot> old(slots_.size() * 2);
    old.swap(slots_);
    for (Slot& slot : old) {
        if (slot.entry != nullptr) insert(std::move(slot));
    }
}

// Forgets the entry behind the hand, which goes round the table: any one, but always the same one.
void RouteCache::evict() {
    const std::size_t mask = slots_.size() - 1;
    while (slots_[hand_ & mask].entry == nullptr)
        ++hand_;
    std::size_t gap = hand_++ & mask;
    bytes_ -= slots_[gap].entry->bytes();
    --entries_;
    slots_[gap].entry.reset();
    // Those that searches reach only across the gap move into it.
    for (std::size_t at = (gap + 1) & mask; slots_[at].entry != nullptr; at = (at + 1) & mask) {
        const std::size_t home = slots_[at].hash & mask;
        if (((at - home) & mask) < ((at - gap) & mask)) continue;
        slots_[gap] = std::move(slots_[at]);
        gap = at;
    }
}

}  // namespace godwit::core
