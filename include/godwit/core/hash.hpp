// A fixed keyed hash of our own. What it decides (the home shard of a client, the member of a
// group, the shard that writes a retained topic) must be the same in every run with the same key,
// so neither std::hash nor absl's may be used there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace godwit::core {

inline constexpr std::uint64_t kHashOdd1 = 0x9E37'79B9'7F4A'7C15;
inline constexpr std::uint64_t kHashOdd2 = 0xD1B5'4A32'D192'ED03;

// Mixes eight bytes a step with a 64 by 64 bit multiplication. Not for secrets.
[[nodiscard]] inline std::uint64_t hash_bytes(std::string_view text, std::uint64_t key) {
    const auto mix = [](std::uint64_t a, std::uint64_t b) {
        __extension__ using Wide = unsigned __int128;
        const Wide product = static_cast<Wide>(a) * b;
        return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
    };
    const auto word = [](const char* at) {
        std::uint64_t value = 0;
        std::memcpy(&value, at, 8);
        return value;
    };
    const auto half_word = [](const char* at) {
        std::uint32_t value = 0;
        std::memcpy(&value, at, 4);
        return std::uint64_t{value};
    };
    const char* at = text.data();
    const std::size_t size = text.size();
    std::uint64_t state = key ^ kHashOdd1;
    // The last word overlaps the one before it: a copy of variable length would cost a call.
    std::uint64_t tail = 0;
    if (size >= 8) {
        for (const char* last = at + size - 8; at < last; at += 8) {
            state = mix(state ^ word(at), kHashOdd2);
        }
        tail = word(text.data() + size - 8);
    } else if (size >= 4) {
        tail = half_word(at) | half_word(at + size - 4) << 32;
    } else {
        for (std::size_t i = 0; i < size; ++i)
            tail = tail << 8 | static_cast<unsigned char>(at[i]);
    }
    state = mix(state ^ tail, kHashOdd1 ^ size);
    return mix(state, kHashOdd2);
}

}  // namespace godwit::core
