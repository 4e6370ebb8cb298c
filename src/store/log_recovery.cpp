#include "log_recovery.hpp"

#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/wal_filter.h>

#include <ios>
#include <memory>
#include <optional>

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

std::optional<WalLoss> find_loss_in(const std::filesystem::path& directory) {
    std::vector<std::filesystem::path> files = wal_files(directory);
    const std::optional<WalLoss> loss = find_loss(files);
    if (!loss || files.back() == loss->file) return loss;
    const std::uint64_t oldest = oldest_needed_log(directory);
    std::erase_if(files,
                  [&](const std::filesystem::path& file) { return wal_number(file) < oldest; });
    return find_loss(files);
}

// What a death or a power cut has left of the last writes: all from the first loss on goes.
std::vector<std::string> cut(const WalLoss& loss) {
    std::vector<std::string> notes;
    std::filesystem::resize_file(loss.file, loss.offset);
    notes.push_back("cut " + std::to_string(loss.size) + " bytes off " +
                    loss.file.filename().string() +
                    ": the last writes before the end were not whole");
    for (const std::filesystem::path& file : loss.later) {
        const std::uint64_t size = std::filesystem::file_size(file);
        std::filesystem::resize_file(file, 0);
        notes.push_back("cut " + std::to_string(size) + " bytes off " + file.filename().string() +
                        ": what came before them was not synced and is lost");
    }
    return notes;
}

std::vector<std::string> check_and_cut(const std::filesystem::path& directory) {
    const std::optional<WalLoss> loss = find_loss_in(directory);
    if (!loss) return {};
    if (loss->damage) {
        throw_damaged(directory, "damaged record in the write-ahead log " +
                                     loss->file.filename().string() + " at offset " +
                                     std::to_string(loss->offset));
    }
    return cut(*loss);
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
