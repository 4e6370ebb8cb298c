// A Database that is open and commits, and what it has told so far; a test waits for its events.
#pragma once

#include <condition_variable>
#include <deque>
#include <filesystem>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "godwit/store/database.hpp"

namespace godwit::test {

class RunningDatabase {
public:
    explicit RunningDatabase(const std::filesystem::path& directory,
                             const store::Settings& settings = {}, std::size_t shards = 1)
        : database_(directory, settings, shards) {
        database_.start({.committed =
                             [this](core::ShardIndex shard, core::CommitId commit) {
                                 const std::lock_guard lock(mutex_);
                                 committed_[shard].push_back(commit);
                                 event_.notify_all();
                             },
                         .state = [](bool, const std::string&) {},
                         .read =
                             [this](core::QueueRead read) {
                                 const std::lock_guard lock(mutex_);
                                 reads_.push_back(std::move(read));
                                 event_.notify_all();
                             },
                         .warning =
                             [this](const std::string& warning) {
                                 const std::lock_guard lock(mutex_);
                                 warnings_.push_back(warning);
                             }});
    }

    core::Store& store(core::ShardIndex shard = 0) { return database_.store(shard); }

    // Closes the batch and waits until it is done.
    void commit(core::ShardIndex shard = 0) { wait_for(shard, store(shard).commit()); }
    void wait_for(core::ShardIndex shard, core::CommitId commit) {
        std::unique_lock lock(mutex_);
        event_.wait(
            lock, [&] { return !committed_[shard].empty() && committed_[shard].back() >= commit; });
    }

    // What a session's store reads from there on.
    core::QueueRead read_queue(core::Incarnation incarnation, core::Sequence from,
                               std::size_t bytes) {
        store().read_queue({}, incarnation, from, bytes);
        std::unique_lock lock(mutex_);
        event_.wait(lock, [&] { return !reads_.empty(); });
        core::QueueRead read = std::move(reads_.front());
        reads_.pop_front();
        return read;
    }
    std::vector<std::string> warnings() {
        const std::lock_guard lock(mutex_);
        return warnings_;
    }

    // The ids that were told of that shard.
    std::vector<core::CommitId> committed(core::ShardIndex shard) {
        const std::lock_guard lock(mutex_);
        return committed_[shard];
    }

private:
    std::mutex mutex_;
    std::condition_variable event_;
    std::map<core::ShardIndex, std::vector<core::CommitId>> committed_;
    std::deque<core::QueueRead> reads_;
    std::vector<std::string> warnings_;
    store::Database database_;  // the first to go: its thread uses the others
};

}  // namespace godwit::test
