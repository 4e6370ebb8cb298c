#include "codec.hpp"

#include "godwit/mqtt/topic.hpp"

namespace godwit::config {
namespace {

[[noreturn]] void throw_out_of_range(const std::string& min, const std::string& max,
                                     const YAML::Node& node, const std::string& key) {
    throw Fault{node.Mark(), key,
                printable(node.Scalar()) + " is out of range (" + min + " to " + max + ")"};
}

}  // namespace

void BooleanCodec::read(bool& target, const YAML::Node& node, const std::string& key) const {
    const std::string& text = plain_scalar("true or false", node, key);
    if (text != "true" && text != "false") throw_expected("true or false", node, key);
    target = text == "true";
}

void TextCodec::read(std::string& target, const YAML::Node& node, const std::string& key) const {
    const std::string& text = node.IsNull() ? "" : scalar("a text", node, key);
    if (!mqtt::is_utf8_string(text)) {
        throw Fault{node.Mark(), key, "is not valid UTF-8 or contains a null character"};
    }
    target = text;
}

std::int64_t IntegerCodec::parse(const YAML::Node& node, const std::string& key) const {
    const auto value = parse_integer(plain_scalar("a whole number", node, key));
    if (!value) throw_expected("a whole number", node, key);
    if (*value < min || *value > max) {
        throw_out_of_range(std::to_string(min), std::to_string(max), node, key);
    }
    return *value;
}

void SizeCodec::read(std::size_t& target, const YAML::Node& node, const std::string& key) const {
    constexpr std::string_view kExpected = "a size such as 512, 64KiB or 1MiB";
    const auto value = parse_size(scalar(kExpected, node, key));
    if (!value) throw_expected(kExpected, node, key);
    if (*value < min || *value > max) {
        throw_out_of_range(format_size(min), format_size(max), node, key);
    }
    target = *value;
}

void DurationCodec::read(core::Duration& target, const YAML::Node& node,
                         const std::string& key) const {
    constexpr std::string_view kExpected = "a duration such as 500ms, 10s, 5m, 2h or 7d";
    const auto value = parse_duration(scalar(kExpected, node, key));
    if (!value) throw_expected(kExpected, node, key);
    const bool in_range = *value >= min && *value <= max;
    if (!in_range && !(or_zero && value->count() == 0)) {
        throw_out_of_range((or_zero ? "0, or " : "") + format_duration(min), format_duration(max),
                           node, key);
    }
    target = *value;
}

void ModeCodec::read(std::uint32_t& target, const YAML::Node& node, const std::string& key) const {
    constexpr std::string_view kExpected = "an octal mode such as \"0660\"";
    const auto mode = parse_mode(scalar(kExpected, node, key));
    if (!mode) throw_expected(kExpected, node, key);
    target = *mode;
}

void AddressRangeCodec::read(std::optional<core::AddressRange>& target, const YAML::Node& node,
                             const std::string& key) const {
    constexpr std::string_view kExpected = "a network such as 10.0.0.0/8 or fd00::/8";
    target = core::AddressRange::parse(scalar(kExpected, node, key));
    if (!target) throw_expected(kExpected, node, key);
}

std::string_view choose(std::span<const std::string_view> words, const YAML::Node& node,
                        const std::string& key) {
    std::string expected;
    for (const std::string_view word : words) {
        if (!expected.empty()) expected += word == words.back() ? " or " : ", ";
        expected += word.empty() ? "\"\"" : word;
    }
    const std::string& text = node.IsNull() ? "" : scalar(expected, node, key);
    for (const std::string_view word : words) {
        if (word == text) return word;
    }
    throw Fault{node.Mark(), key,
                "expected " + expected + ", got " + describe(node) + did_you_mean(text, words)};
}

}  // namespace godwit::config
