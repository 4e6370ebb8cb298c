#include "rocks.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/options.h>
#include <rocksdb/table.h>
#include <rocksdb/transaction_log.h>
#include <rocksdb/utilities/table_properties_collectors.h>

#include <algorithm>
#include <cstdarg>
#include <utility>

#include "godwit/store/database.hpp"
#include "log_recovery.hpp"

namespace godwit::store {

namespace {

constexpr std::size_t operator""_KiB(unsigned long long value) {
    return value << 10;
}
constexpr std::size_t operator""_MiB(unsigned long long value) {
    return value << 20;
}

// Its errors reach our log by what its calls return. Of a log file of its own that cannot be
// written any more, as on a full disk, an assertion makes an end of the process.
class NoLog final : public rocksdb::Logger {
public:
    using Logger::Logv;
    void Logv(const char*, va_list) override {}
};

rocksdb::DBOptions database_options(rocksdb::Env* env,
                                    const std::shared_ptr<BackgroundError>& error) {
    rocksdb::DBOptions options;
    options.env = env;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    // A cut tail is mended, damage is not: see wal_check.hpp.
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
    options.track_and_verify_wals_in_manifest = true;
    options.paranoid_checks = true;
    options.listeners.push_back(error);

    options.db_write_buffer_size = 16_MiB;
    options.max_total_wal_size = 64_MiB;
    options.max_open_files = 256;
    options.max_file_opening_threads = 1;
    options.max_background_jobs = 2;
    // One thread writes, so that the simpler insert will do.
    options.allow_concurrent_memtable_write = false;

    options.info_log = std::make_shared<NoLog>();
    options.stats_dump_period_sec = 0;
    options.stats_persist_period_sec = 0;
    return options;
}

rocksdb::CompressionType compression() {
    const std::vector<rocksdb::CompressionType> supported = rocksdb::GetSupportedCompressions();
    const bool lz4 =
        std::find(supported.begin(), supported.end(), rocksdb::kLZ4Compression) != supported.end();
    return lz4 ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
}

rocksdb::ColumnFamilyOptions family_options() {
    rocksdb::BlockBasedTableOptions table;
    table.block_cache = rocksdb::NewLRUCache(8_MiB, 2);
    table.cache_index_and_filter_blocks = true;

    rocksdb::ColumnFamilyOptions options;
    options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    options.compression = compression();
    options.write_buffer_size = 8_MiB;
    options.max_write_buffer_number = 3;
    options.arena_block_size = 64_KiB;
    options.target_file_size_base = 8_MiB;
    options.max_bytes_for_level_base = 64_MiB;
    return options;
}

// One key a message, put in order and soon deleted. memtable_insert_with_hint_prefix_extractor
// would save a fifth of the CPU, but RocksDB 7.8 mixes up its hints for keys and for deleted
// ranges.
rocksdb::ColumnFamilyOptions queue_options(rocksdb::ColumnFamilyOptions options) {
    // A file of which half a window is deletions is rewritten without waiting for its level.
    options.table_properties_collector_factories.push_back(
        rocksdb::NewCompactOnDeletionCollectorFactory(16'384, 8'192));
    return options;
}

std::vector<rocksdb::ColumnFamilyDescriptor> descriptors(const std::vector<std::string>& names) {
    const rocksdb::ColumnFamilyOptions plain = family_options();
    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (const std::string& name : names)
        descriptors.emplace_back(name,
                                 name == name_of(Family::queues) ? queue_options(plain) : plain);
    return descriptors;
}

std::string in_directory(const std::filesystem::path& directory, const std::string& what) {
    return "data directory " + directory.string() + ": " + what;
}

}  // namespace

std::string printable(std::string_view key) {
    static constexpr char kDigits[] = "0123456789abcdef";
    std::string text = "0x";
    for (const char byte : key) {
        const auto value = static_cast<unsigned char>(byte);
        text += kDigits[value >> 4];
        text += kDigits[value & 0xF];
    }
    return text;
}

void throw_damaged(const std::filesystem::path& directory, const std::string& what) {
    throw StoreError(in_directory(directory, what) + "; a backup helps, or `godwit store repair" +
                     " --data-dir " + directory.string() + "`, which keeps what is still readable");
}

void throw_record_damaged(const Rocks& rocks, Family family, std::string_view key) {
    throw_damaged(rocks.directory(),
                  "damaged record in " + std::string(name_of(family)) + ", key " + printable(key));
}

void throw_unless_ok(const std::filesystem::path& directory, const rocksdb::Status& status) {
    if (status.ok()) return;
    if (status.IsCorruption()) throw_damaged(directory, status.ToString());
    throw StoreError(in_directory(directory, status.ToString()));
}

Rocks::Rocks(const std::filesystem::path& directory, rocksdb::Env* env)
    : env_(env), directory_(directory), lock_(directory), notes_(recover_logs(directory)) {
    open();
}

Rocks::~Rocks() {
    close();
}

std::vector<std::string> Rocks::reopen() {
    const std::unique_lock lock(reopening_);
    close();
    std::vector<std::string> notes = recover_logs(directory_);
    open();
    return notes;
}

rocksdb::Status Rocks::resume() {
    background_error_->clear();
    return db_->Resume();
}

void Rocks::close() {
    if (!db_) return;
    for (rocksdb::ColumnFamilyHandle* handle : std::exchange(handles_, {}))
        db_->DestroyColumnFamilyHandle(handle);
    db_->Close().PermitUncheckedError();
    db_.reset();
    background_error_->clear();
}

void Rocks::open() {
    const rocksdb::DBOptions options = database_options(env_, background_error_);
    std::vector<std::string> names(kFamilyNames.begin(), kFamilyNames.end());
    names.insert(names.begin(), rocksdb::kDefaultColumnFamilyName);
    // A newer version may have families that we do not know; only its format tells that it is
    // newer.
    if (std::filesystem::exists(directory_ / "CURRENT")) {
        std::vector<std::string> present;
        throw_unless_ok(directory_, rocksdb::DB::ListColumnFamilies(options, directory_, &present));
        for (const std::string& name : present) {
            if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
        }
    }

    rocksdb::DB* db = nullptr;
    throw_unless_ok(directory_,
                    rocksdb::DB::Open(options, directory_, descriptors(names), &handles_, &db));
    db_.reset(db);
    std::copy_n(handles_.begin() + 1, kFamilies, families_.begin());
}

LogPosition Rocks::log_end() const {
    std::unique_ptr<rocksdb::LogFile> log;
    if (!db_->GetCurrentWalFile(&log).ok()) return {};
    return {log->LogNumber(), db_->GetLatestSequenceNumber()};
}

std::unique_ptr<rocksdb::Iterator> Rocks::iterate(Family family) const {
    rocksdb::ReadOptions options;
    options.fill_cache = false;
    options.readahead_size = 256_KiB;
    return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(options, this->family(family)));
}

}  // namespace godwit::store
