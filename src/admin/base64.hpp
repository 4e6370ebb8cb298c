// Base64 as RFC 4648 has it, by OpenSSL.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace godwit::admin {

[[nodiscard]] std::string encode_base64(std::span<const std::byte> bytes);
// The form for URLs and file names, without padding.
[[nodiscard]] std::string encode_base64url(std::span<const std::byte> bytes);

// Of the first form, with its padding; nothing where the text is none.
[[nodiscard]] std::optional<std::vector<std::byte>> decode_base64(std::string_view text);

}  // namespace godwit::admin
