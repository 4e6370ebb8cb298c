// The text of a source as a tree of YAML nodes.
#pragma once

#include <yaml-cpp/yaml.h>

#include <cstddef>
#include <string_view>

namespace godwit::config {

// Beyond it a document is refused unread, which bounds what a hostile one can cost.
inline constexpr std::size_t kDocumentBytesMax = 1 << 20;

// Throws a Fault where the text is not one YAML document. An empty one is Null.
[[nodiscard]] YAML::Node parse_document(std::string_view text);

}  // namespace godwit::config
