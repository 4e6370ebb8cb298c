// Who gets a message: topic -> subscribers. One router serves all shards. Exact filters sit in a
// hash map, filters with wildcards in a trie of topic levels.
//
// Readers (match, SubscriberList, groups) take no lock, write no shared memory and never wait; what
// they were given stays valid until the end of their turn (Reclaimer). Writers are serialised by a
// lock inside and may run on any shard's thread.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "godwit/core/filter_node.hpp"
#include "godwit/core/handle.hpp"
#include "godwit/core/hash.hpp"
#include "godwit/core/mutex.hpp"
#include "godwit/core/read_table.hpp"
#include "godwit/core/reclaim.hpp"
#include "godwit/core/subscription.hpp"
#include "godwit/mqtt/packet.hpp"

namespace godwit::core {

class SubscriptionTrie;

class Router {
public:
    // A secret key keeps clients from choosing filters whose hashes collide. The ids of shared
    // groups depend on it.
    explicit Router(Reclaimer& reclaimer, std::uint64_t hash_key = 0);
    ~Router();
    Router(const Router&) = delete;
    Router& operator=(const Router&) = delete;

    struct Placed {
        bool existed = false;           // the QoS of an existing subscription was replaced, no gap
        SharedGroup* group = nullptr;   // of a shared subscription; lives while it has members
        GroupMember* member = nullptr;  // of a shared subscription; lives until unsubscribe()
    };
    // Enters or replaces [MQTT-3.8.4-3] the session's subscription. `kept`: what the session is
    // owed outlives the process.
    Placed subscribe(const FilterKey& key, SessionHandle session, mqtt::Qos qos,
                     std::uint64_t client_hash, bool connected, bool kept = false);
    // False when there was none.
    bool unsubscribe(const FilterKey& key, SessionHandle session);

    // Appends every node whose filter matches the plain topic: the exact one, then level by level.
    void match(std::string_view topic, std::vector<const FilterNode*>& out) const;

    // Two counters; while neither has changed for a topic, match() gives the same nodes. To be read
    // before match().
    struct Version {
        std::uint64_t wildcard = 0;
        std::uint64_t exact = 0;
        friend bool operator==(const Version&, const Version&) = default;
    };
    [[nodiscard]] Version version(std::uint64_t topic_hash) const {
        return {wildcard_version_.load(), exact_versions_[version_index(topic_hash)].load()};
    }
    // What version() wants to know of a plain topic.
    [[nodiscard]] std::uint64_t hash(std::string_view topic) const {
        return hash_bytes(topic, hash_key_);
    }

    // Ordinary ones.
    [[nodiscard]] std::size_t subscriptions() const {
        return subscriptions_.load(std::memory_order_relaxed);
    }
    // Memberships.
    [[nodiscard]] std::size_t shared_subscriptions() const {
        return shared_subscriptions_.load(std::memory_order_relaxed);
    }

private:
    static constexpr unsigned kExactVersionBits = 10;

    static std::size_t version_index(std::uint64_t topic_hash) {
        return topic_hash >> (64 - kExactVersionBits);
    }

    [[nodiscard]] FilterNode* find(std::string_view filter) const;
    // The node has become reachable, or is no longer so.
    void link(FilterNode* node) GODWIT_REQUIRES(mutex_);
    void unlink(FilterNode* node) GODWIT_REQUIRES(mutex_);
    void bump_version(std::string_view filter) GODWIT_REQUIRES(mutex_);
    Placed place(FilterNode& node, const FilterKey& key, const SessionHandle& session,
                 mqtt::Qos qos, std::uint64_t client_hash, bool connected, bool kept)
        GODWIT_REQUIRES(mutex_);
    // The same after a restart, since stored messages name their group by it.
    [[nodiscard]] std::uint64_t group_id(const FilterKey& key) const;
    bool remove(FilterNode& node, const FilterKey& key, const SessionHandle& session)
        GODWIT_REQUIRES(mutex_);

    Reclaimer& reclaimer_;
    const std::uint64_t hash_key_;
    ReadTable<FilterNode> exact_;
    const std::unique_ptr<SubscriptionTrie> trie_;
    // Sequentially consistent for the reason given in SubscriberList.
    std::atomic<std::uint64_t> wildcard_version_{0};
    std::array<std::atomic<std::uint64_t>, 1U << kExactVersionBits> exact_versions_{};

    // Apart from what is read for every message.
    alignas(64) Mutex mutex_;
    std::atomic<std::size_t> subscriptions_{0};
    std::atomic<std::size_t> shared_subscriptions_{0};
};

}  // namespace godwit::core
