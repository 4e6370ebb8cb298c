#include "godwit/net/psk_file.hpp"

#include <optional>

namespace godwit::net {

namespace {

// What OpenSSL takes: PSK_MAX_IDENTITY_LEN and PSK_MAX_PSK_LEN.
constexpr std::size_t kIdentityMax = 256;
constexpr std::size_t kKeyMax = 512;

std::optional<unsigned> digit(char c) {
    if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
    if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
    return std::nullopt;
}

std::optional<std::string> bytes_of(std::string_view hex) {
    if (hex.size() % 2 != 0) return std::nullopt;
    std::string bytes;
    for (std::size_t i = 0; i < hex.size(); i += 2) {
        const auto high = digit(hex[i]);
        const auto low = digit(hex[i + 1]);
        if (!high || !low) return std::nullopt;
        bytes += static_cast<char>(*high << 4 | *low);
    }
    return bytes;
}

// What is wrong with the line, or nothing.
std::optional<std::string_view> read_line(PskKeys& keys, std::string_view line) {
    // A key has no colon, so all before the last one is the identity.
    const std::size_t colon = line.rfind(':');
    if (colon == std::string_view::npos) return "expected IDENTITY:HEXKEY";
    const std::string_view identity = line.substr(0, colon);
    if (identity.empty()) return "the identity is empty";
    if (identity.size() > kIdentityMax) return "the identity is longer than 256 bytes";
    if (identity.find('\0') != std::string_view::npos) return "the identity has a null character";
    const auto key = bytes_of(line.substr(colon + 1));
    if (!key) return "the key is not an even number of hexadecimal digits";
    if (key->empty()) return "the key is empty";
    if (key->size() > kKeyMax) return "the key is longer than 512 bytes";
    if (!keys.emplace(identity, *key).second) return "the identity appears twice";
    return std::nullopt;
}

}  // namespace

std::variant<PskKeys, PskFault> parse_psk_file(std::string_view text) {
    PskKeys keys;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        std::string_view line = text.substr(0, end);
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (line.ends_with('\r')) line.remove_suffix(1);
        if (line.empty() || line.front() == '#') continue;
        if (const auto what = read_line(keys, line)) return PskFault{number, *what};
    }
    if (keys.empty()) return PskFault{0, "has no keys"};
    return keys;
}

}  // namespace godwit::net
