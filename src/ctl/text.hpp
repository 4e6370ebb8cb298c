// What the broker says, in words for people. Texts that clients chose are made harmless for a
// terminal.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "api.hpp"

namespace godwit::ctl {

// Control characters as \x1b, so that nobody's client id moves a cursor.
[[nodiscard]] std::string printable(std::string_view text);

// "1h 2m 5s", the two largest units.
[[nodiscard]] std::string duration_text(double seconds);
// "12.3 MiB".
[[nodiscard]] std::string size_text(double bytes);
// Seconds from one time to another, both in RFC 3339; 0 where one of them is none.
[[nodiscard]] double seconds_between(std::string_view from, std::string_view to);
// "2026-11-29 20:00:00" of RFC 3339, in UTC.
[[nodiscard]] std::string time_text(std::string_view time);

// A member as text: printable, a dash for null and for what is not there.
[[nodiscard]] std::string text_of(const Json& object, const char* member);

[[nodiscard]] std::string encode_base64(std::string_view bytes);
[[nodiscard]] std::string decode_base64(std::string_view text);

// A payload on one line: as text where it is printable UTF-8, else in hexadecimal digits.
[[nodiscard]] std::string payload_text(std::string_view payload);

}  // namespace godwit::ctl
