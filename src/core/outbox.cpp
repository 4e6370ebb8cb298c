#include "godwit/core/outbox.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>

namespace godwit::core {

// Either room for bytes of its own behind it, or a part of a message.
struct ChunkPool::Chunk {
    Chunk* next = nullptr;
    const std::byte* begin = nullptr;  // first byte not yet taken out
    const std::byte* end = nullptr;    // behind the last byte appended
    std::byte* limit = nullptr;        // end of the own room; null for a part of a message
    MessagePtr message;

    [[nodiscard]] std::byte* room() { return reinterpret_cast<std::byte*>(this + 1); }
    [[nodiscard]] std::size_t size() const { return static_cast<std::size_t>(end - begin); }
    [[nodiscard]] std::size_t free() const {
        return limit == nullptr ? 0 : static_cast<std::size_t>(limit - end);
    }
    [[nodiscard]] std::byte* take(std::size_t bytes) {
        auto* at = limit - free();
        end += bytes;
        return at;
    }
};

ChunkPool::~ChunkPool() {
    while (free_ != nullptr) {
        Chunk* chunk = free_;
        free_ = chunk->next;
        chunk->~Chunk();
        ::operator delete(chunk);
    }
}

ChunkPool::Chunk* ChunkPool::take() {
    Chunk* chunk = free_;
    if (chunk != nullptr) {
        free_ = chunk->next;
        --free_count_;
        chunk->next = nullptr;
    } else {
        static_assert(Outbox::kReserveMax <= kChunkSize - sizeof(Chunk));
        chunk = new (::operator new(kChunkSize)) Chunk;
        chunk->limit = reinterpret_cast<std::byte*>(chunk) + kChunkSize;
    }
    chunk->begin = chunk->end = chunk->room();
    return chunk;
}

void ChunkPool::give_back(Chunk* chunk) {
    if (chunk->limit == nullptr) {
        delete chunk;
        return;
    }
    if (free_count_ == kFreeMax) {
        chunk->~Chunk();
        ::operator delete(chunk);
        return;
    }
    chunk->next = free_;
    free_ = chunk;
    ++free_count_;
}

std::byte* Outbox::reserve(std::size_t size) {
    assert(size <= kReserveMax);
    if (last_ == nullptr || last_->free() < size) push(pool_->take());
    size_ += size;
    return last_->take(size);
}

void Outbox::append(mqtt::Bytes bytes) {
    while (!bytes.empty()) {
        if (last_ == nullptr || last_->free() == 0) push(pool_->take());
        const std::size_t part = std::min(bytes.size(), last_->free());
        std::memcpy(last_->take(part), bytes.data(), part);
        size_ += part;
        bytes = bytes.subspan(part);
    }
}

void Outbox::append(MessagePtr message, mqtt::Bytes part) {
    if (part.empty()) return;
    auto* chunk = new Chunk;
    chunk->begin = part.data();
    chunk->end = part.data() + part.size();
    chunk->message = std::move(message);
    push(chunk);
    size_ += part.size();
}

std::size_t Outbox::gather(std::span<mqtt::Bytes> pieces) const {
    std::size_t count = 0;
    for (const Chunk* chunk = first_; chunk != nullptr && count < pieces.size();
         chunk = chunk->next) {
        pieces[count++] = {chunk->begin, chunk->size()};
    }
    return count;
}

void Outbox::consume(std::size_t size) {
    assert(size <= size_);
    size_ -= size;
    while (first_ != nullptr && size >= first_->size()) {
        size -= first_->size();
        pop();
    }
    if (size != 0) first_->begin += size;
}

void Outbox::clear() {
    while (first_ != nullptr)
        pop();
    size_ = 0;
}

void Outbox::push(Chunk* chunk) {
    (last_ == nullptr ? first_ : last_->next) = chunk;
    last_ = chunk;
}

void Outbox::pop() {
    Chunk* chunk = first_;
    first_ = chunk->next;
    if (first_ == nullptr) last_ = nullptr;
    pool_->give_back(chunk);
}

}  // namespace godwit::core
