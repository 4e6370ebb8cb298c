// A base for objects that carry a text behind them in the same block: one allocation and no pointer
// instead of a string, for what exists hundreds of thousands of times.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <string_view>
#include <utility>

namespace godwit::core {

// `Derived` inherits from TextTail<Derived>, is made by make() alone and freed by delete.
template <typename Derived>
class TextTail {
public:
    TextTail(const TextTail&) = delete;
    TextTail& operator=(const TextTail&) = delete;

    template <typename... Args>
    [[nodiscard]] static Derived* make(std::string_view text, Args&&... args) {
        void* const room = ::operator new(sizeof(Derived) + text.size());
        auto* const made = ::new (room) Derived(std::forward<Args>(args)...);
        made->text_size_ = static_cast<std::uint32_t>(text.size());
        if (!text.empty()) std::memcpy(static_cast<void*>(made + 1), text.data(), text.size());
        return made;
    }

    // Without the size, since the block is larger than the type says.
    static void operator delete(void* block) { ::operator delete(block); }

    [[nodiscard]] std::string_view text() const {
        return {reinterpret_cast<const char*>(static_cast<const Derived*>(this) + 1), text_size_};
    }

protected:
    TextTail() = default;
    ~TextTail() = default;

private:
    std::uint32_t text_size_ = 0;
};

}  // namespace godwit::core
