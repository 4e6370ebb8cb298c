#include "commit_thread.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "faulty_disk.hpp"
#include "godwit/store/database.hpp"
#include "scratch_directory.hpp"
#include "store_over.hpp"
#include "stored_records.hpp"
#include "sync_name.hpp"

namespace godwit::store {
namespace {

using test::FaultyDisk;
using test::payload_of;
using test::read_everything;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

class CommitThreadTest : public testing::TestWithParam<Sync> {
protected:
    void open() {
        store_.emplace(scratch_.path() / "data", disk_, Settings{.sync = GetParam()}, 1,
                       reserve_bytes_);
        store_->start([this](core::ShardIndex, core::CommitId commit) { happened(commit); },
                      [this](bool failing, const std::string& alarm) { happened(failing, alarm); });
    }
    void close() { store_.reset(); }
    void put(core::Sequence sequence) {
        core::Store& store = store_->store();
        store.put_session(test::session_record(1, "c"));
        store.put_queued(1, test::queue_record(sequence, std::to_string(sequence)));
        EXPECT_NE(store.commit(), 0U);
    }
    std::vector<std::string> reopened() {
        close();
        const Database database(scratch_.path() / "data", {}, 1);
        std::vector<std::string> payloads;
        for (const core::StoredSession& session : read_everything(database.state()).sessions) {
            for (const core::QueueRecord& record : session.queue)
                payloads.push_back(payload_of(record.message));
        }
        return payloads;
    }

    void happened(core::CommitId commit) {
        const std::lock_guard lock(mutex_);
        last_commit_ = commit;
        event_.notify_all();
    }
    void happened(bool failing, const std::string& alarm) {
        const std::lock_guard lock(mutex_);
        failing_ = failing;
        alarms_.push_back(alarm);
        event_.notify_all();
    }
    void wait_for_commit(core::CommitId commit) {
        std::unique_lock lock(mutex_);
        event_.wait(lock, [&] { return last_commit_ >= commit; });
    }
    std::vector<std::string> wait_for_alarms(std::size_t count) {
        std::unique_lock lock(mutex_);
        event_.wait(lock, [&] { return alarms_.size() >= count; });
        return alarms_;
    }

    void wait_for_last_alarm(const std::string& part) {
        std::unique_lock lock(mutex_);
        event_.wait(lock, [&] {
            return !alarms_.empty() && alarms_.back().find(part) != std::string::npos;
        });
    }
    std::vector<std::string> alarms_so_far() {
        const std::lock_guard lock(mutex_);
        return alarms_;
    }

    test::ScratchDirectory scratch_;
    std::uint64_t reserve_bytes_ = 0;
    const std::shared_ptr<FaultyDisk> disk_ = std::make_shared<FaultyDisk>();
    std::mutex mutex_;
    std::condition_variable event_;
    core::CommitId last_commit_ = 0;
    std::vector<std::string> alarms_;
    bool failing_ = false;
    std::optional<test::StoreOver> store_;
};

TEST_P(CommitThreadTest, GoesOnOnceAFullDiskHasRoom) {
    open();
    put(1);
    wait_for_commit(1);
    disk_->set_room(10);
    put(2);
    EXPECT_THAT(wait_for_alarms(1), ElementsAre(HasSubstr("the disk is full")));
    EXPECT_TRUE(failing_);
    EXPECT_EQ(last_commit_, 1U);
    put(3);
    disk_->set_room(FaultyDisk::kUnlimited);
    wait_for_commit(3);
    EXPECT_THAT(alarms_, ElementsAre(HasSubstr("cannot write"), HasSubstr("again")));
    EXPECT_THAT(reopened(), ElementsAre("1", "2", "3"));
}

TEST_P(CommitThreadTest, TellsHowLongCommitsTook) {
    open();
    disk_->set_room(0);
    put(1);
    wait_for_alarms(1);
    disk_->set_room(FaultyDisk::kUnlimited);
    wait_for_commit(1);
    put(2);
    wait_for_commit(2);
    const core::Histogram& times = store_->commit_times();
    std::uint64_t commits = 0;
    for (std::size_t bucket = 0; bucket < core::Histogram::kBuckets; ++bucket)
        commits += times.count(bucket);
    EXPECT_EQ(commits, 2U);
    // Until the next try.
    EXPECT_GE(times.sum(), std::chrono::milliseconds{100});
}

TEST_P(CommitThreadTest, GivesUpAtTheEndAndSaysSo) {
    open();
    put(1);
    wait_for_commit(1);
    disk_->set_room(10);
    put(2);
    EXPECT_THAT(wait_for_alarms(1), ElementsAre(HasSubstr("the disk is full")));
    EXPECT_TRUE(failing_);
    EXPECT_EQ(last_commit_, 1U);
    put(3);
    close();
    EXPECT_THAT(alarms_, ElementsAre(HasSubstr("cannot write"), HasSubstr("gives up")));
    EXPECT_THAT(reopened(), ElementsAre("1"));
}

TEST_P(CommitThreadTest, GoesOnByItselfAfterADiskWasBroken) {
    open();
    put(1);
    wait_for_commit(1);
    disk_->fail(1'000'000);
    put(2);
    EXPECT_THAT(wait_for_alarms(1), ElementsAre(HasSubstr("the disk is broken")));
    EXPECT_TRUE(failing_);
    EXPECT_EQ(last_commit_, 1U);
    put(3);
    disk_->fail(5);
    wait_for_commit(3);
    const std::vector<std::string> alarms = alarms_so_far();
    EXPECT_THAT(alarms.back(), HasSubstr("again"));
    EXPECT_FALSE(failing_);
    EXPECT_THAT(reopened(), ElementsAre("1", "2", "3"));
}

// What was accepted and what is deleted is still written, and nothing new is to be added.
TEST_P(CommitThreadTest, GoesOnInTheRoomOfItsReserveAndKeepsFailing) {
    reserve_bytes_ = 8 << 20;
    open();
    put(1);
    wait_for_commit(1);
    disk_->set_room(10);
    put(2);
    EXPECT_THAT(wait_for_alarms(1), ElementsAre(AllOf(HasSubstr("the disk is full"),
                                                      HasSubstr("with the room of its reserve"))));
    wait_for_commit(2);
    store_->store().delete_queued(1, 1);
    EXPECT_EQ(store_->store().commit(), 3U);
    wait_for_commit(3);
    EXPECT_THAT(alarms_so_far(), SizeIs(1));
    EXPECT_LT(disk_->room(), reserve_bytes_);

    disk_->set_room(3 * reserve_bytes_);
    EXPECT_THAT(wait_for_alarms(2).back(), HasSubstr("again"));
    EXPECT_FALSE(failing_);
    EXPECT_LT(disk_->room(), 2 * reserve_bytes_ + 10);
    EXPECT_THAT(reopened(), ElementsAre("2"));
}

TEST_P(CommitThreadTest, WaitsWhereTheReserveIsUsedUp) {
    reserve_bytes_ = 200'000;
    open();
    put(1);
    wait_for_commit(1);
    disk_->set_room(10);
    core::CommitId commit = 1;
    // More than the reserve has room for.
    for (; commit < 10; ++commit) {
        store_->store().put_retained({test::message("t", std::string(100'000, 'x'))});
        EXPECT_EQ(store_->store().commit(), commit + 1);
    }
    wait_for_alarms(1);
    put(2);
    EXPECT_EQ(store_->store().commit(), 0U);
    disk_->set_room(3'000'000);
    wait_for_commit(commit + 1);
    wait_for_last_alarm("again");
    EXPECT_THAT(reopened(), ElementsAre("1", "2"));
}

// The process that gave it may have been killed since.
TEST_P(CommitThreadTest, BeginsAsFailingWhereTheReserveIsGivenAway) {
    reserve_bytes_ = 1 << 20;
    open();
    put(1);
    wait_for_commit(1);
    disk_->set_room(10);
    put(2);
    wait_for_commit(2);
    close();
    alarms_.clear();
    last_commit_ = 0;
    open();
    EXPECT_THAT(wait_for_alarms(1), ElementsAre(HasSubstr("still no room for the reserve")));
    EXPECT_TRUE(failing_);
    disk_->set_room(4 << 20);
    wait_for_last_alarm("again");
    EXPECT_THAT(reopened(), ElementsAre("1", "2"));
}

// Wherever it comes: in a write, in a sync, while the database is opened anew.
TEST_P(CommitThreadTest, OutlivesTwoErrorsInARowAnywhere) {
    open();
    std::vector<std::string> written;
    for (std::uint64_t after = 0; after < 40; ++after) {
        disk_->fail(2, after);
        for (int commit = 0; commit < 3; ++commit) {
            put(written.size() + 1);
            written.push_back(std::to_string(written.size() + 1));
            wait_for_commit(written.size());
        }
    }
    disk_->fail(0);
    EXPECT_EQ(reopened(), written);
}

TEST_P(CommitThreadTest, LosesNothingThatWasAcknowledgedToADiskThatStaysBroken) {
    open();
    put(1);
    wait_for_commit(1);
    disk_->fail(1'000'000);
    put(2);
    EXPECT_THAT(wait_for_alarms(1), ElementsAre(HasSubstr("the disk is broken")));
    close();
    EXPECT_THAT(alarms_.back(), HasSubstr("gives up"));
    EXPECT_EQ(last_commit_, 1U);
    // The write that failed may be there all the same.
    EXPECT_THAT(reopened(), testing::Contains("1"));
}

INSTANTIATE_TEST_SUITE_P(AllSyncModes, CommitThreadTest,
                         testing::Values(Sync::always, Sync::interval), test::sync_name);

}  // namespace
}  // namespace godwit::store
