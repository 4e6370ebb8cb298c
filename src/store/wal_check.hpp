// Looks at RocksDB's write-ahead log before RocksDB does. A death while a record was written leaves
// a torn tail: the first bad record, and nothing valid behind it. That is no damage, since nothing
// in it was acknowledged. A bad record that valid ones follow is damage. RocksDB 7.8 does not tell
// them apart: a wrong length near the end it takes for a torn tail and drops what follows; a whole
// last record with a wrong checksum, as a power cut leaves it, it refuses; and it names no file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

namespace godwit::store {

struct WalFault {
    std::uint64_t offset = 0;  // of the record that is not whole
    std::uint64_t size = 0;    // from there to the end of the file
    bool torn = false;         // nothing valid follows
};

// The first fault of a log file. Throws std::ios_base::failure when it cannot be read.
[[nodiscard]] std::optional<WalFault> check_wal(const std::filesystem::path& file);

// The log files of the directory, oldest first.
[[nodiscard]] std::vector<std::filesystem::path> wal_files(const std::filesystem::path& directory);

}  // namespace godwit::store
