// One topic level in the tree of retained messages; its text is the level's name. What is atomic is
// read without a lock, the rest belongs to the writer's lock or never changes.
#pragma once

#include <atomic>
#include <cstdint>

#include "godwit/core/read_table.hpp"
#include "godwit/core/retained.hpp"
#include "godwit/core/text_tail.hpp"

namespace godwit::core {

struct RetainedNode : TextTail<RetainedNode> {
    RetainedNode(RetainedNode* above, std::uint64_t version) : parent(above), created(version) {}
    ~RetainedNode() { delete value.load(std::memory_order_relaxed); }

    // REQUIRES: the writer's lock.
    [[nodiscard]] bool unused() const {
        return pins == 0 && first_child.load(std::memory_order_relaxed) == nullptr &&
               value.load(std::memory_order_relaxed) == nullptr;
    }

    std::uint32_t pins : 31 = 0;     // cursors that stop here between two slices
    std::uint32_t unlinked : 1 = 0;  // no longer in the tree
    RetainedNode* const parent;
    const std::uint64_t created;  // the version of the write that made it

    std::atomic<RetainedTree::Value*> value{nullptr};

    // The children in the order they were made. An unlinked node keeps its `next`, so that a reader
    // who stands on it gets on.
    std::atomic<RetainedNode*> first_child{nullptr};
    std::atomic<RetainedNode*> next{nullptr};
    RetainedNode* last_child = nullptr;
    RetainedNode* previous = nullptr;
    ReadTable<RetainedNode> index;  // of the children, once there are many
};

}  // namespace godwit::core
