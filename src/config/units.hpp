// Durations, sizes and file modes as users write them.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "godwit/core/time.hpp"

namespace godwit::config {

// `500ms`, `10s`, `5m`, `2h`, `7d`, and a plain `0`. None: not of this form, or beyond 64 bits.
[[nodiscard]] std::optional<core::Duration> parse_duration(std::string_view text);
// In the largest unit that divides it.
[[nodiscard]] std::string format_duration(core::Duration duration);

// `512`, `64KiB`, `1MiB`, `2GiB`, in bytes.
[[nodiscard]] std::optional<std::uint64_t> parse_size(std::string_view text);
[[nodiscard]] std::string format_size(std::uint64_t bytes);

// Octal, as chmod takes it: `660` or `0660`, at most 0777.
[[nodiscard]] std::optional<unsigned> parse_mode(std::string_view text);
[[nodiscard]] std::string format_mode(unsigned mode);

// Digits alone, an optional minus sign before them.
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);

}  // namespace godwit::config
