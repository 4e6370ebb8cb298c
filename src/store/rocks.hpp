// An open data directory: the lock, RocksDB and its column families, opened with what this broker
// wants of them. Thread-safe as RocksDB is.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/env.h>

#include <array>
#include <filesystem>
#include <memory>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "background_error.hpp"
#include "directory_lock.hpp"
#include "keys.hpp"
#include "log_stamp.hpp"

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

    // What RocksDB needs resume() or reopen() for.
    [[nodiscard]] rocksdb::Status background_error() const { return background_error_->get(); }
    [[nodiscard]] rocksdb::Status resume();
    // Closes RocksDB and opens it as at a start: what was only in memory comes back from the logs.
    // Waits for those who hold use(). Throws StoreError, and is closed then; returns what it has
    // mended.
    std::vector<std::string> reopen();
    [[nodiscard]] bool is_open() const { return db_ != nullptr; }
    // For threads beside the one that calls reopen(): while they hold it, RocksDB stays as it is.
    [[nodiscard]] std::shared_lock<std::shared_mutex> use() const {
        return std::shared_lock(reopening_);
    }

    // Where the log ends now. REQUIRES: nobody writes.
    [[nodiscard]] LogPosition log_end() const;

    // Every key of that family.
    [[nodiscard]] std::unique_ptr<rocksdb::Iterator> iterate(Family family) const;

private:
    void open();
    void close();

    rocksdb::Env* const env_;
    const std::filesystem::path directory_;
    const DirectoryLock lock_;
    const std::vector<std::string> notes_;
    const std::shared_ptr<BackgroundError> background_error_ = std::make_shared<BackgroundError>();
    mutable std::shared_mutex reopening_;
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
