#include "godwit/core/router.hpp"

#include "godwit/mqtt/topic.hpp"
#include "subscription_trie.hpp"

namespace godwit::core {

Router::Router(Reclaimer& reclaimer, std::uint64_t hash_key)
    : reclaimer_(reclaimer),
      hash_key_(hash_key),
      trie_(std::make_unique<SubscriptionTrie>(reclaimer, hash_key)) {}

Router::~Router() {
    exact_.for_each([](FilterNode* node) { delete node; });
}

Router::Placed Router::subscribe(const FilterKey& key, SessionHandle session, mqtt::Qos qos,
                                 std::uint64_t client_hash, bool connected, bool kept) {
    MutexLock lock(mutex_);
    if (FilterNode* node = find(key.filter)) {
        return place(*node, key, session, qos, client_hash, connected, kept);
    }
    // Linked with its first subscriber in it: nobody ever finds it empty.
    FilterNode* const node = FilterNode::make(key.filter);
    const Placed placed = place(*node, key, session, qos, client_hash, connected, kept);
    link(node);
    return placed;
}

bool Router::unsubscribe(const FilterKey& key, SessionHandle session) {
    MutexLock lock(mutex_);
    FilterNode* const node = find(key.filter);
    if (node == nullptr || !remove(*node, key, session)) return false;
    if (node->unused()) unlink(node);
    return true;
}

void Router::match(std::string_view topic, std::vector<const FilterNode*>& out) const {
    const auto is_it = [topic](const FilterNode& node) { return node.filter() == topic; };
    if (const FilterNode* node = exact_.find(hash(topic), is_it)) out.push_back(node);
    trie_->match(topic, out);
}

FilterNode* Router::find(std::string_view filter) const {
    if (mqtt::has_wildcard(filter)) return trie_->find(filter);
    return exact_.find(hash(filter),
                       [filter](const FilterNode& n) { return n.filter() == filter; });
}

void Router::link(FilterNode* node) {
    if (mqtt::has_wildcard(node->filter())) {
        trie_->link(node);
    } else {
        exact_.insert(hash(node->filter()), node, reclaimer_);
    }
    bump_version(node->filter());
}

void Router::unlink(FilterNode* node) {
    if (mqtt::has_wildcard(node->filter())) {
        trie_->unlink(node);
    } else {
        exact_.erase(hash(node->filter()), node, reclaimer_);
    }
    // Before the node is retired: who still remembers it must see the new version by the time it
    // is freed.
    bump_version(node->filter());
    reclaimer_.retire(node);
}

void Router::bump_version(std::string_view filter) {
    if (mqtt::has_wildcard(filter)) {
        wildcard_version_.fetch_add(1);
    } else {
        exact_versions_[version_index(hash(filter))].fetch_add(1);
    }
}

Router::Placed Router::place(FilterNode& node, const FilterKey& key, const SessionHandle& session,
                             mqtt::Qos qos, std::uint64_t client_hash, bool connected, bool kept) {
    if (!key.shared) {
        const bool existed = node.subscribers().put({session, qos, key.local, kept}, reclaimer_);
        if (!existed) subscriptions_.fetch_add(1, std::memory_order_relaxed);
        return {existed};
    }
    SharedGroup* group = node.find_group(key.group, key.local);
    GroupMember* member = group == nullptr ? nullptr : group->find(session);
    if (member != nullptr) {
        member->qos.store(qos, std::memory_order_relaxed);
        return {true, group, member};
    }
    if (group == nullptr) group = node.add_group(key.group, key.local, group_id(key), reclaimer_);
    member = group->add(session, qos, client_hash, connected, reclaimer_);
    shared_subscriptions_.fetch_add(1, std::memory_order_relaxed);
    return {false, group, member};
}

std::uint64_t Router::group_id(const FilterKey& key) const {
    std::uint64_t id = hash_bytes(key.group, hash(key.filter));
    if (key.local) id = hash_bytes("$local", id);
    return id == 0 ? 1 : id;
}

bool Router::remove(FilterNode& node, const FilterKey& key, const SessionHandle& session) {
    if (!key.shared) {
        if (!node.subscribers().remove(session, key.local, reclaimer_)) return false;
        subscriptions_.fetch_sub(1, std::memory_order_relaxed);
        return true;
    }
    SharedGroup* const group = node.find_group(key.group, key.local);
    GroupMember* const member = group == nullptr ? nullptr : group->find(session);
    if (member == nullptr) return false;
    group->remove(member, reclaimer_);
    if (group->members().empty()) node.remove_group(group, reclaimer_);
    shared_subscriptions_.fetch_sub(1, std::memory_order_relaxed);
    return true;
}

}  // namespace godwit::core
