// HMAC-SHA-256 under a key that this process made up and nobody else has (RFC 2104). What it says
// of a secret can be kept and compared, and is of no use to a process without the key. Any thread.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace godwit::auth {

using Digest = std::array<unsigned char, 32>;

class KeyedHash {
public:
    // Throws std::runtime_error where no random bytes are to be had.
    KeyedHash();

    // Of all parts, their bounds included.
    [[nodiscard]] Digest operator()(std::initializer_list<std::string_view> parts) const;

    // The beginning of it.
    [[nodiscard]] std::uint64_t short_digest(std::initializer_list<std::string_view> parts) const;

private:
    std::array<unsigned char, 32> key_;
};

// In a time that does not depend on where they differ.
[[nodiscard]] bool equal(const Digest& left, const Digest& right);

}  // namespace godwit::auth
