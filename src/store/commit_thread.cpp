#include "commit_thread.hpp"

#include <cassert>
#include <optional>
#include <utility>

namespace godwit::store {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRetryInterval{100};
// Batches are merged up to this size: enough to spread the cost of a write, which is 2 us.
constexpr std::size_t kMergedBytesMax = 1 << 20;

// Adds the operations of the batches it visits to another one.
class Appender final : public rocksdb::WriteBatch::Handler {
public:
    Appender(const Rocks& rocks, rocksdb::WriteBatch& to) : to_(to) {
        for (std::size_t family = 0; family < kFamilies; ++family) {
            rocksdb::ColumnFamilyHandle* handle = rocks.family(static_cast<Family>(family));
            if (handle->GetID() >= handles_.size()) handles_.resize(handle->GetID() + 1);
            handles_[handle->GetID()] = handle;
        }
    }

    rocksdb::Status PutCF(std::uint32_t family, const rocksdb::Slice& key,
                          const rocksdb::Slice& value) override {
        return to_.Put(handles_[family], key, value);
    }
    rocksdb::Status DeleteCF(std::uint32_t family, const rocksdb::Slice& key) override {
        return to_.Delete(handles_[family], key);
    }
    rocksdb::Status DeleteRangeCF(std::uint32_t family, const rocksdb::Slice& begin,
                                  const rocksdb::Slice& end) override {
        return to_.DeleteRange(handles_[family], begin, end);
    }

private:
    rocksdb::WriteBatch& to_;
    std::vector<rocksdb::ColumnFamilyHandle*> handles_;  // by id
};

}  // namespace

CommitThread::CommitThread(const Rocks& rocks, Numbers& numbers, const Settings& settings,
                           std::size_t shards)
    : rocks_(rocks), numbers_(numbers), settings_(settings), last_commits_(shards) {}

CommitThread::~CommitThread() {
    {
        const core::MutexLock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) {
        thread_.join();
    } else {
        run();
    }
}

void CommitThread::start(Database::Committed committed, Database::State state) {
    assert(!thread_.joinable());
    committed_ = std::move(committed);
    state_ = std::move(state);
    thread_ = std::thread([this] { run(); });
}

void CommitThread::hand_over(ClosedBatch closed) {
    bool wake = false;
    {
        const core::MutexLock lock(mutex_);
        handed_over_.push_back(std::move(closed));
        wake = std::exchange(sleeping_, false);
    }
    if (wake) wake_.notify_one();
}

void CommitThread::run() {
    Group group;
    while (take(group)) {
        if (!group.empty() && !commit(group)) return;
        group.clear();
        sync_when_due();
    }
    sync_at_end();
}

// Waits for batches or for the time to sync; false once there is nothing more to do.
bool CommitThread::take(Group& group) {
    const core::MutexLock lock(mutex_);
    while (handed_over_.empty() && !stopping_) {
        sleeping_ = true;
        if (!unsynced_) {
            wake_.wait(mutex_);
        } else if (wake_.wait_until(mutex_, sync_at_) == std::cv_status::timeout) {
            break;
        }
    }
    sleeping_ = false;
    group.swap(handed_over_);
    return !group.empty() || !stopping_;
}

// False when it had to give up.
bool CommitThread::commit(Group& group) {
    std::vector<rocksdb::WriteBatch> writes = merge(group);
    for (std::size_t i = 0; i < writes.size(); ++i) {
        // Syncing the last one syncs all before it.
        const bool sync = settings_.sync == Sync::always && i + 1 == writes.size();
        // What is written is not written again: later batches may have undone it.
        if (!write(writes[i], sync)) return false;
    }
    if (settings_.sync == Sync::interval && !unsynced_) {
        unsynced_ = true;
        sync_at_ = steady_clock::now() + settings_.sync_interval;
    }
    complete(group);
    return true;
}

// Few writes of many batches, each batch in one of them. Takes the batches out of the group.
std::vector<rocksdb::WriteBatch> CommitThread::merge(Group& group) {
    std::vector<rocksdb::WriteBatch> writes;
    if (const std::optional<std::uint64_t> limit = numbers_.due()) {
        writes.emplace_back().Put(rocks_.family(Family::meta), slice(kNumbersKey),
                                  number_key(*limit));
        numbers_.stored(*limit);
    }
    for (ClosedBatch& closed : group) {
        const std::size_t size = closed.batch.GetDataSize();
        if (writes.empty() || writes.back().GetDataSize() + size > kMergedBytesMax) {
            writes.push_back(std::move(closed.batch));
        } else {
            Appender appender(rocks_, writes.back());
            [[maybe_unused]] const rocksdb::Status status = closed.batch.Iterate(&appender);
            assert(status.ok());
        }
    }
    return writes;
}

// Tries until it is written, or until the end.
bool CommitThread::write(rocksdb::WriteBatch& batch, bool sync) {
    rocksdb::WriteOptions options;
    options.sync = sync;
    for (bool last_try = false;; last_try = stopping_after_pause()) {
        rocksdb::Status status = resume();
        if (status.ok()) status = rocks_.db().Write(options, &batch);
        if (status.ok()) {
            succeeded();
            return true;
        }
        failed(status);
        if (last_try) {
            say("the store gives up: what was not acknowledged is lost");
            return false;
        }
    }
}

// After an error RocksDB refuses every write until it is told to try again. It then begins a new
// log, so that a record half written to the old one does no harm.
rocksdb::Status CommitThread::resume() {
    return failing_ ? rocks_.db().Resume() : rocksdb::Status::OK();
}

void CommitThread::complete(const Group& group) {
    for (const ClosedBatch& closed : group)
        last_commits_[closed.shard] = closed.commit;
    for (std::size_t shard = 0; shard < last_commits_.size(); ++shard) {
        const core::CommitId commit = std::exchange(last_commits_[shard], 0);
        if (commit != 0 && committed_) committed_(static_cast<core::ShardIndex>(shard), commit);
    }
}

void CommitThread::sync_when_due() {
    if (!unsynced_ || steady_clock::now() < sync_at_) return;
    rocksdb::Status status = resume();
    if (status.ok()) status = rocks_.db().SyncWAL();
    if (status.ok()) {
        succeeded();
        unsynced_ = false;
    } else {
        failed(status);
        sync_at_ = steady_clock::now() + kRetryInterval;
    }
}

void CommitThread::sync_at_end() {
    const rocksdb::Status status = rocks_.db().SyncWAL();
    if (!status.ok()) failed(status);
}

bool CommitThread::stopping_after_pause() {
    const core::MutexLock lock(mutex_);
    const SteadyTime end = steady_clock::now() + kRetryInterval;
    while (!stopping_ && wake_.wait_until(mutex_, end) != std::cv_status::timeout) {
    }
    return stopping_;
}

void CommitThread::failed(const rocksdb::Status& status) {
    if (std::exchange(failing_, true)) return;
    say("the store cannot write to " + rocks_.directory().string() + ": " + status.ToString() +
        "; trying again until it can");
}

void CommitThread::succeeded() {
    if (std::exchange(failing_, false))
        say("the store writes to " + rocks_.directory().string() + " again");
}

void CommitThread::say(const std::string& message) const {
    if (state_) state_(failing_, message);
}

}  // namespace godwit::store
