// One shard's memory of where the topics it sees lead: a repeated topic costs one hash and one
// comparison. One thread; what find() returns holds until the next call or the end of the turn.
//
// A topic is remembered at its second sight, so that a stream of ever-new topics neither allocates
// nor pushes out what is worth keeping. Memory is bounded in entries and in bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/core/router.hpp"

namespace godwit::core {

class RouteCache {
public:
    static constexpr std::size_t kEntriesMax = 65'536;
    static constexpr std::size_t kBytesMax = 32UL * 1024 * 1024;  // of entries, table apart

    explicit RouteCache(const Router& router);
    ~RouteCache();
    RouteCache(const RouteCache&) = delete;
    RouteCache& operator=(const RouteCache&) = delete;

    struct Route {
        PublishTarget target;                  // views into the cached topic
        std::vector<const FilterNode*> nodes;  // of target.topic; none when it leads nowhere
    };
    // Nothing when `topic` (as published) is not a valid topic name; a cached one is not checked
    // again.
    [[nodiscard]] const Route* find(std::string_view topic);

    [[nodiscard]] std::size_t entries() const { return entries_; }

private:
    class Entry;
    struct Slot {
        std::uint64_t hash = 0;  // of the topic as published
        std::unique_ptr<Entry> entry;
    };

    const Route* refresh(Entry& entry);
    const Route* miss(std::string_view topic, std::uint64_t hash);
    Router::Version match(std::uint64_t target_hash);
    bool seen_before(std::uint64_t hash);
    const Route* remember(std::uint64_t hash, std::uint64_t target_hash, Router::Version version);
    void insert(Slot slot);
    void grow();
    void evict();

    const Router& router_;
    std::vector<Slot> slots_;  // a power of two of them, linear probing, at most half of them used
    std::size_t entries_ = 0;
    std::size_t bytes_ = 0;
    std::size_t hand_ = 0;  // where the next to go is looked for

    std::vector<std::uint16_t> seen_;  // hashes of topics seen once
    std::uint64_t conflicts_ = 0;

    std::string scratch_topic_;  // behind scratch_ when the topic is not remembered
    Route scratch_;
};

}  // namespace godwit::core
