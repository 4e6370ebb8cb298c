#include "log_line.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

#include "godwit/mqtt/topic.hpp"

namespace godwit::server {
namespace {

// A client id may be 64 KiB long; nobody reads that far, and a full queue of those would be big.
constexpr std::size_t kQuotedBytesMax = 256;

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// The first bytes of a text, and no half character.
std::string_view clip(std::string_view text) {
    if (text.size() <= kQuotedBytesMax) return text;
    std::size_t size = kQuotedBytesMax;
    while (size > 0 && is_continuation(text[size]))
        --size;
    return text.substr(0, size);
}

void append_hex(std::string& out, std::string_view prefix, unsigned char byte) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    out += prefix;
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
}

// Escapes in a form that is valid in JSON too, and so one set of rules does for both formats:
// control characters, U+0080 to U+009F among them, and all that is not UTF-8.
void append_escaped(std::string& out, std::string_view text, bool in_quotes) {
    const bool is_utf8 = mqtt::is_utf8_string(text);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        const bool is_c1 =
            byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
        if (in_quotes && (byte == '"' || byte == '\\')) {
            out += '\\';
            out += text[i];
        } else if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !is_utf8)) {
            append_hex(out, "\\u00", byte);
        } else if (is_c1) {
            append_hex(out, "\\u00", static_cast<unsigned char>(text[++i]));
        } else {
            out += text[i];
        }
    }
}

void append_quoted(std::string& out, std::string_view text) {
    const std::string_view shown = clip(text);
    out += '"';
    append_escaped(out, shown, true);
    if (shown.size() < text.size()) out += "...";
    out += '"';
}

bool is_plain_word(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return c > ' ' && c < 0x7f && c != '"' && c != '\\' && c != '=';
    });
}

bool has_value(const LogField& field) {
    return field.value.index() != 0;
}

struct AppendValue {
    std::string& out;
    bool always_quote;

    void operator()(std::monostate) const {}
    void operator()(Quoted value) const { append_quoted(out, value.text); }
    void operator()(std::string_view value) const {
        if (always_quote || !is_plain_word(value)) {
            append_quoted(out, value);
        } else {
            out += value;
        }
    }
    void operator()(std::uint64_t value) const { out += std::to_string(value); }
    void operator()(bool value) const { out += value ? "true" : "false"; }
};

}  // namespace

std::string text_line(std::string_view message, LogFields fields) {
    std::string line;
    append_escaped(line, message, false);
    for (const LogField& field : fields) {
        if (!has_value(field)) continue;
        line.append(" ").append(field.name).append("=");
        std::visit(AppendValue{line, false}, field.value);
    }
    return line;
}

std::string json_members(std::string_view message, LogFields fields) {
    std::string line = "\"message\":\"";
    append_escaped(line, message, true);
    line += '"';
    for (const LogField& field : fields) {
        if (!has_value(field)) continue;
        line.append(",\"").append(field.name).append("\":");
        std::visit(AppendValue{line, true}, field.value);
    }
    return line;
}

}  // namespace godwit::server
