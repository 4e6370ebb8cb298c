// Everything that can be said about a data directory without a change to it: files and records.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "godwit/store/maintenance.hpp"

namespace godwit::store {

struct Examination {
    Findings findings;
    bool opened = false;                     // so that files and records could be looked at
    std::vector<std::uint64_t> lost_tables;  // their numbers: missing, or with a bad block
    std::uint64_t oldest_needed_log = 0;
};

// Throws StoreError where there is no data, or data of a newer version.
[[nodiscard]] std::filesystem::path existing_data(const std::filesystem::path& directory);
// REQUIRES: the directory is locked.
[[nodiscard]] Examination examine(const std::filesystem::path& directory);

}  // namespace godwit::store
