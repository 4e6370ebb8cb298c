// What is done about RocksDB's write-ahead logs before it is opened: a torn tail is cut, damage is
// refused.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace godwit::store {

// What was cut, one line each. Throws StoreError. REQUIRES: the directory is locked.
[[nodiscard]] std::vector<std::string> recover_logs(const std::filesystem::path& directory);

}  // namespace godwit::store
