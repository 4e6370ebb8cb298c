#include "godwit/store/database.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <thread>

#include "clock.hpp"
#include "encoded.hpp"
#include "record_codec.hpp"
#include "rocks.hpp"
#include "running_database.hpp"
#include "scratch_directory.hpp"
#include "stored_records.hpp"

namespace godwit::store {
namespace {

using mqtt::Qos;
using test::encoded;
using test::Everything;
using test::message;
using test::payload_of;
using test::read_everything;
using test::RunningDatabase;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

class DatabaseTest : public testing::Test {
protected:
    // Everything that a new start finds.
    Everything reopen() { return read_everything(Database(directory(), {}, 1).state()); }
    [[nodiscard]] std::filesystem::path directory() const { return scratch_.path() / "data"; }

    // The names of what is left of each session, "client: filters, replays, payloads, incoming
    // ids".
    static std::vector<std::string> summary(const Everything& all) {
        std::vector<std::string> lines;
        for (const core::StoredSession& session : all.sessions) {
            std::string line = session.record.client_id + ":";
            for (const auto& subscription : session.subscriptions)
                line += " " + subscription.filter;
            for (const core::ReplayRecord& replay : session.replays)
                line += " replay " + replay.filter;
            for (const auto& queued : session.queue)
                line += " " + payload_of(queued.message);
            for (const auto packet_id : session.incoming)
                line += " " + std::to_string(packet_id);
            lines.push_back(line);
        }
        return lines;
    }

    test::ScratchDirectory scratch_;
};

void put_whole_session(core::Store& store, core::Incarnation incarnation,
                       const std::string& client_id) {
    store.put_session(test::session_record(incarnation, client_id));
    store.put_subscription(incarnation, {"a/#", Qos::exactly_once});
    store.put_subscription(incarnation, {"$share/g/b", Qos::at_most_once});
    store.put_queued(incarnation, test::queue_record(1, "one"));
    store.put_queued(incarnation, test::queue_record(2, "two"));
    store.put_replay(incarnation, {5, "a/#", Qos::at_least_once});
    store.put_replay(incarnation, {6, "b", Qos::at_most_once});
    store.put_incoming(incarnation, 1);
    store.put_incoming(incarnation, 65'535);
    store.put_will(incarnation, {{message("will/" + client_id, "gone")}, {}});
}

TEST_F(DatabaseTest, IsEmptyWhenNew) {
    const Everything all = reopen();
    EXPECT_THAT(all.sessions, IsEmpty());
    EXPECT_THAT(all.wills, IsEmpty());
    EXPECT_THAT(all.retained, IsEmpty());
    EXPECT_THAT(all.publications, IsEmpty());
}

TEST_F(DatabaseTest, MakesADirectoryForItsOwnerAlone) {
    const std::filesystem::path nested = scratch_.path() / "a" / "b";
    const Database database(nested, {}, 1);
    EXPECT_EQ(std::filesystem::status(nested).permissions(), std::filesystem::perms::owner_all);
}

TEST_F(DatabaseTest, SaysWhichDirectoryCannotBeMade) {
    try {
        const Database database("/proc/no/such", {}, 1);
        FAIL();
    } catch (const StoreError& error) {
        EXPECT_THAT(error.what(),
                    testing::HasSubstr("data directory /proc/no/such: cannot be made"));
    }
}

TEST_F(DatabaseTest, KeepsASecretForGood) {
    std::uint64_t secret = 0;
    {
        const Database database(directory(), {}, 1);
        secret = database.secret();
    }
    EXPECT_EQ(Database(directory(), {}, 4).secret(), secret);
    EXPECT_NE(Database(scratch_.path() / "other", {}, 1).secret(), secret);
}

TEST_F(DatabaseTest, KeepsASessionWithAllOfIt) {
    core::SessionRecord record = test::session_record(7, "client");
    record.handle = {1, 2, 3};
    record.user_name = "";
    record.mount_point = "m/";
    record.absence = {core::WallTime(std::chrono::seconds(1'700'000'000)), 9};
    const core::QueueRecord large{
        1ULL << 40, message("big", std::string(3'000'000, 'x')), Qos::exactly_once,
        true,       core::DeliveryState::await_pubcomp,          99,
        1234};
    const core::WillRecord will{
        {message("w", ""), core::PublishTarget::Kind::local, Qos::exactly_once, true},
        {"client", "user", "m/", "host:1"}};
    {
        RunningDatabase database(directory());
        core::Store& store = database.store();
        store.put_session(record);
        store.put_subscription(7, {"", Qos::at_most_once});
        store.put_subscription(7, {"a/b", Qos::exactly_once});
        store.put_queued(7, large);
        store.put_queued(7, test::queue_record(3, ""));
        store.put_incoming(7, 258);
        store.put_will(7, will);
        database.commit();
    }
    const Everything all = reopen();
    ASSERT_THAT(all.sessions, SizeIs(1));
    const core::StoredSession& session = all.sessions[0];
    EXPECT_EQ(session.record.incarnation, 7U);
    EXPECT_EQ(encoded(session.record), encoded(record));
    ASSERT_THAT(session.subscriptions, SizeIs(2));
    EXPECT_EQ(session.subscriptions[0].filter, "");
    EXPECT_EQ(session.subscriptions[1].filter, "a/b");
    EXPECT_EQ(session.subscriptions[1].qos, Qos::exactly_once);
    ASSERT_THAT(session.queue, SizeIs(2));
    EXPECT_EQ(session.queue[0].sequence, 3U);
    EXPECT_EQ(session.queue[1].sequence, 1ULL << 40);
    EXPECT_EQ(encoded(session.queue[1]), encoded(large));
    EXPECT_THAT(session.incoming, ElementsAre(258));
    ASSERT_THAT(all.wills, SizeIs(1));
    EXPECT_EQ(all.wills[0].first, 7U);
    EXPECT_EQ(encoded(all.wills[0].second), encoded(will));
}

TEST_F(DatabaseTest, KeepsAWillWithoutItsSession) {
    {
        RunningDatabase database(directory());
        database.store().put_will(3, {{message("w", "x")}, {}});
        database.commit();
    }
    const Everything all = reopen();
    EXPECT_THAT(all.sessions, IsEmpty());
    ASSERT_THAT(all.wills, SizeIs(1));
    EXPECT_EQ(all.wills[0].first, 3U);
}

TEST_F(DatabaseTest, KeepsRetainedMessagesByTopic) {
    const std::string long_topic(65'000, 't');
    const core::RetainedRecord record{message(long_topic, "x"), Qos::exactly_once,
                                      core::WallTime(std::chrono::seconds(9))};
    {
        RunningDatabase database(directory());
        core::Store& store = database.store();
        store.put_retained(record);
        store.put_retained({message("a", "old")});
        store.put_retained({message("a", "new")});
        store.put_retained({message("b", "gone")});
        store.delete_retained("b");
        store.delete_retained("never there");
        database.commit();
    }
    const Everything all = reopen();
    ASSERT_THAT(all.retained, SizeIs(2));
    EXPECT_EQ(payload_of(all.retained[0].message), "new");
    EXPECT_EQ(all.retained[1].message->topic(), long_topic);
    EXPECT_EQ(encoded(all.retained[1]), encoded(record));
}

TEST_F(DatabaseTest, KeepsTheLogOfPublicationsInOrderWithItsMarks) {
    const core::Receiver receiver{1, 2, Qos::exactly_once, 3, true};
    const core::LoggedPublication publication{
        message("q", "2"), {{0, {receiver}}, {5, {receiver, receiver}}}, Qos::exactly_once, true};
    {
        RunningDatabase database(directory());
        core::Store& store = database.store();
        for (const core::LogRow row : {300U, 2U, 1U, 3U}) {
            store.put_arriving(row, publication);
            store.put_arrived(row, 5, {receiver});
            store.put_arrived(row, core::kRetainedMark, {});
        }
        store.put_arriving(1, {message("q", "replaced"), {}});
        store.delete_arriving(2);
        store.put_arrived(4, 1, {});  // a mark that outlived its row
        database.commit();
    }
    const Everything all = reopen();
    ASSERT_THAT(all.publications, SizeIs(3));
    EXPECT_EQ(all.publications[0].row, 1U);
    EXPECT_EQ(payload_of(all.publications[0].publication.message), "replaced");
    EXPECT_THAT(all.publications[0].arrived, SizeIs(2));
    EXPECT_EQ(all.publications[1].row, 3U);
    EXPECT_EQ(all.publications[2].row, 300U);
    EXPECT_EQ(encoded(all.publications[2].publication), encoded(publication));
    const auto& arrived = all.publications[2].arrived;
    ASSERT_THAT(arrived, SizeIs(2));
    EXPECT_THAT(arrived.at(5), ElementsAre(receiver));
    EXPECT_THAT(arrived.at(core::kRetainedMark), IsEmpty());
}

TEST_F(DatabaseTest, LaterStateWins) {
    {
        RunningDatabase database(directory());
        core::Store& store = database.store();
        put_whole_session(store, 1, "old name");
        database.commit();
        store.put_session(test::session_record(1, "new name"));
        store.put_queued(1, test::queue_record(2, "changed"));
        store.delete_queued(1, 1);
        database.commit();
        store.delete_subscription(1, "a/#");
        store.delete_incoming(1, 1);
        store.delete_replay(1, 5);
        store.delete_will(1);
        database.commit();
    }
    const Everything all = reopen();
    EXPECT_THAT(summary(all), ElementsAre("new name: $share/g/b replay b changed 65535"));
    EXPECT_THAT(all.wills, IsEmpty());
}

TEST_F(DatabaseTest, ADeleteInALaterBatchWinsOverThePut) {
    {
        RunningDatabase database(directory());
        core::Store& store = database.store();
        store.put_session(test::session_record(1, "c"));
        core::CommitId last = 0;
        for (core::Sequence sequence = 1; sequence <= 500; ++sequence) {
            store.put_queued(1, test::queue_record(sequence, "x"));
            last = store.commit();
            store.delete_queued(1, sequence);
            last = store.commit();
        }
        database.wait_for(0, last);
    }
    EXPECT_THAT(summary(reopen()), ElementsAre("c:"));
}

TEST_F(DatabaseTest, WipesASessionAndNothingOfItsNeighbours) {
    {
        RunningDatabase database(directory());
        for (const core::Incarnation incarnation : {254U, 255U, 256U, 257U})
            put_whole_session(database.store(), incarnation, std::to_string(incarnation));
        database.commit();
        database.store().wipe_session(255);
        database.commit();
    }
    const Everything all = reopen();
    EXPECT_THAT(summary(all),
                ElementsAre("254: $share/g/b a/# replay a/# replay b one two 1 65535",
                            "256: $share/g/b a/# replay a/# replay b one two 1 65535",
                            "257: $share/g/b a/# replay a/# replay b one two 1 65535"));
    ASSERT_THAT(all.wills, SizeIs(3));
    EXPECT_EQ(all.wills[1].first, 256U);

    // Were any of it left, a session of that incarnation would have it.
    {
        RunningDatabase database(directory());
        database.store().put_session(test::session_record(255, "again"));
        database.commit();
    }
    EXPECT_THAT(summary(reopen())[1], "again:");
}

TEST_F(DatabaseTest, ReadsOnlyTheSessionsThatAreWantedOnSeveralThreads) {
    constexpr core::Incarnation kSessions = 200;
    {
        RunningDatabase database(directory());
        for (core::Incarnation incarnation = 1; incarnation <= kSessions; ++incarnation)
            put_whole_session(database.store(), incarnation, "c" + std::to_string(incarnation));
        database.commit();
    }
    const Database database(directory(), {}, 4);
    std::vector<std::vector<core::StoredSession>> read(4);
    std::vector<std::thread> threads;
    for (std::size_t shard = 0; shard < 4; ++shard) {
        threads.emplace_back([&, shard] {
            database.state().for_each_session(
                [&](const core::SessionRecord& record) { return record.incarnation % 4 == shard; },
                [&](core::StoredSession session) { read[shard].push_back(std::move(session)); });
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    for (std::size_t shard = 0; shard < 4; ++shard) {
        ASSERT_THAT(read[shard], SizeIs(kSessions / 4));
        core::Incarnation last = 0;
        for (const core::StoredSession& session : read[shard]) {
            EXPECT_EQ(session.record.incarnation % 4, shard);
            EXPECT_GT(session.record.incarnation, last);
            last = session.record.incarnation;
            EXPECT_THAT(session.subscriptions, SizeIs(2));
            EXPECT_THAT(session.queue, SizeIs(2));
            EXPECT_THAT(session.incoming, SizeIs(2));
        }
    }
}

TEST_F(DatabaseTest, AnEmptyBatchIsNoCommit) {
    RunningDatabase database(directory());
    EXPECT_EQ(database.store().commit(), 0U);
    database.store().put_incoming(1, 1);
    EXPECT_EQ(database.store().commit(), 1U);
    EXPECT_EQ(database.store().commit(), 0U);
}

TEST_F(DatabaseTest, CommitsOfEachShardCompleteInOrder) {
    constexpr std::size_t kShards = 4;
    constexpr core::CommitId kCommits = 2'000;
    {
        RunningDatabase database(directory(), {}, kShards);
        std::vector<std::thread> threads;
        for (core::ShardIndex shard = 0; shard < kShards; ++shard) {
            threads.emplace_back([&database, shard] {
                core::Store& store = database.store(shard);
                store.put_session(test::session_record(shard + 1U, "c"));
                for (core::CommitId commit = 1; commit <= kCommits; ++commit) {
                    store.put_queued(shard + 1U, test::queue_record(commit, "x"));
                    EXPECT_EQ(store.commit(), commit);
                }
                database.wait_for(shard, kCommits);
            });
        }
        for (std::thread& thread : threads)
            thread.join();
        for (core::ShardIndex shard = 0; shard < kShards; ++shard) {
            const std::vector<core::CommitId> told = database.committed(shard);
            EXPECT_TRUE(std::is_sorted(told.begin(), told.end()));
            EXPECT_EQ(told.back(), kCommits);
        }
    }
    const Everything all = reopen();
    ASSERT_THAT(all.sessions, SizeIs(kShards));
    for (const core::StoredSession& session : all.sessions)
        EXPECT_THAT(session.queue, SizeIs(kCommits));
}

TEST_F(DatabaseTest, CommitsAtItsEndWhatWasHandedOverAndNothingElse) {
    {
        Database database(directory(), {}, 1);
        database.store(0).put_session(test::session_record(1, "handed over"));
        EXPECT_EQ(database.store(0).commit(), 1U);
        database.store(0).put_session(test::session_record(2, "never closed"));
    }
    EXPECT_THAT(summary(reopen()), ElementsAre("handed over:"));
}

TEST_F(DatabaseTest, ItsClockGoesOnFromWhatWasSaved) {
    using std::chrono::hours;
    const core::WallTime long_ago{hours(1000)};
    // Another run of the machine, whose clock showed half an hour less than now.
    const MachineClocks machine{std::chrono::system_clock::now() - std::chrono::minutes(30),
                                "another boot", hours(1)};
    EXPECT_LT(Database(directory(), {}, 1).clock().wall - machine.wall, hours(1));
    std::string value;
    encode(Checkpoint{long_ago, machine}, value);
    {
        const Rocks rocks(directory());
        ASSERT_TRUE(rocks.db().Put({}, rocks.family(Family::meta), slice(kClockKey), value).ok());
    }
    core::WallTime first;
    {
        Database database(directory(), {}, 1);
        first = database.clock().wall;
        EXPECT_GE(first, long_ago + std::chrono::minutes(30));
        EXPECT_LT(first, long_ago + hours(1));
        EXPECT_THAT(database.notes(), IsEmpty());
        database.save_clock();
    }
    // Now it is the same run of the machine.
    const core::WallTime second = Database(directory(), {}, 1).clock().wall;
    EXPECT_GT(second, first);
    EXPECT_LT(second, first + hours(1));
}

// As after a reboot with a clock that is a year ahead.
TEST_F(DatabaseTest, SaysWhenNotAllOfADowntimeCounts) {
    const core::WallTime a_year_ago =
        std::chrono::system_clock::now() - std::chrono::hours(365 * 24);
    std::string value;
    encode(Checkpoint{a_year_ago, {a_year_ago, "another boot", {}}}, value);
    { const Database made(directory(), {}, 1); }
    {
        const Rocks rocks(directory());
        ASSERT_TRUE(rocks.db().Put({}, rocks.family(Family::meta), slice(kClockKey), value).ok());
    }
    const Database database(directory(), {}, 1);
    EXPECT_EQ(database.clock().wall, a_year_ago + kDoubtfulDowntimeMax);
    EXPECT_THAT(database.notes(), ElementsAre(testing::HasSubstr("over a reboot")));
}

TEST_F(DatabaseTest, NumbersBeginAboveAllThatWereGiven) {
    std::uint64_t last = 0;
    for (int start = 0; start < 3; ++start) {
        RunningDatabase database(directory(), {}, 2);
        for (int i = 0; i < 10; ++i) {
            const std::uint64_t number = database.store(i % 2 == 0 ? 0 : 1).next_number();
            EXPECT_GT(number, last);
            last = number;
        }
    }
}

// Until there is something to store, nothing needs a number to be new.
TEST_F(DatabaseTest, StoresTheLimitOfNumbersBeforeWhatBearsThem) {
    std::uint64_t last = 0;
    {
        RunningDatabase database(directory());
        while (last < 3'000'000)
            last = database.store().next_number();
        database.store().put_session(test::session_record(last, "c"));
        database.commit();
    }
    RunningDatabase database(directory());
    EXPECT_GT(database.store().next_number(), last);
}

// --- Queues that are longer than what the core keeps of them -----------------------------------

std::vector<core::Sequence> sequences_of(const std::vector<core::QueueRecord>& records) {
    std::vector<core::Sequence> sequences;
    for (const core::QueueRecord& record : records)
        sequences.push_back(record.sequence);
    return sequences;
}

TEST_F(DatabaseTest, ReadsAPartOfAQueue) {
    RunningDatabase database(directory());
    core::Store& store = database.store();
    for (core::Sequence sequence = 1; sequence <= 6; ++sequence) {
        store.put_queued(7, test::queue_record(sequence, std::to_string(sequence)));
        store.put_queued(8, test::queue_record(sequence, "of another session"));
    }
    store.delete_queued(7, 3);
    database.commit();

    const core::QueueRead all = database.read_queue(7, 2, 1'000'000);
    EXPECT_EQ(all.incarnation, 7U);
    EXPECT_THAT(sequences_of(all.records), ElementsAre(2, 4, 5, 6));
    EXPECT_EQ(payload_of(all.records[1].message), "4");
    EXPECT_GT(all.through, 6U) << "there is no more";

    const core::QueueRead one = database.read_queue(7, 2, 1);
    EXPECT_THAT(sequences_of(one.records), ElementsAre(2));
    EXPECT_EQ(one.through, 2U);
    EXPECT_THAT(database.read_queue(9, 1, 100).records, IsEmpty());
}

TEST_F(DatabaseTest, ReadsPastARecordThatDoesNotDecode) {
    RunningDatabase database(directory());
    database.store().put_queued(7, test::queue_record(1, "good"));
    core::QueueRecord bad = test::queue_record(2, "bad");
    bad.qos = static_cast<Qos>(9);
    database.store().put_queued(7, bad);
    database.store().put_queued(7, test::queue_record(3, "good"));
    database.commit();
    const core::QueueRead read = database.read_queue(7, 1, 1'000'000);
    ASSERT_THAT(sequences_of(read.records), ElementsAre(1, 2, 3));
    EXPECT_FALSE(read.records[1].message);
    EXPECT_THAT(database.warnings(),
                ElementsAre(testing::HasSubstr(
                    "damaged and dropped, key 0x00000000000000070000000000000002")));
}

TEST_F(DatabaseTest, StartsWithoutTheMessagesBehindTheWindow) {
    const std::string payload(40'000, 'x');
    {
        RunningDatabase database(directory());
        core::Store& store = database.store();
        store.put_session(test::session_record(7, "c"));
        for (core::Sequence sequence = 1; sequence <= 6; ++sequence) {
            core::QueueRecord record = test::queue_record(sequence, payload);
            if (sequence == 3) {  // which was sent, and so were those before it
                record.qos = Qos::exactly_once;
                record.packet_id = 1;
            }
            if (sequence == 5) record.group = 1;
            store.put_queued(7, record);
        }
        database.commit();
    }
    const auto queue = reopen().sessions.at(0).queue;
    ASSERT_THAT(queue, SizeIs(6));
    std::vector<bool> there;
    for (const core::QueueRecord& record : queue) {
        there.push_back(static_cast<bool>(record.message));
        EXPECT_EQ(record.message ? record.message->size() : record.left_size, 40'001U);
    }
    EXPECT_THAT(there, ElementsAre(true, true, true, false, true, false));
}

}  // namespace
}  // namespace godwit::store
