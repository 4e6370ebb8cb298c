#include "units.hpp"

#include <array>
#include <charconv>
#include <limits>
#include <span>
#include <system_error>

namespace godwit::config {
namespace {

struct Unit {
    std::string_view name;
    std::uint64_t factor;
};

// Smallest first: formatting takes the last that divides.
constexpr std::array kDurationUnits = {
    Unit{"ms", 1}, Unit{"s", 1000}, Unit{"m", 60'000}, Unit{"h", 3'600'000}, Unit{"d", 86'400'000},
};
constexpr std::array kSizeUnits = {
    Unit{"", 1},
    Unit{"KiB", 1UL << 10},
    Unit{"MiB", 1UL << 20},
    Unit{"GiB", 1UL << 30},
    Unit{"TiB", 1UL << 40},
};

// All of the text as one number.
template <typename Number>
std::optional<Number> parse_whole(std::string_view text, int base) {
    Number number{};
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, number, base);
    if (error != std::errc{} || stop != end || text.empty()) return std::nullopt;
    return number;
}

std::optional<std::uint64_t> parse_with_unit(std::string_view text, std::span<const Unit> units) {
    const std::size_t digits = text.find_first_not_of("0123456789");
    const std::string_view name = digits == std::string_view::npos ? "" : text.substr(digits);
    const auto number = parse_whole<std::uint64_t>(text.substr(0, digits), 10);
    if (!number) return std::nullopt;
    for (const Unit& unit : units) {
        if (unit.name != name) continue;
        if (*number > std::numeric_limits<std::uint64_t>::max() / unit.factor) return std::nullopt;
        return *number * unit.factor;
    }
    return std::nullopt;
}

std::string format_with_unit(std::uint64_t value, std::span<const Unit> units) {
    if (value == 0) return "0";
    Unit best = units.front();
    for (const Unit& unit : units) {
        if (value % unit.factor == 0) best = unit;
    }
    return std::to_string(value / best.factor).append(best.name);
}

}  // namespace

std::optional<core::Duration> parse_duration(std::string_view text) {
    if (text == "0") return core::Duration{0};
    const auto value = parse_with_unit(text, kDurationUnits);
    if (!value || *value > std::numeric_limits<core::Duration::rep>::max()) return std::nullopt;
    return core::Duration{*value};
}

std::string format_duration(core::Duration duration) {
    return format_with_unit(static_cast<std::uint64_t>(duration.count()), kDurationUnits);
}

std::optional<std::uint64_t> parse_size(std::string_view text) {
    return parse_with_unit(text, kSizeUnits);
}

std::string format_size(std::uint64_t bytes) {
    return format_with_unit(bytes, kSizeUnits);
}

std::optional<unsigned> parse_mode(std::string_view text) {
    const auto mode = parse_whole<unsigned>(text, 8);
    return mode && *mode <= 0777 ? mode : std::nullopt;
}

std::string format_mode(unsigned mode) {
    std::string text = "0000";
    for (std::size_t place = text.size(); mode != 0 && place > 0; mode >>= 3) {
        text[--place] = static_cast<char>('0' + (mode & 7));
    }
    return text;
}

std::optional<std::int64_t> parse_integer(std::string_view text) {
    return parse_whole<std::int64_t>(text, 10);
}

}  // namespace godwit::config
