#include "examination.hpp"

#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>

#include <ios>
#include <memory>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "directory_lock.hpp"
#include "godwit/store/database.hpp"
#include "meta.hpp"
#include "tended.hpp"
#include "wal_check.hpp"

namespace godwit::store {

namespace {

constexpr std::string_view kTableSuffix = ".sst";

[[noreturn]] void fail(const std::filesystem::path& directory, const std::string& what) {
    throw StoreError("data directory " + directory.string() + ": " + what);
}

// Each by itself, since DB::VerifyChecksum ends at the first bad one.
void check_tables(const Tended& opened, Examination& result) {
    std::vector<rocksdb::LiveFileMetaData> tables;
    opened.db().GetLiveFilesMetaData(&tables);
    for (const rocksdb::LiveFileMetaData& table : tables) {
        const std::string name = std::filesystem::path(table.name).filename();
        rocksdb::SstFileReader reader{rocksdb::Options()};
        rocksdb::Status status = reader.Open(table.db_path + table.name);
        if (status.ok()) status = reader.VerifyChecksum();
        if (status.ok()) continue;
        result.lost_tables.push_back(table.file_number);
        result.findings.problems.push_back(table.column_family_name + ": table " + name + ": " +
                                           status.ToString());
    }
}

void check_logs(const std::filesystem::path& directory, Examination& result) {
    std::vector<std::filesystem::path> files = wal_files(directory);
    std::erase_if(files, [&](const std::filesystem::path& file) {
        return wal_number(file) < result.oldest_needed_log;
    });
    const std::optional<WalLoss> loss = find_loss(files);
    if (!loss) return;
    const std::string name = "write-ahead log " + loss->file.filename().string();
    const std::string where = " at offset " + std::to_string(loss->offset);
    if (loss->damage) {
        result.findings.problems.push_back(name + ": damaged record" + where);
    } else {
        result.findings.notes.push_back(name + ": the last writes are not whole" + where +
                                        "; the next start cuts them off");
    }
}

void refuse_newer_format(const std::filesystem::path& directory, const Tended& opened) {
    rocksdb::ColumnFamilyHandle* const family = opened.family(Family::meta);
    std::string value;
    if (family == nullptr ||
        !opened.db().Get(rocksdb::ReadOptions(), family, slice(kFormatKey), &value).ok()) {
        return;
    }
    Reader reader(value);
    const std::uint32_t format = reader.u32();
    if (reader.done() && format > kFormat) throw_newer_format(directory, format);
}

// As much of it as can be opened.
std::unique_ptr<Tended> open_to_read(const std::filesystem::path& directory,
                                     rocksdb::Status& status) {
    std::unique_ptr<Tended> opened = Tended::open(directory, Tended::Mode::read, status);
    rocksdb::Status ignored;
    if (!opened) opened = Tended::open(directory, Tended::Mode::read_the_rest, ignored);
    if (opened) refuse_newer_format(directory, *opened);
    return opened;
}

bool names_a_table(const std::string& text) {
    return text.find(kTableSuffix) != std::string::npos;
}

Examination examine_files(const std::filesystem::path& directory) {
    Examination result;
    rocksdb::Status status;
    const std::unique_ptr<Tended> opened = open_to_read(directory, status);
    result.opened = opened != nullptr;
    if (opened) {
        check_tables(*opened, result);
        result.oldest_needed_log = opened->oldest_needed_log();
    }
    // A table that is missing has its line already.
    std::vector<std::string>& problems = result.findings.problems;
    if (!status.ok() && (problems.empty() || !names_a_table(status.ToString())))
        problems.push_back("database: " + status.ToString());
    check_logs(directory, result);
    if (!opened) return result;

    Findings records = opened->survey({}).findings();
    result.findings.good = records.good;
    result.findings.left_over = records.left_over;
    problems.insert(problems.end(), records.problems.begin(), records.problems.end());
    return result;
}

}  // namespace

std::filesystem::path existing_data(const std::filesystem::path& directory) {
    std::error_code error;
    std::filesystem::path place = std::filesystem::canonical(directory, error);
    if (error) fail(directory, error.message());
    std::filesystem::directory_iterator entries(place, error);
    if (error) fail(directory, error.message());
    for (const auto& entry : entries) {
        const std::filesystem::path file = entry.path();
        if (file.filename() == "CURRENT" || file.extension() == kTableSuffix) return place;
    }
    if (wal_files(place).empty()) fail(directory, "there is no data in it");
    return place;
}

Examination examine(const std::filesystem::path& directory) {
    try {
        return examine_files(directory);
    } catch (const std::filesystem::filesystem_error& error) {
        fail(directory, error.what());
    } catch (const std::ios_base::failure& error) {
        fail(directory, std::string("cannot read a write-ahead log: ") + error.what());
    }
}

Findings verify(const std::filesystem::path& directory) {
    const std::filesystem::path place = existing_data(directory);
    const DirectoryLock lock(place, DirectoryLock::Use::look);
    return examine(place).findings;
}

Findings read_stored(const std::filesystem::path& directory, const Visitor& visitor) {
    const std::filesystem::path place = existing_data(directory);
    const DirectoryLock lock(place, DirectoryLock::Use::look);
    rocksdb::Status status;
    const std::unique_ptr<Tended> opened = open_to_read(place, status);
    Findings findings;
    if (opened) findings = opened->survey(visitor).findings();
    if (!status.ok()) findings.problems.push_back("database: " + status.ToString());
    return findings;
}

}  // namespace godwit::store
