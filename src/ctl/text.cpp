#include "text.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <ctime>
#include <optional>
#include <utility>

#include "godwit/mqtt/topic.hpp"

namespace godwit::ctl {

namespace {

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

// U+0080 to U+009F: terminals obey these too.
bool is_second_control(std::string_view text, std::size_t at) {
    return text[at] == '\xC2' && at + 1 < text.size() &&
           static_cast<unsigned char>(text[at + 1]) < 0xA0;
}

// Since the epoch.
std::optional<std::time_t> seconds_of(std::string_view time) {
    std::tm parts{};
    const std::string text(time);
    if (strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &parts) == nullptr) return std::nullopt;
    return timegm(&parts);
}

}  // namespace

std::string printable(std::string_view text) {
    std::string out;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (is_control(text[at])) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[at]));
        } else if (is_second_control(text, at)) {
            out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[++at]));
        } else {
            out += text[at];
        }
    }
    return out;
}

std::string duration_text(double seconds) {
    auto left = static_cast<std::uint64_t>(std::max(seconds, 0.0));
    constexpr std::array<std::pair<std::uint64_t, char>, 4> kUnits = {
        {{86'400, 'd'}, {3600, 'h'}, {60, 'm'}, {1, 's'}}};
    std::string text;
    int units = 0;
    for (const auto& [length, name] : kUnits) {
        if (units == 2 || (text.empty() && left < length && length > 1)) continue;
        text += fmt::format("{}{}{}", text.empty() ? "" : " ", left / length, name);
        left %= length;
        ++units;
    }
    return text;
}

std::string size_text(double bytes) {
    constexpr std::array kUnits = {"B", "KiB", "MiB", "GiB", "TiB"};
    std::size_t unit = 0;
    while (bytes >= 1024 && unit + 1 < kUnits.size()) {
        bytes /= 1024;
        ++unit;
    }
    return fmt::format("{:.{}f} {}", bytes, unit == 0 ? 0 : 1, kUnits.at(unit));
}

double seconds_between(std::string_view from, std::string_view to) {
    const auto start = seconds_of(from);
    const auto end = seconds_of(to);
    return start && end ? static_cast<double>(*end - *start) : 0;
}

std::string time_text(std::string_view time) {
    std::string text(time.substr(0, time.find('.')));
    std::replace(text.begin(), text.end(), 'T', ' ');
    return printable(text);
}

std::string text_of(const Json& object, const char* member) {
    const auto found = object.find(member);
    if (found == object.end() || found->is_null()) return "-";
    return found->is_string() ? printable(found->get<std::string>()) : found->dump();
}

std::string encode_base64(std::string_view bytes) {
    std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0');
    const auto* in = reinterpret_cast<const unsigned char*>(bytes.data());
    auto* out = reinterpret_cast<unsigned char*>(text.data());
    const int size = EVP_EncodeBlock(out, in, static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

std::string decode_base64(std::string_view text) {
    std::string bytes(text.size() / 4 * 3, '\0');
    const auto* in = reinterpret_cast<const unsigned char*>(text.data());
    auto* out = reinterpret_cast<unsigned char*>(bytes.data());
    const int size = EVP_DecodeBlock(out, in, static_cast<int>(text.size()));
    if (size < 0) throw Failure{"the broker sends base64 that is none"};
    // OpenSSL counts what fills the last group up.
    const auto fill = static_cast<std::size_t>(std::count(text.begin(), text.end(), '='));
    bytes.resize(static_cast<std::size_t>(size) - fill);
    return bytes;
}

std::string payload_text(std::string_view payload) {
    const bool is_text =
        mqtt::is_utf8_string(payload) && std::none_of(payload.begin(), payload.end(), [](char c) {
            return is_control(c) && c != '\n' && c != '\t' && c != '\r';
        });
    if (is_text) return printable(payload);
    std::string digits = "0x";
    for (const char c : payload)
        digits += fmt::format("{:02x}", static_cast<unsigned char>(c));
    return digits;
}

}  // namespace godwit::ctl
