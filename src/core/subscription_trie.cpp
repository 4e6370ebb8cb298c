#include "subscription_trie.hpp"

#include <array>
#include <cstddef>
#include <memory_resource>
#include <optional>

#include "godwit/core/hash.hpp"
#include "godwit/core/read_table.hpp"
#include "godwit/core/text_tail.hpp"
#include "godwit/mqtt/topic.hpp"

namespace godwit::core {

// One level of one or more filters; its text is the level's name.
struct SubscriptionTrie::Level : TextTail<Level> {
    explicit Level(Level* above) : parent(above) {}

    [[nodiscard]] bool unused() const {
        return children.empty() && plus.load(std::memory_order_relaxed) == nullptr &&
               end.load(std::memory_order_relaxed) == nullptr &&
               multi.load(std::memory_order_relaxed) == nullptr;
    }

    Level* const parent;
    ReadTable<Level> children;
    std::atomic<Level*> plus{nullptr};        // the child '+'
    std::atomic<FilterNode*> end{nullptr};    // the filter that ends with this level
    std::atomic<FilterNode*> multi{nullptr};  // the filter that goes on with '#'
};

SubscriptionTrie::SubscriptionTrie(Reclaimer& reclaimer, std::uint64_t hash_key)
    : reclaimer_(reclaimer), hash_key_(hash_key), root_(Level::make("", nullptr)) {}

SubscriptionTrie::~SubscriptionTrie() {
    std::vector<Level*> left;
    const auto take_apart = [&left](Level& level) {
        level.children.for_each([&left](Level* child) { left.push_back(child); });
        if (Level* plus = level.plus.load()) left.push_back(plus);
        delete level.end.load();
        delete level.multi.load();
    };
    take_apart(*root_);
    while (!left.empty()) {
        const std::unique_ptr<Level> level(left.back());
        left.pop_back();
        take_apart(*level);
    }
}

SubscriptionTrie::Level* SubscriptionTrie::child(const Level& level, std::string_view name) const {
    if (level.children.empty()) return nullptr;
    return level.children.find(hash_bytes(name, hash_key_),
                               [name](const Level& candidate) { return candidate.text() == name; });
}

FilterNode* SubscriptionTrie::find(std::string_view filter) const {
    const Level* level = root_.get();
    for (std::optional rest = filter; rest.has_value() && level != nullptr;) {
        const std::string_view name = mqtt::take_level(rest);
        if (name == "#") return level->multi.load(std::memory_order_acquire);
        level = name == "+" ? level->plus.load(std::memory_order_acquire) : child(*level, name);
    }
    return level == nullptr ? nullptr : level->end.load(std::memory_order_acquire);
}

void SubscriptionTrie::match(std::string_view topic, std::vector<const FilterNode*>& out) const {
    if (root_->unused()) return;

    // The levels of the trie that the topic's levels so far lead to, and those one further down.
    std::array<std::byte, 2048> room;
    std::pmr::monotonic_buffer_resource memory(room.data(), room.size());
    std::pmr::vector<const Level*> reached(&memory);
    std::pmr::vector<const Level*> next(&memory);
    reached.reserve(32);
    next.reserve(32);

    const auto add = [&out](const std::atomic<FilterNode*>& place) {
        if (const FilterNode* node = place.load(std::memory_order_acquire)) out.push_back(node);
    };
    const auto go = [&next](const Level* level) {
        if (level != nullptr) next.push_back(level);
    };

    reached.push_back(root_.get());
    bool wildcard = !topic.starts_with('$');  // [MQTT-4.7.2-1]
    for (std::optional rest = topic; rest.has_value() && !reached.empty();) {
        const std::string_view name = mqtt::take_level(rest);
        const std::uint64_t hash = hash_bytes(name, hash_key_);
        for (const Level* level : reached) {
            if (wildcard) add(level->multi);
            go(level->children.find(hash, [name](const Level& c) { return c.text() == name; }));
            if (wildcard) go(level->plus.load(std::memory_order_acquire));
        }
        reached.swap(next);
        next.clear();
        wildcard = true;
    }
    for (const Level* level : reached) {
        add(level->end);
        add(level->multi);  // '#' stands for no level, too [MQTT-4.7.1-2]
    }
}

void SubscriptionTrie::link(FilterNode* node) {
    Level* level = root_.get();
    for (std::optional rest = node->filter(); rest.has_value();) {
        const std::string_view name = mqtt::take_level(rest);
        if (name == "#") return level->multi.store(node, std::memory_order_release);
        level = &child_or_new(*level, name);
    }
    level->end.store(node, std::memory_order_release);
}

SubscriptionTrie::Level& SubscriptionTrie::child_or_new(Level& level, std::string_view name) {
    if (name == "+") {
        if (Level* plus = level.plus.load(std::memory_order_relaxed)) return *plus;
        Level* const made = Level::make(name, &level);
        level.plus.store(made, std::memory_order_release);
        return *made;
    }
    if (Level* existing = child(level, name)) return *existing;
    Level* const made = Level::make(name, &level);
    level.children.insert(hash_bytes(name, hash_key_), made, reclaimer_);
    return *made;
}

void SubscriptionTrie::unlink(FilterNode* node) {
    Level* level = root_.get();
    for (std::optional rest = node->filter(); rest.has_value();) {
        const std::string_view name = mqtt::take_level(rest);
        if (name == "#") {
            level->multi.store(nullptr, std::memory_order_release);
            return prune(level);
        }
        level = name == "+" ? level->plus.load(std::memory_order_relaxed) : child(*level, name);
    }
    level->end.store(nullptr, std::memory_order_release);
    prune(level);
}

// Takes the level and those above it out, as far as nothing needs them any more.
void SubscriptionTrie::prune(Level* level) {
    while (level != root_.get() && level->unused()) {
        Level* const parent = level->parent;
        if (parent->plus.load(std::memory_order_relaxed) == level) {
            parent->plus.store(nullptr, std::memory_order_release);
        } else {
            parent->children.erase(hash_bytes(level->text(), hash_key_), level, reclaimer_);
        }
        reclaimer_.retire(level);
        level = parent;
    }
}

}  // namespace godwit::core
