// The token in its file.
#pragma once

#include <string>

namespace godwit::admin {

// Reads it; where there is no such file, makes one with a new token that only its owner can read,
// all at once or not at all. Throws InterfaceError.
[[nodiscard]] std::string read_or_make_token(const std::string& path);

}  // namespace godwit::admin
