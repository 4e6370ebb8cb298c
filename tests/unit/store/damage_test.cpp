// What a start does with a directory that is not as it was left.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <string>

#include "file_content.hpp"
#include "godwit/store/database.hpp"
#include "meta.hpp"
#include "rocks.hpp"
#include "running_database.hpp"
#include "scratch_directory.hpp"
#include "stored_records.hpp"
#include "wal_check.hpp"

namespace godwit::store {
namespace {

using test::content_of;
using test::read_everything;
using test::RunningDatabase;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class DamageTest : public testing::Test {
protected:
    [[nodiscard]] std::filesystem::path directory() const { return scratch_.path() / "data"; }

    // One session with three messages, each in a batch of its own, as a killed process leaves them:
    // without the last stamp.
    void write() {
        {
            RunningDatabase database(directory(), {.sync = Sync::always});
            database.store().put_session(test::session_record(1, "c"));
            for (core::Sequence sequence = 1; sequence <= 3; ++sequence) {
                database.store().put_queued(1, test::queue_record(sequence, "payload"));
                database.commit();
            }
        }
        const std::string text = content_of(log());
        std::filesystem::resize_file(log(), text.rfind("payload") + 7);
    }
    [[nodiscard]] std::filesystem::path log() const { return wal_files(directory()).back(); }

    void flip(const std::filesystem::path& file, std::uint64_t offset) {
        std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
        stream.seekg(static_cast<std::streamoff>(offset));
        const int byte = stream.get();
        stream.seekp(static_cast<std::streamoff>(offset));
        stream.put(static_cast<char>(byte ^ 0x41));
    }
    void put(Family family, std::string_view key, std::string_view value) {
        const Rocks rocks(directory());
        ASSERT_TRUE(rocks.db().Put({}, rocks.family(family), slice(key), slice(value)).ok());
    }

    std::vector<core::QueueRecord> queue(const Database& database) {
        return read_everything(database.state()).sessions.at(0).queue;
    }
    [[nodiscard]] std::string refusal() const {
        return error_of([this] { const Database database(directory(), {}, 1); });
    }
    [[nodiscard]] std::string refusal_to_read() const {
        const Database database(directory(), {}, 1);
        return error_of([&] { (void)read_everything(database.state()); });
    }
    static std::string error_of(const std::function<void()>& action) {
        try {
            action();
            return "";
        } catch (const StoreError& error) {
            return error.what();
        }
    }
    [[nodiscard]] std::string repair() const {
        return "`godwit store repair --data-dir " + directory().string() + "`";
    }

    test::ScratchDirectory scratch_;
};

TEST_F(DamageTest, CutsATornTailAndSaysSo) {
    write();
    std::filesystem::resize_file(log(), std::filesystem::file_size(log()) - 1);
    const std::string name = log().filename();
    {
        const Database database(directory(), {}, 1);
        EXPECT_THAT(queue(database), SizeIs(2));
        EXPECT_THAT(database.notes(), ElementsAre(AllOf(HasSubstr("cut"), HasSubstr(name))));
    }
    const Database database(directory(), {}, 1);
    EXPECT_THAT(queue(database), SizeIs(2));
    EXPECT_THAT(database.notes(), IsEmpty());
}

// As a power cut leaves it: the file has grown, its bytes have not come.
TEST_F(DamageTest, CutsALastRecordWithBadBytes) {
    write();
    flip(log(), std::filesystem::file_size(log()) - 1);
    const Database database(directory(), {}, 1);
    EXPECT_THAT(queue(database), SizeIs(2));
    EXPECT_THAT(database.notes(), SizeIs(1));
}

TEST_F(DamageTest, RefusesABadByteInTheMiddleOfTheLog) {
    write();
    const std::uint64_t half = std::filesystem::file_size(log()) / 2;
    flip(log(), half);
    const std::string name = log().filename();
    EXPECT_THAT(refusal(), AllOf(HasSubstr("damaged record in the write-ahead log " + name),
                                 HasSubstr(repair())));
    flip(log(), half);
    EXPECT_THAT(queue(Database(directory(), {}, 1)), SizeIs(3));
}

// RocksDB alone would take it for a torn tail, and drop two acknowledged messages.
TEST_F(DamageTest, RefusesABadLengthInTheMiddleOfTheLog) {
    write();
    const std::string bytes = "payload";
    const std::size_t second_record = content_of(log()).find(bytes) + bytes.size();
    flip(log(), second_record + 5);
    EXPECT_THAT(refusal(), HasSubstr("at offset " + std::to_string(second_record)));
}

TEST_F(DamageTest, RefusesATornLogThatALaterOneFollows) {
    write();
    std::filesystem::copy_file(log(), directory() / "999999.log");
    const std::filesystem::path first = wal_files(directory()).front();
    std::filesystem::resize_file(first, content_of(first).find("payload"));
    EXPECT_THAT(refusal(), HasSubstr(first.filename().string()));
}

// RocksDB has put it into tables and would have deleted it; a write that failed had spoilt it.
TEST_F(DamageTest, DoesNotMindALogThatIsNotNeededAnyMore) {
    write();
    const std::filesystem::path old_log = log();
    const std::filesystem::path copy = scratch_.path() / "copy";
    std::filesystem::copy_file(old_log, copy);
    std::filesystem::resize_file(copy, std::filesystem::file_size(copy) - 1);
    {
        RunningDatabase database(directory());
        database.store().put_queued(1, test::queue_record(4, "payload"));
        database.commit();
    }
    ASSERT_FALSE(std::filesystem::exists(old_log));
    std::filesystem::copy_file(copy, old_log);
    EXPECT_THAT(queue(Database(directory(), {}, 1)), SizeIs(4));
}

TEST_F(DamageTest, RefusesToBeginAnewWhereDataWas) {
    write();
    std::filesystem::remove(directory() / "CURRENT");
    EXPECT_THAT(refusal(), AllOf(HasSubstr("CURRENT is missing"), HasSubstr(repair())));
}

TEST_F(DamageTest, RefusesADamagedTable) {
    write();
    (void)Database(directory(), {}, 1);  // opening writes the log's content to a table
    for (const auto& entry : std::filesystem::directory_iterator(directory())) {
        if (entry.path().extension() == ".sst") flip(entry.path(), 10);
    }
    const std::string error =
        error_of([&] { (void)read_everything(Database(directory(), {}, 1).state()); });
    EXPECT_THAT(error, AllOf(HasSubstr(".sst"), HasSubstr(repair())));
}

TEST_F(DamageTest, NamesTheRecordThatDoesNotDecode) {
    write();
    put(Family::queues, numbered_key(1, 258), "nonsense");
    EXPECT_THAT(refusal_to_read(),
                AllOf(HasSubstr("damaged record in queues, key 0x00000000000000010000000000000102"),
                      HasSubstr(repair())));
}

TEST_F(DamageTest, NamesAKeyThatIsNone) {
    write();
    put(Family::wills, "short", "");
    EXPECT_THAT(refusal_to_read(), HasSubstr("damaged record in wills, key 0x73686f7274"));
}

TEST_F(DamageTest, RefusesANewerFormatAndNamesBoth) {
    write();
    put(Family::meta, kFormatKey, std::string("\0\0\0\x02", 4));
    EXPECT_THAT(refusal(), AllOf(HasSubstr("format version 2"), HasSubstr("format version 1")));
}

TEST_F(DamageTest, RefusesANewerFormatWithAFamilyWeDoNotKnow) {
    write();
    put(Family::meta, kFormatKey, std::string("\0\0\0\x02", 4));
    {
        const Rocks rocks(directory());
        rocksdb::ColumnFamilyHandle* handle = nullptr;
        ASSERT_TRUE(rocks.db().CreateColumnFamily({}, "delayed", &handle).ok());
        rocks.db().DestroyColumnFamilyHandle(handle);
    }
    EXPECT_THAT(refusal(), HasSubstr("format version 2"));
}

TEST_F(DamageTest, RefusesDataWithoutAFormat) {
    write();
    {
        const Rocks rocks(directory());
        ASSERT_TRUE(rocks.db().Delete({}, rocks.family(Family::meta), slice(kFormatKey)).ok());
    }
    EXPECT_THAT(refusal(), HasSubstr("damaged record in meta"));
}

TEST_F(DamageTest, RefusesAFormatThatNeverWas) {
    write();
    put(Family::meta, kFormatKey, std::string(4, '\0'));
    EXPECT_THAT(refusal(), HasSubstr("damaged record in meta, key 0x666f726d6174"));
}

TEST_F(DamageTest, RefusesAClockThatIsNone) {
    write();
    put(Family::meta, kClockKey, "noon");
    EXPECT_THAT(refusal(), HasSubstr("damaged record in meta, key 0x636c6f636b"));
}

// A directory that no broker with a clock of its own has run on.
TEST_F(DamageTest, TakesTheSystemsClockWhereNoneWasSaved) {
    write();
    {
        const Rocks rocks(directory());
        ASSERT_TRUE(rocks.db().Delete({}, rocks.family(Family::meta), slice(kClockKey)).ok());
    }
    const auto before = std::chrono::system_clock::now();
    EXPECT_GE(Database(directory(), {}, 1).clock().wall, before);
}

// A death between the making of the directory and its first record.
TEST_F(DamageTest, FinishesADirectoryThatWasNotMadeToTheEnd) {
    { const Rocks rocks(directory()); }
    EXPECT_EQ(refusal(), "");
}

}  // namespace
}  // namespace godwit::store
