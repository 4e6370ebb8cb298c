#include "report.hpp"

#include <array>
#include <cmath>
#include <cstdio>

namespace godwit::bench {
namespace {

std::string quoted(std::string_view text) {
    std::string json = "\"";
    for (const char c : text) {
        if (static_cast<unsigned char>(c) < 0x20) {
            json += ' ';
            continue;
        }
        if (c == '"' || c == '\\') json += '\\';
        json += c;
    }
    return json + "\"";
}

}  // namespace

void Report::add_count(std::string_view key, std::uint64_t value) {
    add(key, std::to_string(value));
}

void Report::add_figure(std::string_view key, double value, int decimals) {
    std::array<char, 64> digits{};
    std::snprintf(digits.data(), digits.size(), "%.*f", decimals,
                  std::isfinite(value) ? value : 0.0);
    add(key, digits.data());
}

void Report::add_text(std::string_view key, std::string_view value) {
    add(key, quoted(value));
}

void Report::add_flag(std::string_view key, bool value) {
    add(key, value ? "true" : "false");
}

std::string Report::line() const {
    return "{" + members_ + "}";
}

void Report::add(std::string_view key, std::string_view json_value) {
    if (!members_.empty()) members_ += ",";
    members_ += quoted(key);
    members_ += ":";
    members_ += json_value;
}

}  // namespace godwit::bench
