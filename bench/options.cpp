#include "options.hpp"

#include <algorithm>
#include <cassert>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>

#include "failure.hpp"

namespace godwit::bench {
namespace {

constexpr std::size_t kNameColumns = 16;  // Of --help.

std::optional<double> parse_whole(std::string_view text) {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || stop != end) return std::nullopt;
    return static_cast<double>(value);
}

std::optional<double> parse_decimal(std::string_view text) {
    const std::string copy(text);
    char* stop = nullptr;
    const double value = std::strtod(copy.c_str(), &stop);
    if (copy.empty() || *stop != '\0' || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::string shown(double number) {
    std::string text = std::to_string(number);
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    return text;
}

void check(const OptionSpec& spec, std::string_view value) {
    if (spec.kind == OptionKind::text) return;
    if (spec.kind == OptionKind::flag) {
        fail(ExitCode::usage, "--" + std::string(spec.name) + " takes no value");
    }
    const auto number = spec.kind == OptionKind::whole ? parse_whole(value) : parse_decimal(value);
    if (number && *number >= spec.min && *number <= spec.max) return;
    fail(ExitCode::usage, "--" + std::string(spec.name) + ": " +
                              (spec.kind == OptionKind::whole ? "a whole number" : "a number") +
                              " from " + shown(spec.min) + " to " + shown(spec.max) +
                              " is needed, not '" + std::string(value) + "'");
}

}  // namespace

Options::Options(std::vector<OptionSpec> specs, std::span<char* const> arguments)
    : specs_(std::move(specs)) {
    for (const OptionSpec& row : specs_)
        values_[row.name] = row.fallback;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        const std::string_view argument = arguments[i];
        if (!argument.starts_with("--")) {
            fail(ExitCode::usage, "an option is expected, not '" + std::string(argument) + "'");
        }
        const std::size_t equals = argument.find('=');
        if (equals != std::string_view::npos) {
            set(argument.substr(2, equals - 2), argument.substr(equals + 1));
        } else if (spec(argument.substr(2)).kind == OptionKind::flag) {
            values_[argument.substr(2)] = "given";
        } else if (i + 1 < arguments.size()) {
            set(argument.substr(2), arguments[++i]);
        } else {
            set(argument.substr(2), "");
        }
    }
}

bool Options::flag(std::string_view name) const {
    assert(spec(name).kind == OptionKind::flag);
    return !values_.at(name).empty();
}

std::uint32_t Options::whole(std::string_view name) const {
    assert(spec(name).kind == OptionKind::whole);
    return static_cast<std::uint32_t>(*parse_whole(values_.at(name)));
}

double Options::decimal(std::string_view name) const {
    assert(spec(name).kind == OptionKind::decimal);
    return *parse_decimal(values_.at(name));
}

const std::string& Options::text(std::string_view name) const {
    assert(spec(name).kind == OptionKind::text);
    return values_.at(name);
}

const OptionSpec& Options::spec(std::string_view name) const {
    const auto row = std::find_if(specs_.begin(), specs_.end(),
                                  [&](const OptionSpec& each) { return each.name == name; });
    if (row == specs_.end()) {
        fail(ExitCode::usage, "unknown option --" + std::string(name) + " (see --help)");
    }
    return *row;
}

void Options::set(std::string_view name, std::string_view value) {
    const OptionSpec& row = spec(name);
    check(row, value);
    values_[row.name] = value;
}

std::string describe(std::span<const OptionSpec> specs) {
    std::string lines;
    for (const OptionSpec& row : specs) {
        std::string name(row.name);
        name.resize(std::max(kNameColumns, name.size() + 1), ' ');
        lines += "  --" + name + std::string(row.help);
        if (!row.fallback.empty()) lines += " (" + std::string(row.fallback) + ")";
        lines += "\n";
    }
    return lines;
}

}  // namespace godwit::bench
