#include "godwit/core/retained.hpp"

#include <utility>

#include "godwit/core/hash.hpp"
#include "godwit/core/subscription.hpp"
#include "godwit/mqtt/topic.hpp"
#include "retained_node.hpp"

namespace godwit::core {
namespace {

// So many children are looked through one by one; more of them get an index.
constexpr std::size_t kUnindexedMax = 8;

}  // namespace

RetainedTree::RetainedTree(Reclaimer& reclaimer, std::uint64_t hash_key)
    : reclaimer_(reclaimer), hash_key_(hash_key), root_(RetainedNode::make("", nullptr, 0U)) {}

RetainedTree::~RetainedTree() {
    // Leaf by leaf: a topic may have more levels than the stack has room for calls.
    RetainedNode* node = root_.get();
    for (;;) {
        if (RetainedNode* first = node->first_child.load(std::memory_order_relaxed)) {
            node = first;
        } else if (node == root_.get()) {
            return;
        } else {
            RetainedNode* const parent = node->parent;
            parent->first_child.store(node->next.load(std::memory_order_relaxed),
                                      std::memory_order_relaxed);
            delete node;
            node = parent;
        }
    }
}

std::optional<std::uint64_t> RetainedTree::set(MessagePtr message, mqtt::Qos qos,
                                               std::optional<WallTime> expires_at,
                                               std::size_t messages_max) {
    const std::string_view topic = message->topic();
    MutexLock lock(mutex_);
    RetainedNode* node = find(topic);
    const bool replaces = node != nullptr && node->value.load(std::memory_order_relaxed) != nullptr;
    if (!replaces && messages_max != 0 && size() >= messages_max && !is_system_topic(topic)) {
        return std::nullopt;
    }

    const std::uint64_t version = version_.load(std::memory_order_relaxed) + 1;
    if (node == nullptr) node = &make_path(topic, version);
    put(*node, new Value{std::move(message), qos, version, expires_at});
    // Last, so that who sees this version sees the message.
    version_.store(version, std::memory_order_seq_cst);
    return version;
}

std::optional<std::uint64_t> RetainedTree::clear(std::string_view topic) {
    MutexLock lock(mutex_);
    RetainedNode* const node = find(topic);
    if (node == nullptr || node->value.load(std::memory_order_relaxed) == nullptr) {
        return std::nullopt;
    }
    return remove(*node);
}

std::optional<RetainedTree::Value> RetainedTree::get(std::string_view topic) const {
    const RetainedNode* const node = find(topic);
    if (node == nullptr) return std::nullopt;
    const Value* const value = node->value.load(std::memory_order_acquire);
    return value == nullptr ? std::nullopt : std::optional(*value);
}

void RetainedTree::expire(WallTime now, std::size_t limit,
                          const std::function<void(std::string_view, std::uint64_t)>& removed) {
    for (std::size_t i = 0; i < limit; ++i) {
        MessagePtr message;  // keeps the topic while we tell
        std::uint64_t version = 0;
        {
            MutexLock lock(mutex_);
            if (expiries_.empty() || expiries_.begin()->at > now) return;
            RetainedNode& node = *expiries_.begin()->node;
            message = node.value.load(std::memory_order_relaxed)->message;
            version = remove(node);
        }
        removed(message->topic(), version);
    }
}

std::optional<WallTime> RetainedTree::next_expiry() const {
    MutexLock lock(mutex_);
    return expiries_.empty() ? std::nullopt : std::optional(expiries_.begin()->at);
}

RetainedNode* RetainedTree::child(const RetainedNode& node, std::string_view level) const {
    if (!node.index.empty()) {
        return node.index.find(hash_bytes(level, hash_key_),
                               [level](const RetainedNode& c) { return c.text() == level; });
    }
    RetainedNode* candidate = node.first_child.load(std::memory_order_acquire);
    while (candidate != nullptr && candidate->text() != level) {
        candidate = candidate->next.load(std::memory_order_acquire);
    }
    return candidate;
}

RetainedNode* RetainedTree::find(std::string_view topic) const {
    RetainedNode* node = root_.get();
    for (std::optional rest = topic; rest.has_value() && node != nullptr;) {
        node = child(*node, mqtt::take_level(rest));
    }
    return node;
}

RetainedNode& RetainedTree::make_path(std::string_view topic, std::uint64_t version) {
    RetainedNode* node = root_.get();
    for (std::optional rest = topic; rest.has_value();) {
        const std::string_view level = mqtt::take_level(rest);
        RetainedNode* next = child(*node, level);
        if (next == nullptr) {
            next = RetainedNode::make(level, node, version);
            append_child(*node, next);
        }
        node = next;
    }
    return *node;
}

void RetainedTree::append_child(RetainedNode& parent, RetainedNode* child) {
    child->previous = std::exchange(parent.last_child, child);
    auto& place = child->previous == nullptr ? parent.first_child : child->previous->next;
    place.store(child, std::memory_order_release);

    if (!parent.index.empty()) {
        parent.index.insert(hash_bytes(child->text(), hash_key_), child, reclaimer_);
    } else {
        index_if_many(parent);
    }
}

void RetainedTree::index_if_many(RetainedNode& parent) {
    std::vector<RetainedNode*> children;
    RetainedNode* child = parent.first_child.load(std::memory_order_relaxed);
    for (; child != nullptr; child = child->next.load(std::memory_order_relaxed)) {
        children.push_back(child);
    }
    if (children.size() <= kUnindexedMax) return;
    parent.index.fill(
        children, [this](const RetainedNode& node) { return hash_bytes(node.text(), hash_key_); });
}

void RetainedTree::put(RetainedNode& node, Value* fresh) {
    if (fresh != nullptr && fresh->expires_at) {
        expiries_.insert({*fresh->expires_at, fresh->version, &node});
    }
    Value* const old = node.value.exchange(fresh, std::memory_order_acq_rel);
    const auto counts = [](const Value& value) { return !is_system_topic(value.message->topic()); };
    if (fresh != nullptr && old == nullptr && counts(*fresh))
        size_.fetch_add(1, std::memory_order_relaxed);
    if (fresh == nullptr && old != nullptr && counts(*old))
        size_.fetch_sub(1, std::memory_order_relaxed);
    if (old == nullptr) return;
    if (old->expires_at) expiries_.erase({*old->expires_at, old->version, &node});
    reclaimer_.retire(old);
}

std::uint64_t RetainedTree::remove(RetainedNode& node) {
    const std::uint64_t version = version_.load(std::memory_order_relaxed) + 1;
    put(node, nullptr);
    prune(&node);
    version_.store(version, std::memory_order_seq_cst);
    return version;
}

// Takes the node and those above it out, as far as nothing needs them any more.
void RetainedTree::prune(RetainedNode* node) {
    while (node != root_.get() && node->unused()) {
        RetainedNode& parent = *node->parent;
        RetainedNode* const next = node->next.load(std::memory_order_relaxed);
        auto& place = node->previous == nullptr ? parent.first_child : node->previous->next;
        place.store(next, std::memory_order_release);
        (next == nullptr ? parent.last_child : next->previous) = node->previous;
        if (!parent.index.empty()) {
            parent.index.erase(hash_bytes(node->text(), hash_key_), node, reclaimer_);
        }
        node->unlinked = 1;
        reclaimer_.retire(node);
        node = &parent;
    }
}

}  // namespace godwit::core
