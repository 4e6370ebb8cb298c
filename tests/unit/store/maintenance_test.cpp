// What `godwit store` finds in a directory, and what a repair leaves in it.
#include "godwit/store/maintenance.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "file_content.hpp"
#include "godwit/store/database.hpp"
#include "meta.hpp"
#include "numbers.hpp"
#include "rocks.hpp"
#include "running_database.hpp"
#include "scratch_directory.hpp"
#include "stored_records.hpp"
#include "wal_check.hpp"

namespace godwit::store {
namespace {

using test::content_of;
using test::Everything;
using test::read_everything;
using test::RunningDatabase;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;

namespace fs = std::filesystem;

core::SessionRecord session(core::Incarnation incarnation, std::string_view client_id) {
    core::SessionRecord record = test::session_record(incarnation, client_id);
    record.handle.slot = static_cast<std::uint32_t>(incarnation);
    return record;
}

class MaintenanceTest : public testing::Test {
protected:
    [[nodiscard]] fs::path directory() const { return scratch_.path() / "data"; }

    // Two sessions with a subscription and three messages each, and one record of every other kind;
    // each message in a batch of its own.
    void write() {
        RunningDatabase database(directory());
        core::Store& store = database.store();
        store.put_session(session(1, "one"));
        store.put_session(session(2, "two"));
        for (const core::Incarnation incarnation : {1U, 2U})
            store.put_subscription(incarnation, {"t/#", mqtt::Qos::at_least_once});
        store.put_incoming(1, 7);
        store.put_replay(2, {3, "t/#", mqtt::Qos::at_least_once});
        store.put_will(4, {{test::message("will", "w")}, {"frail", "", "", ""}});
        store.put_retained({test::message("kept", "value"), mqtt::Qos::at_least_once, {}});
        store.put_arriving(5, {.message = test::message("t/1", "p"), .receivers = {{0, {{1, 0}}}}});
        store.put_arrived(5, 0, {});
        for (core::Sequence sequence = 10; sequence < 16; ++sequence) {
            store.put_queued(1 + sequence % 2, test::queue_record(sequence, "payload"));
            database.commit();
        }
    }
    // A start writes the logs' content to tables.
    void write_tables() {
        write();
        const Rocks rocks(directory());
    }
    static Counts written() {
        return {.sessions = 2,
                .subscriptions = 2,
                .queued = 6,
                .incoming = 1,
                .wills = 1,
                .retained = 1,
                .publications = 1,
                .replays = 1};
    }

    [[nodiscard]] fs::path log() const { return wal_files(directory()).back(); }
    [[nodiscard]] fs::path table_of(Family family) const {
        const Rocks rocks(directory());
        std::vector<rocksdb::LiveFileMetaData> tables;
        rocks.db().GetLiveFilesMetaData(&tables);
        for (const rocksdb::LiveFileMetaData& table : tables) {
            if (table.column_family_name == name_of(family))
                return directory() / fs::path(table.name).filename();
        }
        ADD_FAILURE() << "no table of " << name_of(family);
        return {};
    }
    static void flip(const fs::path& file, std::uint64_t offset) {
        std::fstream stream(file, std::ios::binary | std::ios::in | std::ios::out);
        stream.seekg(static_cast<std::streamoff>(offset));
        const int byte = stream.get();
        stream.seekp(static_cast<std::streamoff>(offset));
        stream.put(static_cast<char>(byte ^ 0x41));
    }
    void with_rocks(const std::function<void(rocksdb::DB&, const Rocks&)>& change) const {
        const Rocks rocks(directory());
        change(rocks.db(), rocks);
    }
    void put(Family family, std::string_view key, std::string_view value) const {
        with_rocks([&](rocksdb::DB& db, const Rocks& rocks) {
            ASSERT_TRUE(db.Put({}, rocks.family(family), slice(key), slice(value)).ok());
        });
    }
    void erase(Family family, std::string_view key) const {
        with_rocks([&](rocksdb::DB& db, const Rocks& rocks) {
            ASSERT_TRUE(db.Delete({}, rocks.family(family), slice(key)).ok());
        });
    }

    static std::map<std::string, std::string> files_of(const fs::path& folder) {
        std::map<std::string, std::string> files;
        for (const auto& entry : fs::directory_iterator(folder))
            files[entry.path().filename()] = content_of(entry.path());
        return files;
    }
    [[nodiscard]] Findings verify_unchanged() const {
        const auto before = files_of(directory());
        Findings findings = verify(directory());
        EXPECT_EQ(files_of(directory()), before);
        return findings;
    }
    // Repairs what is damaged; checks that the copy is what was there and the result sound.
    [[nodiscard]] Repair repair_damaged() const {
        const std::vector<std::string> problems = verify_unchanged().problems;
        EXPECT_THAT(problems, testing::Not(IsEmpty()));
        const auto before = files_of(directory());
        Repair repaired = repair(directory());
        EXPECT_EQ(repaired.problems, problems);
        EXPECT_EQ(repaired.copy.parent_path(), directory().parent_path());
        EXPECT_EQ(files_of(repaired.copy), before);
        const Findings after = verify_unchanged();
        EXPECT_THAT(after.problems, IsEmpty());
        EXPECT_EQ(after.good, repaired.kept);
        EXPECT_EQ(after.left_over, 0U);
        return repaired;
    }
    [[nodiscard]] Everything start() const {
        return read_everything(Database(directory(), {}, 1).state());
    }
    static std::string error_of(const std::function<void()>& action) {
        try {
            action();
            return "";
        } catch (const StoreError& error) {
            return error.what();
        }
    }

    test::ScratchDirectory scratch_;
};

TEST_F(MaintenanceTest, CountsWhatIsThereInTheLogAndInTables) {
    write();
    const Findings in_log = verify_unchanged();
    EXPECT_THAT(in_log.problems, IsEmpty());
    EXPECT_THAT(in_log.notes, IsEmpty());
    EXPECT_EQ(in_log.good, written());
    (void)start();
    const Findings in_tables = verify_unchanged();
    EXPECT_THAT(in_tables.problems, IsEmpty());
    EXPECT_EQ(in_tables.good, written());
}

TEST_F(MaintenanceTest, RepairLeavesAloneWhatIsUndamaged) {
    write();
    const auto before = files_of(directory());
    const Repair repaired = repair(directory());
    EXPECT_THAT(repaired.problems, IsEmpty());
    EXPECT_EQ(files_of(directory()), before);
    const fs::directory_iterator entries(scratch_.path());
    EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);
}

TEST_F(MaintenanceTest, RefusesADirectoryInUse) {
    const Database database(directory(), {}, 1);
    const std::string refusal =
        "data directory " + directory().string() + " is in use by another process";
    EXPECT_EQ(error_of([&] { (void)verify(directory()); }), refusal);
    EXPECT_EQ(error_of([&] { (void)repair(directory()); }), refusal);
    EXPECT_EQ(error_of([&] { (void)read_stored(directory(), {}); }), refusal);
}

TEST_F(MaintenanceTest, RefusesADirectoryWithoutDataAndMakesNone) {
    EXPECT_THAT(error_of([&] { (void)verify(directory()); }), HasSubstr("No such file"));
    EXPECT_FALSE(fs::exists(directory()));
    EXPECT_THAT(error_of([&] { (void)repair(scratch_.path()); }), HasSubstr("there is no data"));
    EXPECT_TRUE(fs::is_empty(scratch_.path()));
}

TEST_F(MaintenanceTest, RefusesANewerFormat) {
    write();
    put(Family::meta, kFormatKey, std::string("\0\0\0\x02", 4));
    EXPECT_THAT(error_of([&] { (void)verify(directory()); }), HasSubstr("format version 2"));
    EXPECT_THAT(error_of([&] { (void)repair(directory()); }), HasSubstr("format version 2"));
}

TEST_F(MaintenanceTest, ATornTailIsNoDamageAndStays) {
    write();
    fs::resize_file(log(), content_of(log()).rfind("payload"));
    const Findings findings = verify_unchanged();
    EXPECT_THAT(findings.problems, IsEmpty());
    EXPECT_THAT(findings.notes, ElementsAre(HasSubstr(log().filename().string())));
    EXPECT_EQ(findings.good.queued, 5U);
}

TEST_F(MaintenanceTest, WhatIsBeforeADamagedRecordOfTheLogIsKept) {
    write();
    const std::string text = content_of(log());
    flip(log(), text.rfind("payload", text.rfind("payload") - 1));  // in the last but one
    EXPECT_THAT(verify_unchanged().problems, ElementsAre(HasSubstr(log().filename().string())));
    Counts expected = written();
    expected.queued = 4;
    EXPECT_EQ(repair_damaged().kept, expected);
    const Everything all = start();
    ASSERT_THAT(all.sessions, SizeIs(2));
    EXPECT_THAT(all.sessions[0].queue, SizeIs(2));
}

TEST_F(MaintenanceTest, ADamagedTableTakesItsRecordsAlone) {
    write_tables();
    const fs::path table = table_of(Family::retained);
    flip(table, 10);
    EXPECT_THAT(verify_unchanged().problems,
                Contains(AllOf(HasSubstr("retained"), HasSubstr(table.filename().string()))));
    Counts expected = written();
    expected.retained = 0;
    EXPECT_EQ(repair_damaged().kept, expected);
    EXPECT_THAT(start().retained, IsEmpty());
}

TEST_F(MaintenanceTest, EntriesAndSubscriptionsGoWithTheTableOfTheirSessions) {
    write_tables();
    flip(table_of(Family::sessions), 10);
    const Repair repaired = repair_damaged();
    EXPECT_EQ(repaired.kept, (Counts{.wills = 1, .retained = 1, .publications = 1}));
    EXPECT_THAT(repaired.dropped, ElementsAre(Pair("subscriptions", 2), Pair("replays", 1),
                                              Pair("queues", 6), Pair("incoming", 1)));
    EXPECT_THAT(start().sessions, IsEmpty());
}

TEST_F(MaintenanceTest, AMissingTableTakesItsRecordsAlone) {
    write_tables();
    const fs::path table = table_of(Family::queues);
    fs::remove(table);
    EXPECT_THAT(verify_unchanged().problems, Contains(HasSubstr(table.filename().string())));
    Counts expected = written();
    expected.queued = 0;
    EXPECT_EQ(repair_damaged().kept, expected);
    EXPECT_THAT(start().sessions, SizeIs(2));
}

// No family has a table yet, so that only the manifest knew of them.
TEST_F(MaintenanceTest, WithoutCurrentAndManifestTheLogIsKept) {
    write();
    for (const auto& entry : fs::directory_iterator(directory())) {
        const std::string name = entry.path().filename();
        if (name == "CURRENT" || name.starts_with("MANIFEST")) fs::remove(entry.path());
    }
    EXPECT_EQ(repair_damaged().kept, written());
    EXPECT_THAT(start().sessions, SizeIs(2));
}

TEST_F(MaintenanceTest, AFlippedByteInTheManifestLosesNothing) {
    write_tables();
    for (const auto& entry : fs::directory_iterator(directory())) {
        if (entry.path().filename().string().starts_with("MANIFEST")) flip(entry.path(), 40);
    }
    EXPECT_EQ(repair_damaged().kept, written());
    EXPECT_THAT(start().sessions, SizeIs(2));
}

// Of a log that only some families still need, RepairDB takes the records of all.
TEST_F(MaintenanceTest, WhatLiesInATableAndInTheLogIsKeptOnce) {
    write();
    with_rocks([&](rocksdb::DB& db, const Rocks& rocks) {
        for (core::Sequence sequence = 20; sequence < 23; ++sequence) {
            for (const core::Incarnation incarnation : {1U, 2U}) {
                std::string value;
                encode(test::queue_record(0, "x"), value);
                ASSERT_TRUE(db.Put({}, rocks.family(Family::queues),
                                   numbered_key(incarnation, sequence), value)
                                .ok());
            }
        }
        ASSERT_TRUE(
            db.Put({}, rocks.family(Family::retained), "kept too", std::string(2, '\0')).ok());
        ASSERT_TRUE(db.Flush({}, rocks.family(Family::queues)).ok());
    });
    for (const auto& entry : fs::directory_iterator(directory())) {
        if (entry.path().filename() == "CURRENT") fs::remove(entry.path());
    }
    Counts expected = written();
    expected.queued = 12;
    expected.retained = 2;
    EXPECT_EQ(repair_damaged().kept, expected);
    EXPECT_THAT(start().sessions, SizeIs(2));
}

TEST_F(MaintenanceTest, AMissingLogThatWasSyncedTakesItsRecordsAlone) {
    write_tables();
    with_rocks([&](rocksdb::DB& db, const Rocks& rocks) {
        const std::string value(2, '\0');
        ASSERT_TRUE(db.Put({}, rocks.family(Family::retained), "lost", value).ok());
        ASSERT_TRUE(db.Put({}, rocks.family(Family::incoming), incoming_key(1, 9), "").ok());
        ASSERT_TRUE(db.Flush({}, rocks.family(Family::incoming)).ok());
        ASSERT_TRUE(db.Put({}, rocks.family(Family::incoming), incoming_key(1, 10), "").ok());
        ASSERT_TRUE(db.SyncWAL().ok());
    });
    ASSERT_THAT(wal_files(directory()), SizeIs(2));
    fs::remove(wal_files(directory()).front());
    EXPECT_THAT(verify_unchanged().problems, ElementsAre(HasSubstr("Missing WAL")));
    Counts expected = written();
    expected.incoming = 3;
    EXPECT_EQ(repair_damaged().kept, expected);
    EXPECT_THAT(start().sessions, SizeIs(2));
}

TEST_F(MaintenanceTest, WhatWasWipedStaysSo) {
    write_tables();
    {
        RunningDatabase database(directory());
        database.store().wipe_session(2);
        database.store().delete_retained("kept");
        database.commit();
    }
    put(Family::wills, "short", "");
    const Repair repaired = repair_damaged();
    EXPECT_EQ(repaired.kept, (Counts{.sessions = 1,
                                     .subscriptions = 1,
                                     .queued = 3,
                                     .incoming = 1,
                                     .wills = 1,
                                     .publications = 1}));
    EXPECT_THAT(repaired.dropped, ElementsAre(Pair("wills", 1)));
}

TEST_F(MaintenanceTest, RecordsThatDoNotDecodeAreNamedAndDropped) {
    write();
    put(Family::queues, numbered_key(1, 258), "nonsense");
    put(Family::wills, "short", "");
    put(Family::sessions, number_key(9), "nonsense");
    EXPECT_THAT(verify_unchanged().problems,
                ElementsAre("sessions: damaged record, key 0x0000000000000009",
                            "queues: damaged record, key 0x00000000000000010000000000000102",
                            "wills: damaged record, key 0x73686f7274"));
    const Repair repaired = repair_damaged();
    EXPECT_EQ(repaired.kept, written());
    EXPECT_THAT(repaired.dropped,
                ElementsAre(Pair("sessions", 1), Pair("queues", 1), Pair("wills", 1)));
    EXPECT_THAT(start().sessions, SizeIs(2));
}

TEST_F(MaintenanceTest, WhatBelongsToNothingIsNoDamage) {
    write();
    put(Family::incoming, incoming_key(77, 1), "");
    put(Family::arriving, mark_key(78, 0), std::string(4, '\0'));
    const Findings findings = verify_unchanged();
    EXPECT_THAT(findings.problems, IsEmpty());
    EXPECT_EQ(findings.left_over, 2U);
    EXPECT_EQ(findings.good, written());
}

// A lost deletion brings an old session back.
TEST_F(MaintenanceTest, OfTwoSessionsWithOneClientIdTheNewerOneStays) {
    write();
    {
        RunningDatabase database(directory());
        database.store().put_session(session(20, "one"));
        database.commit();
    }
    const Repair repaired = repair_damaged();
    EXPECT_THAT(repaired.problems, ElementsAre(HasSubstr("a newer session")));
    EXPECT_EQ(repaired.kept.sessions, 2U);
    EXPECT_EQ(repaired.kept.queued, 3U);
    const Everything all = start();
    ASSERT_THAT(all.sessions, SizeIs(2));
    EXPECT_EQ(all.sessions[1].record.incarnation, 20U);
}

TEST_F(MaintenanceTest, LostMetaIsMadeAnew) {
    write();
    for (const std::string_view key : {kFormatKey, kSecretKey, kNumbersKey})
        erase(Family::meta, key);
    EXPECT_THAT(verify_unchanged().problems,
                ElementsAre(HasSubstr("format"), HasSubstr("secret"), HasSubstr("numbers")));
    const Repair repaired = repair_damaged();
    EXPECT_EQ(repaired.kept, written());
    EXPECT_THAT(repaired.notes, Contains(HasSubstr("shared groups")));
    Database database(directory(), {}, 1);
    EXPECT_GT(database.store(0).next_number(), 15U);
    EXPECT_NE(database.secret(), 0U);
}

TEST_F(MaintenanceTest, AClockThatIsNoneIsDropped) {
    write();
    put(Family::meta, kClockKey, "noon");
    EXPECT_THAT(verify_unchanged().problems,
                ElementsAre("meta: damaged record, key " + printable(kClockKey)));
    const Repair repaired = repair_damaged();
    EXPECT_EQ(repaired.kept, written());
    EXPECT_THAT(repaired.dropped, ElementsAre(Pair("meta", 1)));
    (void)start();
}

TEST_F(MaintenanceTest, RepairKeepsTheSecretAndTheNumbers) {
    write();
    const std::uint64_t secret = Database(directory(), {}, 1).secret();
    put(Family::wills, "short", "");
    EXPECT_THAT(repair_damaged().notes, IsEmpty());
    Database database(directory(), {}, 1);
    EXPECT_EQ(database.secret(), secret);
    EXPECT_GT(database.store(0).next_number(), Numbers::kReserved);
}

TEST_F(MaintenanceTest, NumbersBelowOneInUseAreRaised) {
    write();
    put(Family::meta, kNumbersKey, number_key(12));
    put(Family::queues, numbered_key(1, 5'000'000), [] {
        std::string value;
        encode(test::queue_record(0, "far"), value);
        return value;
    }());
    // Putting it has opened the directory, which nobody numbers.
    put(Family::meta, kNumbersKey, number_key(12));
    EXPECT_THAT(verify_unchanged().problems, ElementsAre(HasSubstr("5000000 is in use")));
    (void)repair_damaged();
    Database database(directory(), {}, 1);
    EXPECT_GT(database.store(0).next_number(), 5'000'000U);
}

TEST_F(MaintenanceTest, ShowsWhatIsGoodInOrder) {
    write();
    put(Family::queues, numbered_key(1, 258), "nonsense");
    std::vector<std::string> shown;
    const Visitor visitor{
        .session =
            [&](const core::StoredSession& stored) { shown.push_back(stored.record.client_id); },
        .queued =
            [&](const core::SessionRecord& record, const core::QueueRecord& entry) {
                shown.push_back(record.client_id + std::to_string(entry.sequence));
            },
        .will = [&](const core::WillRecord& will) { shown.push_back(will.author.client_id); },
        .retained =
            [&](const core::RetainedRecord& record) {
                shown.emplace_back(record.message->topic());
            },
        .publication =
            [&](const core::LoggedPublication& logged) {
                shown.emplace_back(logged.message->topic());
            }};
    EXPECT_THAT(read_stored(directory(), visitor).problems, SizeIs(1));
    EXPECT_THAT(shown, ElementsAre("one", "two", "one10", "one12", "one14", "two11", "two13",
                                   "two15", "frail", "kept", "t/1"));
}

}  // namespace
}  // namespace godwit::store
