#include <algorithm>

#include "godwit/core/retained.hpp"
#include "godwit/mqtt/topic.hpp"
#include "retained_node.hpp"

namespace godwit::core {

std::unique_ptr<RetainedTree::Cursor> RetainedTree::replay(std::string_view filter) {
    return std::unique_ptr<Cursor>(new Cursor(*this, filter, Cursor::Sees::ordinary));
}

std::unique_ptr<RetainedTree::Cursor> RetainedTree::list(std::string_view filter) {
    return std::unique_ptr<Cursor>(new Cursor(*this, filter, Cursor::Sees::everything));
}

std::unique_ptr<RetainedTree::Cursor> RetainedTree::resume(std::string_view filter,
                                                           const RetainedPlace& place) {
    std::unique_ptr<Cursor> cursor = list(filter);
    if (!cursor->go_to(place)) return nullptr;
    return cursor;
}

bool RetainedTree::advance(Cursor& cursor, WallTime now,
                           const std::function<bool(const Value&)>& visit, std::size_t steps_max) {
    for (std::size_t steps = 0; cursor.at_ != nullptr && steps < steps_max; ++steps) {
        if (cursor.at_match()) {
            const Value* const value = cursor.at_->value.load(std::memory_order_acquire);
            const bool due = value != nullptr && !(value->expires_at && *value->expires_at <= now);
            if (due && !visit(*value)) break;
        }
        cursor.step();
    }
    pin_place_of(cursor);
    return cursor.at_ == nullptr;
}

// From now until the next slice the node at which the cursor stands stays in the tree, and with it
// those above it.
void RetainedTree::pin_place_of(Cursor& cursor) {
    if (cursor.at_ == cursor.pinned_) return;
    MutexLock lock(mutex_);
    // What left the tree during this slice has no values any more, and still leads on.
    while (cursor.at_ != nullptr && cursor.at_->unlinked != 0)
        cursor.step();
    if (cursor.at_ != nullptr) ++cursor.at_->pins;
    if (cursor.pinned_ != nullptr) {
        --cursor.pinned_->pins;
        prune(cursor.pinned_);
    }
    cursor.pinned_ = cursor.at_;
}

RetainedTree::Cursor::Cursor(RetainedTree& tree, std::string_view filter, Sees sees)
    : tree_(tree),
      filter_(filter),
      newest_(tree.version_.load(std::memory_order_seq_cst)),
      sees_(sees),
      at_(tree.root_.get()) {
    for (std::optional<std::string_view> rest = filter_; rest.has_value();) {
        const std::string_view level = mqtt::take_level(rest);
        if (level == "#") {
            multi_level_ = true;
        } else {
            levels_.push_back(level);
        }
    }
}

RetainedTree::Cursor::~Cursor() {
    at_ = nullptr;
    tree_.pin_place_of(*this);
}

// --- Places ------------------------------------------------------------------------------------

std::optional<RetainedPlace> RetainedTree::Cursor::place() const {
    if (at_ == nullptr) return std::nullopt;
    RetainedPlace place{newest_, {}, {}};
    std::vector<std::string_view> names;
    for (const RetainedNode* node = at_; node->parent != nullptr; node = node->parent) {
        names.push_back(node->text());
        place.made.push_back(node->created);
    }
    std::reverse(place.made.begin(), place.made.end());
    for (auto name = names.rbegin(); name != names.rend(); ++name) {
        if (name != names.rbegin()) place.topic += '/';
        place.topic += *name;
    }
    return place;
}

bool RetainedTree::Cursor::go_to(const RetainedPlace& place) {
    newest_ = std::min(newest_, place.newest);
    std::optional<std::string_view> rest = place.topic;
    for (const std::uint64_t made : place.made) {
        if (!rest) return false;
        const std::string_view name = mqtt::take_level(rest);
        const std::size_t depth = depth_ + 1;
        if (!any_level(depth) && (depth > levels_.size() || levels_[depth_] != name)) return false;
        RetainedNode* const child = tree_.child(*at_, name);
        if (child == nullptr || child->created != made) {
            go_behind(made);
            return true;
        }
        at_ = child;
        ++depth_;
    }
    return true;
}

// One below us is gone. Those behind it were made later.
void RetainedTree::Cursor::go_behind(std::uint64_t made) {
    if (!any_level(depth_ + 1)) return leave();
    RetainedNode* next = at_->first_child.load(std::memory_order_acquire);
    while (next != nullptr && next->created < made)
        next = next->next.load(std::memory_order_acquire);
    next = eligible(next, depth_ + 1);
    if (next == nullptr) return leave();
    at_ = next;
    ++depth_;
}

// --- Steps -------------------------------------------------------------------------------------

// Whether the filter matches where the cursor stands; "sport/#" matches "sport" [MQTT-4.7.1-2].
bool RetainedTree::Cursor::at_match() const {
    return depth_ == levels_.size() || (multi_level_ && depth_ > levels_.size());
}

// To the next node, in depth-first order, at which the filter matches or below which it may.
void RetainedTree::Cursor::step() {
    if (RetainedNode* child = first_child()) {
        at_ = child;
        ++depth_;
        return;
    }
    leave();
}

// To the next one that is not below.
void RetainedTree::Cursor::leave() {
    while (depth_ != 0) {
        if (any_level(depth_)) {
            RetainedNode* const next = eligible(at_->next.load(std::memory_order_acquire), depth_);
            if (next != nullptr) {
                at_ = next;
                return;
            }
        }
        at_ = at_->parent;
        --depth_;
    }
    at_ = nullptr;
}

RetainedNode* RetainedTree::Cursor::first_child() const {
    const std::size_t depth = depth_ + 1;
    if (any_level(depth)) {
        return eligible(at_->first_child.load(std::memory_order_acquire), depth);
    }
    if (depth > levels_.size()) return nullptr;
    RetainedNode* const child = tree_.child(*at_, levels_[depth_]);
    return child != nullptr && child->created <= newest_ ? child : nullptr;
}

// `node` or the first sibling behind it that a wildcard may stand for at this depth, or null.
RetainedNode* RetainedTree::Cursor::eligible(RetainedNode* node, std::size_t depth) const {
    // Those behind a newer one are newer still.
    while (node != nullptr && node->created <= newest_) {
        const bool hidden = depth == 1 && sees_ == Sees::ordinary && node->text().starts_with('$');
        if (!hidden) return node;  // [MQTT-4.7.2-1]
        node = node->next.load(std::memory_order_acquire);
    }
    return nullptr;
}

// Whether the filter takes any name of a level at this depth.
bool RetainedTree::Cursor::any_level(std::size_t depth) const {
    return depth > levels_.size() ? multi_level_ : levels_[depth - 1] == "+";
}

}  // namespace godwit::core
