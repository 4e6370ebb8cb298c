// The token in its file.
#pragma once

#include <optional>
#include <string>

namespace godwit::admin {

// Nothing where there is no file; throws FileError.
[[nodiscard]] std::optional<std::string> read_token(const std::string& path);

// Reads it; where there is no such file, makes one with a new token that only its owner can read,
// all at once or not at all. Throws InterfaceError.
[[nodiscard]] std::string read_or_make_token(const std::string& path);

}  // namespace godwit::admin
