// UTF-8 strings of MQTT. Nearly all are ASCII, which is taken eight bytes at a time.

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "godwit/mqtt/topic.hpp"

namespace godwit::mqtt {
namespace {

enum class Wildcards { allowed, refused };

constexpr std::uint64_t kOnes = 0x0101010101010101;
constexpr std::uint64_t kHighBits = 0x8080808080808080;

// Has the high bit of a byte set somewhere if, and only if, a byte of the ASCII word is `value`.
constexpr std::uint64_t bytes_equal(std::uint64_t word, char value) {
    const std::uint64_t difference = word ^ (kOnes * static_cast<std::uint8_t>(value));
    return difference - kOnes;
}

// Whether eight bytes are ASCII of which none is refused.
template <Wildcards wildcards>
bool are_plain(const char* eight) {
    std::uint64_t word = 0;
    std::memcpy(&word, eight, sizeof word);
    std::uint64_t found = word | bytes_equal(word, '\0');
    if constexpr (wildcards == Wildcards::refused) {
        found |= bytes_equal(word, '+') | bytes_equal(word, '#');
    }
    return (found & kHighBits) == 0;
}

// Bytes of the first character; 0 where the text begins with none that MQTT allows: ill-formed
// (the Unicode standard, table 3-7: no overlong form, no surrogate, nothing above U+10FFFF)
// [MQTT-1.5.3-1] or NUL [MQTT-1.5.3-2]. REQUIRES: text is not empty.
std::size_t character_size(std::string_view text) {
    const auto byte = [text](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
    const std::uint8_t lead = byte(0);
    if (lead < 0x80) return lead == 0 ? 0 : 1;
    if (lead < 0xC2 || lead > 0xF4) return 0;

    const std::size_t size = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (text.size() < size) return 0;
    const std::uint8_t second_min = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t second_max = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
    if (byte(1) < second_min || byte(1) > second_max) return 0;
    const std::string_view others = text.substr(2, size - 2);
    const auto continues = [](char c) { return (static_cast<std::uint8_t>(c) & 0xC0) == 0x80; };
    return std::all_of(others.begin(), others.end(), continues) ? size : 0;
}

// Whether the text is all of that kind. What is not may still be valid.
template <Wildcards wildcards>
bool is_plain(std::string_view text) {
    if (text.size() < 8) return false;
    const char* const last = text.data() + text.size() - 8;
    for (const char* at = text.data(); at < last; at += 8) {
        if (!are_plain<wildcards>(at)) return false;
    }
    return are_plain<wildcards>(last);  // May overlap the eight before.
}

template <Wildcards wildcards>
bool is_valid(std::string_view text) {
    if (is_plain<wildcards>(text)) return true;
    while (!text.empty()) {
        if constexpr (wildcards == Wildcards::refused) {
            if (text[0] == '+' || text[0] == '#') return false;
        }
        const std::size_t size = character_size(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

}  // namespace

bool is_utf8_string(std::string_view text) {
    return is_valid<Wildcards::allowed>(text);
}

bool is_topic_name(std::string_view topic) {
    return !topic.empty()                    // [MQTT-4.7.3-1]
           && topic.size() <= kTopicSizeMax  // [MQTT-4.7.3-3]
           && is_valid<Wildcards::refused>(topic);
}

}  // namespace godwit::mqtt
