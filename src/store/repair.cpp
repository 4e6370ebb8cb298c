// How a directory is repaired. Bad records of write-ahead logs are passed over, and tables that are
// missing or have a bad block are struck off the manifest, so that all else stays as it was. Where
// no manifest is left, RocksDB's RepairDB makes one from the tables. Godwit then drops the records
// that are of no use, and writes what it needs to know of the directory itself.
#include <rocksdb/utilities/ldb_cmd.h>
#include <rocksdb/write_batch.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <ctime>
#include <fstream>
#include <memory>
#include <system_error>

#include "directory_lock.hpp"
#include "examination.hpp"
#include "godwit/store/database.hpp"
#include "godwit/store/maintenance.hpp"
#include "keys.hpp"
#include "meta.hpp"
#include "numbers.hpp"
#include "rocks.hpp"
#include "tended.hpp"
#include "wal_check.hpp"

namespace godwit::store {

namespace {

namespace fs = std::filesystem;

// RepairDB learns of families from tables alone. So each family is given a table with one record of
// this key, which nothing else has.
constexpr std::string_view kMarkerKey;
constexpr const char* kTemporary = "repair.tmp";
// Where RepairDB puts what it does not use.
constexpr const char* kLost = "lost";

void need(const rocksdb::Status& status) {
    if (!status.ok()) throw StoreError(status.ToString());
}

std::string utc_now() {
    const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
    std::tm utc{};
    ::gmtime_r(&now, &utc);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &utc);
    return text.data();
}

// Root may repair what belongs to the user of the broker, who must be able to open it then.
void give_to_owner(const fs::path& directory, const struct stat& owner) {
    const auto give = [&owner](const fs::path& file) {
        if (::lchown(file.c_str(), owner.st_uid, owner.st_gid) != 0)
            throw fs::filesystem_error("cannot change the owner", file,
                                       std::error_code(errno, std::generic_category()));
    };
    if (::geteuid() != 0) return;
    give(directory);
    for (const auto& entry : fs::recursive_directory_iterator(directory))
        give(entry.path());
}

fs::path copy_of(const fs::path& directory, const struct stat& owner) {
    const std::string name = directory.string() + ".damaged-" + utc_now();
    fs::path copy = name;
    for (int further = 2; fs::exists(copy); ++further)
        copy = name + "-" + std::to_string(further);
    try {
        fs::create_directory(copy, directory);  // with its permissions
        fs::copy(directory, copy, fs::copy_options::recursive);
        give_to_owner(copy, owner);
    } catch (const fs::filesystem_error&) {
        std::error_code ignored;
        fs::remove_all(copy, ignored);
        throw;
    }
    ::sync();
    return copy;
}

std::uint64_t highest_file_number(const fs::path& directory) {
    std::uint64_t highest = 0;
    for (const auto& entry : fs::directory_iterator(directory)) {
        const std::string name = entry.path().filename();
        const std::size_t digits = name.find_first_of("0123456789");
        if (digits == std::string::npos) continue;
        if (digits == 0 || name.starts_with("MANIFEST-"))
            highest = std::max<std::uint64_t>(highest, std::stoull(name.substr(digits)));
    }
    return highest;
}

std::string file_name(std::uint64_t number, const char* suffix) {
    std::string name = std::to_string(number);
    name.insert(0, name.size() < 6 ? 6 - name.size() : 0, '0');
    return name + suffix;
}

// Afterwards the family's records lie in tables of the lowest level, with sequence number 0.
rocksdb::Status compact(rocksdb::DB& db, rocksdb::ColumnFamilyHandle* family) {
    rocksdb::CompactRangeOptions options;
    options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
    return db.CompactRange(options, family, nullptr, nullptr);
}

// A new database numbers the families as every directory of ours does.
std::vector<fs::path> make_markers(const fs::path& directory) {
    rocksdb::DBOptions options;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    rocksdb::DB* opened = nullptr;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    need(rocksdb::DB::Open(options, directory, tended_families(), &handles, &opened));
    const std::unique_ptr<rocksdb::DB> db(opened);
    rocksdb::Status status;
    for (rocksdb::ColumnFamilyHandle* handle : handles) {
        if (status.ok()) status = db->Put({}, handle, slice(kMarkerKey), "");
        if (status.ok()) status = compact(*db, handle);
        db->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
    }
    need(status);
    need(db->Close());
    std::vector<fs::path> tables;
    for (const auto& entry : fs::directory_iterator(directory)) {
        if (entry.path().extension() == ".sst") tables.push_back(entry.path());
    }
    return tables;
}

// Without the logs: RepairDB would make tables of all that they have, also of what lies in a table
// already, and RocksDB refuses tables that overlap so. They are replayed at the next opening.
void make_manifest(const fs::path& directory) {
    const fs::path temporary = directory / kTemporary;
    fs::remove_all(temporary);
    std::uint64_t number = highest_file_number(directory);
    for (const fs::path& table : make_markers(temporary))
        fs::rename(table, directory / file_name(++number, ".sst"));
    std::vector<fs::path> logs;
    for (const fs::path& log : wal_files(directory)) {
        logs.push_back(temporary / file_name(++number, ".aside"));
        fs::rename(log, logs.back());
    }
    need(rocksdb::RepairDB(directory, rocksdb::DBOptions(), tended_families(),
                           rocksdb::ColumnFamilyOptions()));
    {
        rocksdb::Status status;
        const std::unique_ptr<Tended> opened = Tended::open(directory, Tended::Mode::write, status);
        need(status);
        for (std::size_t i = 0; i < kFamilies; ++i) {
            rocksdb::ColumnFamilyHandle* family = opened->family(Family(i));
            need(opened->db().Delete({}, family, slice(kMarkerKey)));
            need(compact(opened->db(), family));
        }
    }
    // RocksDB passes over a log that is older than a table.
    number = std::max(number, highest_file_number(directory));
    for (const fs::path& log : logs)
        fs::rename(log, directory / file_name(++number, ".log"));
    fs::remove_all(temporary);
    fs::remove_all(directory / kLost);
}

// CURRENT names the manifest in force; the newest one is.
void point_to_manifest(const fs::path& directory) {
    std::string newest;
    for (const auto& entry : fs::directory_iterator(directory)) {
        const std::string name = entry.path().filename();
        if (name.starts_with("MANIFEST-")) newest = std::max(newest, name);
    }
    if (!newest.empty()) std::ofstream(directory / "CURRENT") << newest << '\n';
}

void strike_off(const fs::path& directory, std::uint64_t table) {
    rocksdb::Options options;
    options.paranoid_checks = false;
    const std::vector<rocksdb::ColumnFamilyDescriptor> families = tended_families();
    const std::unique_ptr<rocksdb::LDBCommand> command(rocksdb::LDBCommand::InitFromCmdLineArgs(
        {"--db=" + directory.string(), "unsafe_remove_sst_file", std::to_string(table)}, options,
        rocksdb::LDBOptions(), &families));
    if (command == nullptr) throw StoreError("RocksDB cannot strike off tables");
    command->Run();
    if (!command->GetExecuteState().IsSucceed())
        throw StoreError("table " + file_name(table, ".sst") + ": " +
                         command->GetExecuteState().ToString());
    fs::remove(directory / file_name(table, ".sst"));
}

// What a start needs to know of the directory.
void mend_meta(const Tended& opened, const Survey& survey, rocksdb::WriteBatch& batch,
               Repair& result) {
    const auto put = [&](std::string_view key, const std::string& value) {
        batch.Put(opened.family(Family::meta), slice(key), value).PermitUncheckedError();
    };
    const Survey::Meta& meta = survey.meta();
    if (!meta.format) {
        std::string value;
        Writer(value).u32(kFormat);
        put(kFormatKey, value);
        result.notes.push_back(
            "meta: the format version was lost; the records are read as version " +
            std::to_string(kFormat));
    }
    if (!meta.secret) {
        put(kSecretKey, number_key(make_secret()));
        result.notes.push_back(
            "meta: the secret was lost and a new one made; the ids of shared groups change with "
            "it, "
            "so a group's messages that wait stay with the member that has them");
    }
    if (!meta.numbers || *meta.numbers <= survey.highest_number()) {
        const std::uint64_t first = survey.highest_number() + 1 + Numbers::kReserved;
        put(kNumbersKey, number_key(first));
        result.notes.push_back("meta: new numbers begin at " + std::to_string(first) +
                               ", above all that are in use");
    }
}

void drop_what_is_of_no_use(const fs::path& directory, Repair& result) {
    rocksdb::Status status;
    const std::unique_ptr<Tended> opened = Tended::open(directory, Tended::Mode::write, status);
    need(status);
    std::array<std::uint64_t, kFamilies> dropped{};
    const Survey survey = opened->survey({});
    rocksdb::WriteBatch batch;
    for (const Survey::Unwanted& record : survey.unwanted()) {
        need(batch.Delete(opened->family(record.family), record.key));
        ++dropped[static_cast<std::size_t>(record.family)];
    }
    mend_meta(*opened, survey, batch, result);
    rocksdb::WriteOptions options;
    options.sync = true;
    need(opened->db().Write(options, &batch));
    for (std::size_t family = 0; family < kFamilies; ++family) {
        if (dropped[family] > 0)
            result.dropped.emplace_back(name_of(Family(family)), dropped[family]);
    }
}

void mend(const fs::path& directory, Examination found, Repair& result) {
    if (!found.opened) {
        point_to_manifest(directory);
        found = examine(directory);
    }
    if (!found.opened) {
        // Where a log is missing that the manifest names, this makes it forget that.
        rocksdb::Status status;
        (void)Tended::open(directory, Tended::Mode::write_the_rest, status);
        found = examine(directory);
    }
    if (!found.opened) {
        make_manifest(directory);
        found = examine(directory);
    }
    for (const std::uint64_t table : found.lost_tables)
        strike_off(directory, table);
    drop_what_is_of_no_use(directory, result);
    const Findings after = examine(directory).findings;
    if (!after.problems.empty())
        throw StoreError("data directory " + directory.string() +
                         " is still damaged: " + after.problems.front());
    result.kept = after.good;
}

}  // namespace

Repair repair(const fs::path& directory) {
    const fs::path place = existing_data(directory);
    const DirectoryLock lock(place);
    const Examination before = examine(place);
    Repair result{before.findings.problems, {}, before.findings.good, {}, before.findings.notes};
    if (result.problems.empty()) return result;
    try {
        struct stat owner {};
        if (::stat(place.c_str(), &owner) != 0)
            throw fs::filesystem_error("stat", place,
                                       std::error_code(errno, std::generic_category()));
        result.copy = copy_of(place, owner);
        mend(place, before, result);
        give_to_owner(place, owner);
        ::sync();
        return result;
    } catch (const std::exception& error) {
        const std::string kept = result.copy.empty()
                                     ? "; nothing was changed"
                                     : "; the directory as it was is " + result.copy.string();
        throw StoreError("repair: " + std::string(error.what()) + kept);
    }
}

}  // namespace godwit::store
