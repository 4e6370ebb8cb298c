// The bytes on their way to one client. The core appends packets, the network takes them out with
// one gathered write a turn. Small packets are copied together into chunks from the loop's pool,
// large messages are referred to. An empty outbox owns no memory. One thread.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "godwit/core/message.hpp"

namespace godwit::core {

// Chunks for all outboxes of one loop: keeps some free ones so that a busy loop allocates nothing.
// Outlives the outboxes that use it. One thread.
class ChunkPool {
public:
    static constexpr std::size_t kChunkSize = 8192;  // bytes, the header of the chunk included
    static constexpr std::size_t kFreeMax = 1024;    // chunks kept for reuse

    ChunkPool() = default;
    ChunkPool(const ChunkPool&) = delete;
    ChunkPool& operator=(const ChunkPool&) = delete;
    ~ChunkPool();

private:
    friend class Outbox;
    struct Chunk;

    [[nodiscard]] Chunk* take();
    void give_back(Chunk* chunk);

    Chunk* free_ = nullptr;
    std::size_t free_count_ = 0;
};

class Outbox {
public:
    // A message of at least so many bytes is referred to instead of copied.
    static constexpr std::size_t kShareMin = 4096;
    // The most that reserve() gives.
    static constexpr std::size_t kReserveMax = ChunkPool::kChunkSize - 64;

    explicit Outbox(ChunkPool& pool) : pool_(&pool) {}
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;
    ~Outbox() { clear(); }

    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::size_t size() const { return size_; }  // bytes not yet taken out

    // Room for exactly `size` bytes, counted as appended; the caller fills it before the next call.
    // REQUIRES: size <= kReserveMax.
    [[nodiscard]] std::byte* reserve(std::size_t size);
    void append(mqtt::Bytes bytes);                     // copies
    void append(MessagePtr message, mqtt::Bytes part);  // refers to `part` of the message

    // The first pieces in order, at most pieces.size(); returns how many.
    [[nodiscard]] std::size_t gather(std::span<mqtt::Bytes> pieces) const;
    // Drops the first `size` bytes, which have been sent.
    void consume(std::size_t size);
    void clear();

private:
    using Chunk = ChunkPool::Chunk;

    void push(Chunk* chunk);
    void pop();

    ChunkPool* pool_;
    Chunk* first_ = nullptr;
    Chunk* last_ = nullptr;
    std::size_t size_ = 0;
};

}  // namespace godwit::core
