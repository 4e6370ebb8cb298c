// An open data directory: the lock, RocksDB and its column families, opened with what this broker
// wants of them. Thread-safe as RocksDB is.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "directory_lock.hpp"
#include "keys.hpp"

namespace godwit::store {

[[nodiscard]] inline rocksdb::Slice slice(std::string_view text) {
    return {text.data(), text.size()};
}
[[nodiscard]] inline std::string_view view(const rocksdb::Slice& slice) {
    return {slice.data(), slice.size()};
}

class Rocks {
public:
    // Makes the directory, or what is missing in it. Throws StoreError.
    explicit Rocks(const std::filesystem::path& directory,
                   rocksdb::Env* env = rocksdb::Env::Default());
    ~Rocks();
    Rocks(const Rocks&) = delete;
    Rocks& operator=(const Rocks&) = delete;

    [[nodiscard]] rocksdb::DB& db() const { return *db_; }
    [[nodiscard]] rocksdb::ColumnFamilyHandle* family(Family family) const {
        return families_[static_cast<std::size_t>(family)];
    }
    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }
    // What opening has mended, for the log.
    [[nodiscard]] const std::vector<std::string>& notes() const { return notes_; }

    // Every key of that family.
    [[nodiscard]] std::unique_ptr<rocksdb::Iterator> iterate(Family family) const;

private:
    void open(rocksdb::Env* env);

    const std::filesystem::path directory_;
    const DirectoryLock lock_;
    const std::vector<std::string> notes_;
    std::unique_ptr<rocksdb::DB> db_;
    std::vector<rocksdb::ColumnFamilyHandle*> handles_;  // all there are
    std::array<rocksdb::ColumnFamilyHandle*, kFamilies> families_{};
};

// A key in hexadecimal, for people.
[[nodiscard]] std::string printable(std::string_view key);

// All throw StoreError, saying what helps.
[[noreturn]] void throw_damaged(const std::filesystem::path& directory, const std::string& what);
[[noreturn]] void throw_record_damaged(const Rocks& rocks, Family family, std::string_view key);
void throw_unless_ok(const std::filesystem::path& directory, const rocksdb::Status& status);

}  // namespace godwit::store
