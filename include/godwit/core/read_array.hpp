// A list of pointers that one writer changes while others read it without a lock. What a reader was
// given stays as it was until the end of its turn (Reclaimer). Does not own what it points to.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <span>

#include "godwit/core/reclaim.hpp"

namespace godwit::core {

template <typename T>
class ReadArray {
public:
    ReadArray() = default;
    ~ReadArray() { ::operator delete(block_.load(std::memory_order_relaxed)); }
    ReadArray(const ReadArray&) = delete;
    ReadArray& operator=(const ReadArray&) = delete;

    // In the order of their insertion.
    [[nodiscard]] std::span<T* const> view() const {
        const Block* block = block_.load(std::memory_order_acquire);
        if (block == nullptr) return {};
        return {block->items(), block->size.load(std::memory_order_acquire)};
    }

    // For one writer at a time.
    void append(T* item, Reclaimer& reclaimer) {
        Block* block = block_.load(std::memory_order_relaxed);
        const std::size_t size = view().size();
        if (block == nullptr || size == block->capacity) {
            replace(Block::make(std::max<std::size_t>(1, size * 2), view()), reclaimer);
            block = block_.load(std::memory_order_relaxed);
        }
        // Behind what readers look at, until the size says otherwise.
        block->items()[size] = item;
        block->size.store(static_cast<std::uint32_t>(size + 1), std::memory_order_release);
    }
    // REQUIRES: `item` is in the list.
    void remove(T* item, Reclaimer& reclaimer) {
        const std::span<T* const> old = view();
        if (old.size() <= 1) return replace(nullptr, reclaimer);
        Block* fresh = Block::make(old.size() - 1, {});
        std::remove_copy(old.begin(), old.end(), fresh->items(), item);
        fresh->size.store(fresh->capacity, std::memory_order_relaxed);
        replace(fresh, reclaimer);
    }

private:
    struct alignas(alignof(void*)) Block {
        static Block* make(std::size_t capacity, std::span<T* const> items) {
            void* const room = ::operator new(sizeof(Block) + capacity * sizeof(T*));
            auto* const made = ::new (room) Block;
            std::copy(items.begin(), items.end(), made->items());
            made->size.store(static_cast<std::uint32_t>(items.size()), std::memory_order_relaxed);
            made->capacity = static_cast<std::uint32_t>(capacity);
            return made;
        }

        [[nodiscard]] T** items() { return reinterpret_cast<T**>(this + 1); }
        [[nodiscard]] T* const* items() const { return reinterpret_cast<T* const*>(this + 1); }

        std::atomic<std::uint32_t> size{0};
        std::uint32_t capacity = 0;
    };

    void replace(Block* fresh, Reclaimer& reclaimer) {
        Block* const old = block_.load(std::memory_order_relaxed);
        block_.store(fresh, std::memory_order_release);
        if (old != nullptr) reclaimer.retire(old, [](void* block) { ::operator delete(block); });
    }

    std::atomic<Block*> block_{nullptr};
};

}  // namespace godwit::core
