#include "base64.hpp"

namespace godwit::auth {
namespace {

constexpr std::string_view kLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

std::optional<std::uint32_t> value_of(char letter, Base64 form) {
    const std::string_view last_two = form == Base64::url ? "-_" : "+/";
    if (letter == last_two[0]) return 62;
    if (letter == last_two[1]) return 63;
    const std::size_t place = kLetters.find(letter);
    if (place == std::string_view::npos) return std::nullopt;
    return static_cast<std::uint32_t>(place);
}

std::string_view without_padding(std::string_view text) {
    if (text.size() % 4 != 0) return text;
    for (int i = 0; i < 2 && text.ends_with('='); ++i)
        text.remove_suffix(1);
    return text;
}

}  // namespace

std::optional<std::string> decode_base64(std::string_view text, Base64 form) {
    if (form == Base64::standard) text = without_padding(text);
    std::string bytes;
    std::uint32_t buffer = 0;
    unsigned bits = 0;
    for (const char letter : text) {
        const auto value = value_of(letter, form);
        if (!value) return std::nullopt;
        buffer = (buffer << 6 | *value) & 0xFFFFF;
        bits += 6;
        if (bits < 8) continue;
        bits -= 8;
        bytes += static_cast<char>(buffer >> bits & 0xFF);
    }
    if (bits >= 6 || (buffer & ((1U << bits) - 1)) != 0) return std::nullopt;
    return bytes;
}

std::string encode_base64(std::string_view bytes) {
    const auto letter = [](std::uint32_t value) {
        return value < 62 ? kLetters[value] : "+/"[value - 62];
    };
    std::string text;
    std::uint32_t buffer = 0;
    unsigned bits = 0;
    for (const char byte : bytes) {
        buffer = (buffer << 8 | static_cast<unsigned char>(byte)) & 0xFFFFF;
        for (bits += 8; bits >= 6; bits -= 6)
            text += letter(buffer >> (bits - 6) & 63);
    }
    if (bits > 0) text += letter(buffer << (6 - bits) & 63);
    return text;
}

}  // namespace godwit::auth
