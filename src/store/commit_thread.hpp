// The one thread that writes to the disk. Shards hand over closed batches; while one group of them
// commits the next collects. A batch is atomic, and those of a shard keep their order. A group that
// cannot be written is tried again until it can, and what comes later waits behind it: nothing is
// acknowledged that is not stored, and nothing stored out of order.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "batch.hpp"
#include "godwit/core/histogram.hpp"
#include "godwit/core/mutex.hpp"
#include "godwit/store/database.hpp"
#include "log_stamp.hpp"
#include "numbers.hpp"
#include "reserve.hpp"
#include "rocks.hpp"

namespace godwit::store {

struct ClosedBatch {
    core::ShardIndex shard = 0;
    core::CommitId commit = 0;  // 0: nobody asks when it is done
    Batch batch;
    std::chrono::steady_clock::time_point handed_over{};  // set by hand_over()
};

class CommitThread {
public:
    CommitThread(Rocks& rocks, Reserve& reserve, Numbers& numbers, const Settings& settings,
                 std::size_t shards);
    // Commits what was handed over and syncs; where that fails, tries once more and gives up.
    ~CommitThread();
    CommitThread(const CommitThread&) = delete;
    CommitThread& operator=(const CommitThread&) = delete;

    // Commits begin. Both are called on the commit thread.
    void start(Database::Committed committed, Database::State state);

    // Any thread; never waits for the disk.
    void hand_over(ClosedBatch closed);

    // Of the batches that somebody asks for: from the hand-over until it is told that they are
    // done. Any thread.
    [[nodiscard]] const core::Histogram& commit_times() const { return commit_times_; }

private:
    using Group = std::vector<ClosedBatch>;
    using Attempt = std::function<rocksdb::Status()>;
    using SteadyTime = std::chrono::steady_clock::time_point;

    void run();
    [[nodiscard]] bool take(Group& group);
    [[nodiscard]] std::optional<SteadyTime> next_due() const;
    [[nodiscard]] bool commit(const Group& group);
    [[nodiscard]] rocksdb::Status write(Group::const_iterator& next, Group::const_iterator end);
    [[nodiscard]] bool insist(const Attempt& attempt);
    [[nodiscard]] bool works(const Attempt& attempt);
    [[nodiscard]] rocksdb::Status mend();
    void complete(const Group& group);
    [[nodiscard]] rocksdb::Status sync();
    void sync_when_due();
    void sync_at_end();
    [[nodiscard]] bool stopping_after_pause();
    void failed(const rocksdb::Status& status);
    void succeeded();
    void look_for_room();
    void say(const std::string& message) const;

    Rocks& rocks_;
    Reserve& reserve_;
    Numbers& numbers_;
    const Settings settings_;
    Database::Committed committed_;
    Database::State state_;

    core::Histogram commit_times_;

    // Of the commit thread.
    std::vector<core::CommitId> last_commits_;  // by shard; 0 between groups
    LogPosition written_;                       // the log ended there after the last write
    LogPosition synced_;
    bool broken_ = false;    // the last attempt failed
    bool failing_ = false;   // what was told: broken, or at work in the room of the reserve...
    SteadyTime look_at_;     // ...and then looking whether there is room again
    bool unsynced_ = false;  // `interval`: something is written that is to be synced...
    SteadyTime sync_at_;     // ...then

    core::Mutex mutex_;
    std::condition_variable_any wake_;
    Group handed_over_ GODWIT_GUARDED_BY(mutex_);
    bool sleeping_ GODWIT_GUARDED_BY(mutex_) = false;
    bool stopping_ GODWIT_GUARDED_BY(mutex_) = false;

    std::thread thread_;
};

}  // namespace godwit::store
