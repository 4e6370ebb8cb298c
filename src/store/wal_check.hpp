// Looks at RocksDB's write-ahead log before RocksDB does, which does not tell what is damage from
// what a death or a power cut leaves: a wrong length near the end it takes for a torn tail and
// drops what follows; a whole last record with a wrong checksum it refuses; and it names no file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "log_stamp.hpp"

namespace godwit::store {

struct WalFault {
    std::uint64_t offset = 0;  // of the record that is not whole
    std::uint64_t size = 0;    // from there to the end of the file
};

// What is to be learned from one file.
struct WalReport {
    std::uint64_t log = 0;  // its number
    std::uint64_t size = 0;
    std::optional<WalFault> fault;       // the first
    std::uint64_t last_sequence = 0;     // of the batches before it
    std::optional<LogPosition> follows;  // where the log had ended before the first batch
    LogPosition synced;                  // what any batch says was synced, the furthest
    bool unstamped_behind = false;       // behind the fault is a batch that does not say

    [[nodiscard]] std::uint64_t intact_size() const { return fault ? fault->offset : size; }
};

// Throws std::ios_base::failure when the file cannot be read.
[[nodiscard]] WalReport check_wal(const std::filesystem::path& file);

// The log files of the directory, oldest first.
[[nodiscard]] std::vector<std::filesystem::path> wal_files(const std::filesystem::path& directory);
[[nodiscard]] std::uint64_t wal_number(const std::filesystem::path& file);

// What is amiss with the logs as a whole: the first place from which on they are not whole.
struct WalLoss {
    std::filesystem::path file;
    std::uint64_t offset = 0;
    std::uint64_t size = 0;  // from there on in this file
    // Something behind it was to be relied on, or says that this was; else it is what a death or a
    // power cut may leave.
    bool damage = false;
    std::vector<std::filesystem::path> later;  // logs that go with it
};

// Of logs in their order, all from the oldest needed on. Throws as check_wal().
[[nodiscard]] std::optional<WalLoss> find_loss(const std::vector<std::filesystem::path>& files);

}  // namespace godwit::store
