#include "godwit/core/retained.hpp"
#include "godwit/mqtt/topic.hpp"
#include "retained_node.hpp"

namespace godwit::core {

std::unique_ptr<RetainedTree::Cursor> RetainedTree::replay(std::string_view filter) {
    return std::unique_ptr<Cursor>(new Cursor(*this, filter));
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

RetainedTree::Cursor::Cursor(RetainedTree& tree, std::string_view filter)
    : tree_(tree),
      filter_(filter),
      newest_(tree.version_.load(std::memory_order_seq_cst)),
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
        if (depth != 1 || !node->text().starts_with('$')) return node;  // [MQTT-4.7.2-1]
        node = node->next.load(std::memory_order_acquire);
    }
    return nullptr;
}

// Whether the filter takes any name of a level at this depth.
bool RetainedTree::Cursor::any_level(std::size_t depth) const {
    return depth > levels_.size() ? multi_level_ : levels_[depth - 1] == "+";
}

}  // namespace godwit::core
