// A Database that is open and commits, and what it has told so far; a test waits for its events.
#pragma once

#include <condition_variable>
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
        database_.start(
            [this](core::ShardIndex shard, core::CommitId commit) {
                const std::lock_guard lock(mutex_);
                committed_[shard].push_back(commit);
                event_.notify_all();
            },
            [](bool, const std::string&) {});
    }

    core::Store& store(core::ShardIndex shard = 0) { return database_.store(shard); }

    // Closes the batch and waits until it is done.
    void commit(core::ShardIndex shard = 0) { wait_for(shard, store(shard).commit()); }
    void wait_for(core::ShardIndex shard, core::CommitId commit) {
        std::unique_lock lock(mutex_);
        event_.wait(
            lock, [&] { return !committed_[shard].empty() && committed_[shard].back() >= commit; });
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
    store::Database database_;  // the first to go: its thread uses the others
};

}  // namespace godwit::test
