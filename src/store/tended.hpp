// RocksDB opened to look after a directory rather than to run on it: with whatever families it has,
// and, for reading, without a change to any file.
#pragma once

#include <rocksdb/db.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "survey.hpp"

namespace godwit::store {

class Tended {
public:
    enum class Mode : std::uint8_t {
        read,           // all files must be there
        read_the_rest,  // of what can be read
        write,          // makes the families that are missing; empties the logs
        write_the_rest,
    };

    // Opens it. Bad records of write-ahead logs are passed over. REQUIRES: the
    // directory is locked. Returns null and says why in `status`.
    [[nodiscard]] static std::unique_ptr<Tended> open(const std::filesystem::path& directory,
                                                      Mode mode, rocksdb::Status& status);
    ~Tended();
    Tended(const Tended&) = delete;
    Tended& operator=(const Tended&) = delete;

    [[nodiscard]] rocksdb::DB& db() const { return *db_; }
    // Null where it is missing.
    [[nodiscard]] rocksdb::ColumnFamilyHandle* family(Family family) const {
        return families_[static_cast<std::size_t>(family)];
    }
    [[nodiscard]] Survey survey(const Visitor& visitor) const;
    // The records of logs below this number lie in tables.
    [[nodiscard]] std::uint64_t oldest_needed_log() const;

private:
    Tended() = default;

    std::unique_ptr<rocksdb::DB> db_;
    std::vector<rocksdb::ColumnFamilyHandle*> handles_;
    std::array<rocksdb::ColumnFamilyHandle*, kFamilies> families_{};
};

// What every family of a directory is opened with here: the defaults, and no compaction.
[[nodiscard]] std::vector<rocksdb::ColumnFamilyDescriptor> tended_families(
    const std::vector<std::string>& more = {});

}  // namespace godwit::store
