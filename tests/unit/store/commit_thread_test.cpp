#include "commit_thread.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/file_system.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "godwit/store/database.hpp"
#include "meta.hpp"
#include "rocks_store.hpp"
#include "scratch_directory.hpp"
#include "stored_records.hpp"
#include "sync_name.hpp"

namespace godwit::store {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using test::payload_of;
using test::read_everything;
using testing::ElementsAre;
using testing::HasSubstr;

enum class Disk { good, full, broken };

// Writes half of what it is given and then says that the disk is full or broken.
class FailingFile final : public rocksdb::FSWritableFileOwnerWrapper {
public:
    FailingFile(std::unique_ptr<rocksdb::FSWritableFile>&& file, const std::atomic<Disk>& disk)
        : FSWritableFileOwnerWrapper(std::move(file)), disk_(disk) {}

    using FSWritableFileOwnerWrapper::Append;
    IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                    IODebugContext* context) override {
        if (disk_ == Disk::good) return FSWritableFileOwnerWrapper::Append(data, options, context);
        const rocksdb::Slice half(data.data(), data.size() / 2);
        FSWritableFileOwnerWrapper::Append(half, options, context).PermitUncheckedError();
        return disk_ == Disk::full ? IOStatus::NoSpace("the disk is full")
                                   : IOStatus::IOError("the disk is broken");
    }
    IOStatus Sync(const IOOptions& options, IODebugContext* context) override {
        if (disk_ == Disk::good) return FSWritableFileOwnerWrapper::Sync(options, context);
        return IOStatus::IOError("the disk is broken");
    }

private:
    const std::atomic<Disk>& disk_;
};

class FailingFileSystem final : public rocksdb::FileSystemWrapper {
public:
    explicit FailingFileSystem(const std::atomic<Disk>& disk)
        : FileSystemWrapper(rocksdb::FileSystem::Default()), disk_(disk) {}

    [[nodiscard]] const char* Name() const override { return "FailingFileSystem"; }
    IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* file,
                             IODebugContext* context) override {
        std::unique_ptr<rocksdb::FSWritableFile> real;
        IOStatus status = FileSystemWrapper::NewWritableFile(name, options, &real, context);
        if (status.ok()) *file = std::make_unique<FailingFile>(std::move(real), disk_);
        return status;
    }

private:
    const std::atomic<Disk>& disk_;
};

class CommitThreadTest : public testing::TestWithParam<Sync> {
protected:
    void open() {
        rocks_ = std::make_unique<Rocks>(scratch_.path() / "data", env_.get());
        numbers_ = std::make_unique<Numbers>(open_meta(*rocks_).first_number);
        commits_ =
            std::make_unique<CommitThread>(*rocks_, *numbers_, Settings{.sync = GetParam()}, 1);
        reader_ = std::make_unique<QueueReader>(*rocks_);
        store_ = std::make_unique<RocksStore>(*rocks_, *numbers_, *commits_, *reader_, 0);
        commits_->start([this](core::ShardIndex, core::CommitId commit) { happened(commit); },
                        [this](bool, const std::string& alarm) { happened(alarm); });
    }
    void close() {
        store_.reset();
        reader_.reset();
        commits_.reset();
        numbers_.reset();
        rocks_.reset();
    }
    void put(core::Sequence sequence) {
        store_->put_session(test::session_record(1, "c"));
        store_->put_queued(1, test::queue_record(sequence, std::to_string(sequence)));
        EXPECT_NE(store_->commit(), 0U);
    }
    std::vector<std::string> reopened() {
        close();
        env_.reset();
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
    void happened(const std::string& alarm) {
        const std::lock_guard lock(mutex_);
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
        EXPECT_EQ(last_commit_, 1U);
        return alarms_;
    }

    test::ScratchDirectory scratch_;
    std::atomic<Disk> disk_{Disk::good};
    std::unique_ptr<rocksdb::Env> env_ =
        rocksdb::NewCompositeEnv(std::make_shared<FailingFileSystem>(disk_));
    std::mutex mutex_;
    std::condition_variable event_;
    core::CommitId last_commit_ = 0;
    std::vector<std::string> alarms_;
    std::unique_ptr<Rocks> rocks_;
    std::unique_ptr<Numbers> numbers_;
    std::unique_ptr<CommitThread> commits_;
    std::unique_ptr<QueueReader> reader_;
    std::unique_ptr<RocksStore> store_;
};

TEST_P(CommitThreadTest, GoesOnOnceAFullDiskHasRoom) {
    open();
    put(1);
    wait_for_commit(1);
    disk_ = Disk::full;
    put(2);
    EXPECT_THAT(wait_for_alarms(1), ElementsAre(HasSubstr("the disk is full")));
    put(3);
    disk_ = Disk::good;
    wait_for_commit(3);
    EXPECT_THAT(alarms_, ElementsAre(HasSubstr("cannot write"), HasSubstr("again")));
    EXPECT_THAT(reopened(), ElementsAre("1", "2", "3"));
}

TEST_P(CommitThreadTest, GivesUpAtTheEndAndSaysSo) {
    open();
    put(1);
    wait_for_commit(1);
    disk_ = Disk::full;
    put(2);
    EXPECT_THAT(wait_for_alarms(1), ElementsAre(HasSubstr("the disk is full")));
    put(3);
    close();
    EXPECT_THAT(alarms_, ElementsAre(HasSubstr("cannot write"), HasSubstr("gives up")));
    EXPECT_THAT(reopened(), ElementsAre("1"));
}

// RocksDB does not trust a disk that it has seen fail for another reason than being full: a restart
// helps. Until then nothing is acknowledged, and nothing that was is lost.
TEST_P(CommitThreadTest, AcknowledgesNothingAfterADiskWasBroken) {
    open();
    put(1);
    wait_for_commit(1);
    disk_ = Disk::broken;
    put(2);
    EXPECT_THAT(wait_for_alarms(1), ElementsAre(HasSubstr("the disk is broken")));
    disk_ = Disk::good;
    close();
    EXPECT_EQ(last_commit_, 1U);
    EXPECT_THAT(reopened(), ElementsAre("1"));
}

INSTANTIATE_TEST_SUITE_P(AllSyncModes, CommitThreadTest,
                         testing::Values(Sync::always, Sync::interval), test::sync_name);

}  // namespace
}  // namespace godwit::store
