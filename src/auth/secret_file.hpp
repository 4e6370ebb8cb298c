// Files that hold secrets. Read once, while an authenticator is made.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "godwit/auth/chain.hpp"

namespace godwit::auth {

// The whole content of a file that the key names. Throws SourceError. A file that others than its
// owner and group may read or write, or that its group may write, adds a warning: 0640 is fine.
[[nodiscard]] std::string read_secret_file(const std::string& path, const std::string& key,
                                           std::size_t bytes_max,
                                           std::vector<std::string>& warnings);

}  // namespace godwit::auth
