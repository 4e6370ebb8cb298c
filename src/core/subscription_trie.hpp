// The filters with wildcards, level by level. Readers match without a lock; the router writes,
// under its own. The filter nodes still in it at its end end with it.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "godwit/core/filter_node.hpp"
#include "godwit/core/reclaim.hpp"

namespace godwit::core {

class SubscriptionTrie {
public:
    SubscriptionTrie(Reclaimer& reclaimer, std::uint64_t hash_key);
    ~SubscriptionTrie();
    SubscriptionTrie(const SubscriptionTrie&) = delete;
    SubscriptionTrie& operator=(const SubscriptionTrie&) = delete;

    // The node of this very filter, or null.
    [[nodiscard]] FilterNode* find(std::string_view filter) const;

    // Appends the nodes whose filters match `topic`: '#' behind fewer levels first. Looks at each
    // level of the trie once, at no more nodes than it holds there, and does not recurse.
    void match(std::string_view topic, std::vector<const FilterNode*>& out) const;

    // REQUIRES: the filter is not in the trie, or is, respectively.
    void link(FilterNode* node);
    void unlink(FilterNode* node);

private:
    struct Level;

    [[nodiscard]] Level* child(const Level& level, std::string_view name) const;
    Level& child_or_new(Level& level, std::string_view name);
    void prune(Level* level);

    Reclaimer& reclaimer_;
    const std::uint64_t hash_key_;
    const std::unique_ptr<Level> root_;  // above the first level
};

}  // namespace godwit::core
