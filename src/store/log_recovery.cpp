#include "log_recovery.hpp"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/wal_filter.h>

#include <ios>
#include <memory>

#include "godwit/store/database.hpp"
#include "rocks.hpp"
#include "wal_check.hpp"

namespace godwit::store {

namespace {

// Of a database that is opened to ask it one thing.
class NoReplay final : public rocksdb::WalFilter {
public:
    WalProcessingOption LogRecord(const rocksdb::WriteBatch&, rocksdb::WriteBatch*,
                                  bool*) const override {
        return WalProcessingOption::kStopReplay;
    }
    [[nodiscard]] const char* Name() const override { return "NoReplay"; }
};

// Logs below this number are in tables already, and only wait to be deleted. What a write that
// failed has left in one of them is no damage.
std::uint64_t oldest_needed_log(const std::filesystem::path& directory) {
    NoReplay filter;
    rocksdb::Options options;
    options.wal_filter = &filter;
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords;
    options.track_and_verify_wals_in_manifest = true;  // without it, RocksDB would want to write
    options.max_open_files = 16;
    rocksdb::DB* opened = nullptr;
    throw_unless_ok(directory, rocksdb::DB::OpenForReadOnly(options, directory, &opened));
    const std::unique_ptr<rocksdb::DB> db(opened);
    std::uint64_t number = 0;
    db->GetIntProperty(rocksdb::DB::Properties::kMinLogNumberToKeep, &number);
    return number;
}

// Newest first, since a tail is torn only where nothing follows.
std::vector<std::string> check_and_cut(const std::filesystem::path& directory) {
    std::vector<std::string> notes;
    const std::vector<std::filesystem::path> files = wal_files(directory);
    bool followed = false;  // by a later log with something in it
    for (auto file = files.rbegin(); file != files.rend(); ++file) {
        const std::optional<WalFault> fault = check_wal(*file);
        const std::string name = file->filename().string();
        if (fault && (!fault->torn || followed)) {
            if (std::stoull(file->stem().string()) < oldest_needed_log(directory)) break;
            throw_damaged(directory, "damaged record in the write-ahead log " + name +
                                         " at offset " + std::to_string(fault->offset));
        }
        if (fault) {
            std::filesystem::resize_file(*file, fault->offset);
            notes.push_back("cut " + std::to_string(fault->size) + " bytes off " + name +
                            ": the last write before the end was not whole");
        }
        followed = followed || std::filesystem::file_size(*file) > 0;
    }
    return notes;
}

}  // namespace

std::vector<std::string> recover_logs(const std::filesystem::path& directory) {
    const std::string where = "data directory " + directory.string() + ": ";
    try {
        // Without CURRENT, RocksDB would begin an empty database beside the data of an old one.
        if (!wal_files(directory).empty() && !std::filesystem::exists(directory / "CURRENT"))
            throw_damaged(directory, "the file CURRENT is missing");
        return check_and_cut(directory);
    } catch (const std::filesystem::filesystem_error& error) {
        throw StoreError(where + error.what());
    } catch (const std::ios_base::failure& error) {
        throw StoreError(where + "cannot read a write-ahead log: " + error.what());
    }
}

}  // namespace godwit::store
