// A growing queue of bytes: appended behind, consumed in front. It keeps its memory when empty and
// never clears what it hands out, so filling it costs the copy alone.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>

namespace godwit::bench {

class ByteBuffer {
public:
    std::size_t size() const { return end_ - begin_; }
    bool empty() const { return begin_ == end_; }
    const std::uint8_t* data() const { return bytes_.get() + begin_; }

    // At least `count` writable bytes; commit() makes them part of the queue.
    std::uint8_t* room(std::size_t count) {
        if (begin_ == end_) begin_ = end_ = 0;
        if (end_ + count > capacity_) make_room(count);
        return bytes_.get() + end_;
    }
    void commit(std::size_t count) { end_ += count; }

    void append(std::span<const std::uint8_t> bytes) {
        std::memcpy(room(bytes.size()), bytes.data(), bytes.size());
        commit(bytes.size());
    }
    void consume(std::size_t count) { begin_ += count; }
    void clear() { begin_ = end_ = 0; }

private:
    void make_room(std::size_t count) {
        const std::size_t live = size();
        if (live + count <= capacity_) {
            std::memmove(bytes_.get(), data(), live);
        } else {
            std::size_t capacity = std::max<std::size_t>(capacity_, 256);
            while (capacity < live + count)
                capacity *= 2;
            auto bytes = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
            if (live != 0) std::memcpy(bytes.get(), data(), live);
            bytes_ = std::move(bytes);
            capacity_ = capacity;
        }
        begin_ = 0;
        end_ = live;
    }

    std::unique_ptr<std::uint8_t[]> bytes_;
    std::size_t begin_ = 0;
    std::size_t end_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace godwit::bench
