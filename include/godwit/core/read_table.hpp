// A hash table of pointers that one writer changes while others read it without a lock. What a
// reader was given stays valid until the end of its turn (Reclaimer). Does not own what it points
// to. Empty it owns no memory; with one or two items it is a block of 40 bytes.
//
// Open addressing with linear probing. A slot is a tag (32 bits of the hash) and a pointer: probing
// looks at tags alone, and growing needs no look at the items.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

#include "godwit/core/reclaim.hpp"

namespace godwit::core {

template <typename T>
class ReadTable {
public:
    ReadTable() = default;
    ~ReadTable() { ::operator delete(table_.load(std::memory_order_relaxed)); }
    ReadTable(const ReadTable&) = delete;
    ReadTable& operator=(const ReadTable&) = delete;

    // The item with this hash for which is_it(const T&) holds, or null.
    template <typename IsIt>
    [[nodiscard]] T* find(std::uint64_t hash, IsIt&& is_it) const {
        const Table* table = table_.load(std::memory_order_acquire);
        if (table == nullptr) return nullptr;
        const std::uint32_t tag = tag_of(hash);
        const std::uint32_t mask = table->capacity - 1;
        for (std::uint32_t probe = 0; probe <= mask; ++probe) {
            const std::uint32_t at = (tag + probe) & mask;
            const std::uint32_t seen = table->tags()[at].load(std::memory_order_acquire);
            if (seen == kFree) return nullptr;
            if (seen != tag) continue;
            // Since the tag was read, the slot may have got another tenant, who is one to ask, too.
            T* item = table->items()[at].load(std::memory_order_acquire);
            if (is_it(static_cast<const T&>(*item))) return item;
        }
        return nullptr;
    }

    [[nodiscard]] bool empty() const { return table_.load(std::memory_order_acquire) == nullptr; }

    // For one writer at a time.
    // REQUIRES: not in the table yet.
    void insert(std::uint64_t hash, T* item, Reclaimer& reclaimer) {
        Table* table = table_.load(std::memory_order_relaxed);
        if (table == nullptr) {
            table = replace(Table::make(2), reclaimer);
        } else if (table->used >= used_max(table->capacity)) {
            // What was erased goes in the same copy; many of those, and the size will do.
            const bool many = table->live >= table->capacity / 2;
            table = rebuild(many ? table->capacity * 2 : table->capacity, reclaimer);
        }
        table->place(tag_of(hash), item);
    }

    // As insert() of all `items`, but readers find either none of them or all.
    // REQUIRES: the table is empty.
    template <typename Items, typename HashOf>
    void fill(const Items& items, HashOf&& hash_of) {
        std::uint32_t capacity = 2;
        while (used_max(capacity) < items.size())
            capacity *= 2;
        Table* const table = Table::make(capacity);
        for (T* item : items)
            table->place(tag_of(hash_of(*item)), item);
        table_.store(table, std::memory_order_release);
    }

    // REQUIRES: in the table.
    void erase(std::uint64_t hash, const T* item, Reclaimer& reclaimer) {
        Table* table = table_.load(std::memory_order_relaxed);
        table->vacate(tag_of(hash), item);
        if (table->live == 0) {
            replace(nullptr, reclaimer);
        } else if (table->capacity > 8 && table->live < table->capacity / 8) {
            rebuild(table->capacity / 4, reclaimer);
        }
    }

    // Calls visit(T*) for each, in no order that means anything.
    template <typename Visit>
    void for_each(Visit&& visit) const {
        const Table* table = table_.load(std::memory_order_acquire);
        if (table == nullptr) return;
        for (std::uint32_t at = 0; at < table->capacity; ++at) {
            if (table->tags()[at].load(std::memory_order_acquire) <= kErased) continue;
            visit(table->items()[at].load(std::memory_order_acquire));
        }
    }

private:
    static constexpr std::uint32_t kFree = 0;
    static constexpr std::uint32_t kErased = 1;

    static std::uint32_t tag_of(std::uint64_t hash) {
        const auto tag = static_cast<std::uint32_t>(hash);
        return tag > kErased ? tag : tag + 2;
    }
    // Small tables may be full, since a search there is short anyway.
    static std::uint32_t used_max(std::uint32_t capacity) {
        return capacity <= 4 ? capacity : capacity - capacity / 4;
    }

    // `capacity` pointers and as many tags lie behind it.
    struct alignas(alignof(void*)) Table {
        static Table* make(std::uint32_t capacity) {
            const std::size_t slot = sizeof(std::atomic<T*>) + sizeof(std::atomic<std::uint32_t>);
            auto* const made = ::new (::operator new(sizeof(Table) + capacity * slot)) Table;
            made->capacity = capacity;
            std::uninitialized_value_construct_n(made->items(), capacity);
            std::uninitialized_value_construct_n(made->tags(), capacity);
            return made;
        }

        [[nodiscard]] std::atomic<T*>* items() {
            return reinterpret_cast<std::atomic<T*>*>(this + 1);
        }
        [[nodiscard]] const std::atomic<T*>* items() const {
            return reinterpret_cast<const std::atomic<T*>*>(this + 1);
        }
        [[nodiscard]] std::atomic<std::uint32_t>* tags() {
            return reinterpret_cast<std::atomic<std::uint32_t>*>(items() + capacity);
        }
        [[nodiscard]] const std::atomic<std::uint32_t>* tags() const {
            return reinterpret_cast<const std::atomic<std::uint32_t>*>(items() + capacity);
        }

        void place(std::uint32_t tag, T* item) {
            std::uint32_t at = tag & (capacity - 1);
            while (tags()[at].load(std::memory_order_relaxed) > kErased) {
                at = (at + 1) & (capacity - 1);
            }
            if (tags()[at].load(std::memory_order_relaxed) == kFree) ++used;
            ++live;
            items()[at].store(item, std::memory_order_release);
            tags()[at].store(tag, std::memory_order_release);
        }

        // The pointer stays: a reader that saw the tag may still follow it in this turn.
        void vacate(std::uint32_t tag, const T* item) {
            std::uint32_t at = tag & (capacity - 1);
            while (items()[at].load(std::memory_order_relaxed) != item ||
                   tags()[at].load(std::memory_order_relaxed) != tag) {
                at = (at + 1) & (capacity - 1);
            }
            tags()[at].store(kErased, std::memory_order_release);
            --live;
        }

        std::uint32_t capacity = 0;  // a power of two
        std::uint32_t used = 0;      // slots not free, erased ones included
        std::uint32_t live = 0;
    };

    Table* rebuild(std::uint32_t capacity, Reclaimer& reclaimer) {
        Table* const old = table_.load(std::memory_order_relaxed);
        Table* const fresh = Table::make(capacity);
        for (std::uint32_t at = 0; at < old->capacity; ++at) {
            const std::uint32_t tag = old->tags()[at].load(std::memory_order_relaxed);
            if (tag > kErased) fresh->place(tag, old->items()[at].load(std::memory_order_relaxed));
        }
        return replace(fresh, reclaimer);
    }

    Table* replace(Table* fresh, Reclaimer& reclaimer) {
        Table* const old = table_.load(std::memory_order_relaxed);
        table_.store(fresh, std::memory_order_release);
        if (old != nullptr) reclaimer.retire(old, [](void* table) { ::operator delete(table); });
        return fresh;
    }

    std::atomic<Table*> table_{nullptr};
};

}  // namespace godwit::core
