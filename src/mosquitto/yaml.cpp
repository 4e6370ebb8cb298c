#include "yaml.hpp"

namespace godwit::mosquitto {

namespace {

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
}

std::string escaped(char c) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const auto byte = static_cast<unsigned char>(c);
    return {'\\', 'x', kDigits[byte >> 4], kDigits[byte & 15]};
}

}  // namespace

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += is_control(c) ? escaped(c) : std::string(1, c);
    }
    return out + '"';
}

std::string boolean(bool value) {
    return value ? "true" : "false";
}

std::string one_line(std::string_view text) {
    std::string out(text);
    for (char& c : out) {
        if (is_control(c)) c = '?';
    }
    return out;
}

std::string to_lines(const Keys& keys, const std::string& first, const std::string& indent) {
    std::string out;
    for (const Key& key : keys) {
        out += (out.empty() ? first : indent) + key.name + ":";
        if (key.below.empty()) out += " " + key.value;
        if (!key.comment.empty()) out += "  # " + one_line(key.comment);
        out += '\n';
        if (!key.below.empty()) out += to_lines(key.below, indent + "  ", indent + "  ");
    }
    return out;
}

std::string section(std::string_view name, const Keys& keys) {
    if (keys.empty()) return {};
    return "\n" + std::string(name) + ":\n" + to_lines(keys, "  ", "  ");
}

}  // namespace godwit::mosquitto
