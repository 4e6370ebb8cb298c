#include "tended.hpp"

#include <rocksdb/options.h>

#include <algorithm>

#include "rocks.hpp"

namespace godwit::store {

namespace {

rocksdb::DBOptions options_for(Tended::Mode mode) {
    rocksdb::DBOptions options;
    options.max_open_files = 256;
    const bool writes = mode == Tended::Mode::write || mode == Tended::Mode::write_the_rest;
    options.create_missing_column_families = writes;
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kSkipAnyCorruptedRecords;
    options.paranoid_checks = mode == Tended::Mode::read || mode == Tended::Mode::write;
    // Without it, RocksDB writes what it knows of logs off the manifest, and cannot when reading.
    options.track_and_verify_wals_in_manifest = !writes;
    return options;
}

}  // namespace

std::vector<rocksdb::ColumnFamilyDescriptor> tended_families(const std::vector<std::string>& more) {
    rocksdb::ColumnFamilyOptions options;
    options.disable_auto_compactions = true;
    std::vector<std::string> names(kFamilyNames.begin(), kFamilyNames.end());
    names.insert(names.begin(), rocksdb::kDefaultColumnFamilyName);
    for (const std::string& name : more) {
        if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
    std::vector<rocksdb::ColumnFamilyDescriptor> families;
    for (const std::string& name : names)
        families.emplace_back(name, options);
    return families;
}

std::unique_ptr<Tended> Tended::open(const std::filesystem::path& directory, Mode mode,
                                     rocksdb::Status& status) {
    const rocksdb::DBOptions options = options_for(mode);
    std::vector<std::string> present;
    status = rocksdb::DB::ListColumnFamilies(options, directory, &present);
    if (!status.ok()) return nullptr;

    std::vector<rocksdb::ColumnFamilyDescriptor> families = tended_families(present);
    if (!options.create_missing_column_families) {
        std::erase_if(families, [&](const rocksdb::ColumnFamilyDescriptor& family) {
            return std::find(present.begin(), present.end(), family.name) == present.end();
        });
    }
    std::unique_ptr<Tended> opened(new Tended);
    rocksdb::DB* db = nullptr;
    status =
        options.create_missing_column_families
            ? rocksdb::DB::Open(options, directory, families, &opened->handles_, &db)
            : rocksdb::DB::OpenForReadOnly(options, directory, families, &opened->handles_, &db);
    if (!status.ok()) return nullptr;
    opened->db_.reset(db);
    for (rocksdb::ColumnFamilyHandle* handle : opened->handles_) {
        const auto* name = std::find(kFamilyNames.begin(), kFamilyNames.end(), handle->GetName());
        if (name != kFamilyNames.end())
            opened->families_[static_cast<std::size_t>(name - kFamilyNames.begin())] = handle;
    }
    return opened;
}

Tended::~Tended() {
    if (db_ == nullptr) return;
    for (rocksdb::ColumnFamilyHandle* handle : handles_)
        db_->DestroyColumnFamilyHandle(handle);
    db_->Close().PermitUncheckedError();
}

Survey Tended::survey(const Visitor& visitor) const {
    const Survey::Iterate iterate = [this](Family family) {
        rocksdb::ReadOptions options;
        options.fill_cache = false;
        options.readahead_size = std::size_t{256} << 10;
        rocksdb::ColumnFamilyHandle* handle = this->family(family);
        return std::unique_ptr<rocksdb::Iterator>(
            handle == nullptr ? rocksdb::NewEmptyIterator() : db_->NewIterator(options, handle));
    };
    return {iterate, visitor};
}

std::uint64_t Tended::oldest_needed_log() const {
    std::uint64_t number = 0;
    db_->GetIntProperty(rocksdb::DB::Properties::kMinLogNumberToKeep, &number);
    return number;
}

}  // namespace godwit::store
