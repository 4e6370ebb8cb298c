#include "commit_thread.hpp"

#include <pthread.h>

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

namespace godwit::store {

namespace {

using std::chrono::steady_clock;

constexpr std::chrono::milliseconds kRetryInterval{100};
constexpr std::chrono::seconds kLookForRoomInterval{1};
// Batches are merged up to this size: enough to spread the cost of a write, which is 2 us.
constexpr std::size_t kMergedBytesMax = 1 << 20;

}  // namespace

CommitThread::CommitThread(Rocks& rocks, Reserve& reserve, Numbers& numbers,
                           const Settings& settings, std::size_t shards)
    : rocks_(rocks),
      reserve_(reserve),
      numbers_(numbers),
      settings_(settings),
      last_commits_(shards) {}

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
    closed.handed_over = steady_clock::now();
    bool wake = false;
    {
        const core::MutexLock lock(mutex_);
        handed_over_.push_back(std::move(closed));
        wake = std::exchange(sleeping_, false);
    }
    if (wake) wake_.notify_one();
}

void CommitThread::run() {
    pthread_setname_np(pthread_self(), "commit");
    if (reserve_.is_given()) {
        failing_ = true;
        say("there is still no room for the reserve of the store in " +
            rocks_.directory().string());
    }
    Group group;
    while (take(group)) {
        if (!group.empty() && !commit(group)) return;
        group.clear();
        sync_when_due();
        look_for_room();
    }
    sync_at_end();
}

// Waits for batches or for what is due without them; false once there is nothing more to do.
bool CommitThread::take(Group& group) {
    const core::MutexLock lock(mutex_);
    while (handed_over_.empty() && !stopping_) {
        sleeping_ = true;
        const std::optional<SteadyTime> due = next_due();
        if (!due) {
            wake_.wait(mutex_);
        } else if (wake_.wait_until(mutex_, *due) == std::cv_status::timeout) {
            break;
        }
    }
    sleeping_ = false;
    group.swap(handed_over_);
    return !group.empty() || !stopping_;
}

std::optional<CommitThread::SteadyTime> CommitThread::next_due() const {
    if (unsynced_ && failing_) return std::min(sync_at_, look_at_);
    if (unsynced_) return sync_at_;
    if (failing_) return look_at_;
    return std::nullopt;
}

// False when it had to give up.
bool CommitThread::commit(const Group& group) {
    for (auto next = group.begin(); next != group.end();) {
        if (!insist([&] { return write(next, group.end()); })) return false;
    }
    if (settings_.sync == Sync::interval && !unsynced_) {
        unsynced_ = true;
        sync_at_ = steady_clock::now() + settings_.sync_interval;
    }
    complete(group);
    return true;
}

// One write of many batches, each of them whole; `next` is then the first that was not in it. What
// is written is not written again: later batches may have undone it.
rocksdb::Status CommitThread::write(Group::const_iterator& next, Group::const_iterator end) {
    rocksdb::WriteBatch batch;
    put_stamp(batch, {written_, synced_});
    const std::optional<std::uint64_t> limit = numbers_.due();
    rocksdb::Status status;
    if (limit)
        status = batch.Put(rocks_.family(Family::meta), slice(kNumbersKey), number_key(*limit));
    assert(status.ok());
    Group::const_iterator closed = next;
    while (closed != end &&
           (closed == next || batch.GetDataSize() + closed->batch.size() <= kMergedBytesMax)) {
        closed->batch.append_to(batch, rocks_);
        ++closed;
    }
    rocksdb::WriteOptions options;
    // Syncing the last one syncs all before it.
    options.sync = settings_.sync == Sync::always && closed == end;
    status = rocks_.db().Write(options, &batch);
    if (!status.ok()) return status;
    if (limit) numbers_.stored(*limit);
    written_ = rocks_.log_end();
    if (options.sync) synced_ = written_;
    next = closed;
    return status;
}

// Tries until it works, or until the end.
bool CommitThread::insist(const Attempt& attempt) {
    for (bool last_try = false;; last_try = stopping_after_pause()) {
        if (works(attempt)) return true;
        if (last_try) {
            say("the store gives up: what was not acknowledged is lost");
            return false;
        }
    }
}

bool CommitThread::works(const Attempt& attempt) {
    rocksdb::Status status = mend();
    if (status.ok()) status = rocks_.background_error();
    if (status.ok()) status = attempt();
    if (status.ok()) {
        succeeded();
    } else {
        failed(status);
    }
    return status.ok();
}

// After an error RocksDB refuses every write. Where the disk was only full it goes on when told to,
// with a new log, so that a record half written to the old one does no harm. After other errors it
// does not trust the disk any more, nor do we what it has in memory: opening it anew reads back
// what is really there, and writes it to tables.
rocksdb::Status CommitThread::mend() {
    if (!broken_) return rocksdb::Status::OK();
    if (rocks_.is_open()) {
        const rocksdb::Status status = rocks_.resume();
        if (status.ok() || status.IsNoSpace()) return status;
    }
    try {
        for (const std::string& note : rocks_.reopen())
            say(note);
    } catch (const StoreError& error) {
        return rocksdb::Status::IOError(error.what());
    }
    written_ = {};
    synced_ = {};
    return rocksdb::Status::OK();
}

void CommitThread::complete(const Group& group) {
    const SteadyTime now = steady_clock::now();
    for (const ClosedBatch& closed : group) {
        if (closed.commit == 0) continue;
        last_commits_[closed.shard] = closed.commit;
        commit_times_.add(now - closed.handed_over);
    }
    for (std::size_t shard = 0; shard < last_commits_.size(); ++shard) {
        const core::CommitId commit = std::exchange(last_commits_[shard], 0);
        if (commit != 0 && committed_) committed_(static_cast<core::ShardIndex>(shard), commit);
    }
}

rocksdb::Status CommitThread::sync() {
    const rocksdb::Status status = rocks_.db().SyncWAL();
    if (status.ok()) synced_ = written_;
    return status;
}

void CommitThread::sync_when_due() {
    if (!unsynced_ || steady_clock::now() < sync_at_) return;
    unsynced_ = !works([this] { return sync(); });
    if (unsynced_) sync_at_ = steady_clock::now() + kRetryInterval;
}

// With a last stamp, so that the next start knows all of it to be on disk.
void CommitThread::sync_at_end() {
    const Group nothing;
    Group::const_iterator next = nothing.end();
    if (works([this] { return sync(); })) (void)works([&] { return write(next, nothing.end()); });
}

bool CommitThread::stopping_after_pause() {
    const core::MutexLock lock(mutex_);
    const SteadyTime end = steady_clock::now() + kRetryInterval;
    while (!stopping_ && wake_.wait_until(mutex_, end) != std::cv_status::timeout) {
    }
    return stopping_;
}

void CommitThread::failed(const rocksdb::Status& status) {
    broken_ = true;
    const bool given = status.IsNoSpace() && reserve_.give();
    if (std::exchange(failing_, true) && !given) return;
    say("the store cannot write to " + rocks_.directory().string() + ": " + status.ToString() +
        "; trying again until it can" + (given ? ", with the room of its reserve" : ""));
}

// Where only the reserve made it work, it is still failing as others see it: what they would add
// could not be deleted any more once that room is gone as well.
void CommitThread::succeeded() {
    broken_ = false;
    if (!failing_ || reserve_.is_given()) return;
    failing_ = false;
    say("the store writes to " + rocks_.directory().string() + " again");
}

void CommitThread::look_for_room() {
    if (!failing_ || steady_clock::now() < look_at_) return;
    if (!broken_ && reserve_.fill()) succeeded();
    look_at_ = steady_clock::now() + kLookForRoomInterval;
}

void CommitThread::say(const std::string& message) const {
    if (state_) state_(failing_, message);
}

}  // namespace godwit::store
