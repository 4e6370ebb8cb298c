// A queue in one block of memory that grows by doubling and owns nothing while it is empty.
#pragma once

#include <cassert>
#include <cstddef>
#include <memory>
#include <utility>

namespace godwit::core {

template <typename T>
class Ring {
public:
    [[nodiscard]] bool empty() const { return size_ == 0; }
    [[nodiscard]] std::size_t size() const { return size_; }

    [[nodiscard]] T& operator[](std::size_t index) {
        assert(index < size_);
        return items_[(begin_ + index) & (capacity_ - 1)];
    }
    [[nodiscard]] const T& operator[](std::size_t index) const {
        assert(index < size_);
        return items_[(begin_ + index) & (capacity_ - 1)];
    }
    [[nodiscard]] T& front() { return (*this)[0]; }
    [[nodiscard]] T& back() { return (*this)[size_ - 1]; }

    T& push_back(T item) {
        if (size_ == capacity_) grow();
        ++size_;
        return back() = std::move(item);
    }

    T pop_front() {
        T item = std::exchange(front(), T{});
        begin_ = static_cast<std::uint32_t>((begin_ + 1) & (capacity_ - 1));
        if (--size_ == 0) release();
        return item;
    }

    // Takes the item at `index` out; the ones before it move up by one.
    T erase(std::size_t index) {
        T item = std::move((*this)[index]);
        for (std::size_t i = index; i > 0; --i)
            (*this)[i] = std::move((*this)[i - 1]);
        pop_front();
        return item;
    }

    void clear() {
        size_ = 0;
        release();
    }

private:
    static constexpr std::uint32_t kFirstCapacity = 4;

    void grow() {
        const std::uint32_t capacity = capacity_ == 0 ? kFirstCapacity : capacity_ * 2;
        auto items = std::make_unique<T[]>(capacity);
        for (std::size_t i = 0; i < size_; ++i)
            items[i] = std::move((*this)[i]);
        items_ = std::move(items);
        capacity_ = capacity;
        begin_ = 0;
    }

    void release() {
        items_.reset();
        capacity_ = 0;
        begin_ = 0;
    }

    std::unique_ptr<T[]> items_;
    std::uint32_t capacity_ = 0;  // a power of two, or 0
    std::uint32_t begin_ = 0;
    std::uint32_t size_ = 0;
};

}  // namespace godwit::core
