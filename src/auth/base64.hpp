// Base64 and its form for URLs (RFC 4648, sections 4 and 5).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace godwit::auth {

enum class Base64 : std::uint8_t { standard, url };

// Takes a text without padding or, of the standard form, with all of it. Nothing where it is none
// of these or where its last letter has bits that belong to no byte: each text has one value, each
// value one text.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text, Base64 form);

// The standard form, without padding.
[[nodiscard]] std::string encode_base64(std::string_view bytes);

}  // namespace godwit::auth
