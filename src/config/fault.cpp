#include "fault.hpp"

namespace godwit::config {
namespace {

constexpr std::size_t kShownBytesMax = 60;

bool is_quoted(const YAML::Node& node) {
    return node.Tag() == "!";
}

}  // namespace

std::string printable(std::string_view text) {
    std::string shown;
    for (const char c : text.substr(0, kShownBytesMax)) {
        const auto byte = static_cast<unsigned char>(c);
        shown += byte < 0x20 || byte == 0x7f ? '?' : c;
    }
    if (text.size() > kShownBytesMax) shown += "...";
    return shown;
}

std::string describe(const YAML::Node& node) {
    switch (node.Type()) {
        case YAML::NodeType::Scalar:
            return (is_quoted(node) ? "the text '" : "'") + printable(node.Scalar()) + "'";
        case YAML::NodeType::Sequence: return "a list";
        case YAML::NodeType::Map: return "a map";
        case YAML::NodeType::Null:
        case YAML::NodeType::Undefined: break;
    }
    return "nothing";
}

void throw_expected(std::string_view what, const YAML::Node& node, const std::string& key) {
    throw Fault{node.Mark(), key, "expected " + std::string(what) + ", got " + describe(node)};
}

const std::string& plain_scalar(std::string_view expected, const YAML::Node& node,
                                const std::string& key) {
    if (!node.IsScalar() || is_quoted(node)) throw_expected(expected, node, key);
    return node.Scalar();
}

const std::string& scalar(std::string_view expected, const YAML::Node& node,
                          const std::string& key) {
    if (!node.IsScalar()) throw_expected(expected, node, key);
    return node.Scalar();
}

}  // namespace godwit::config
