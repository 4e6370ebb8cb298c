// What other processes are to a data directory: one that died while it committed, and one that
// lives.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "godwit/store/database.hpp"
#include "numbers.hpp"
#include "own_child.hpp"
#include "scratch_directory.hpp"
#include "stored_records.hpp"
#include "sync_name.hpp"

namespace godwit::store {
namespace {

using test::OwnChild;
using test::payload_of;
using test::told_by_parent;

constexpr core::ShardIndex kChildShards = 2;
// Used up with each commit, so that a run needs more than one block of them.
constexpr int kNumbersPerCommit = 10'000;
constexpr core::CommitId kCommitsBeforeKill = 150;
constexpr core::CommitId kChildCommitsAhead = 50;

struct Report {
    core::ShardIndex shard = 0;
    core::CommitId commit = 0;
};

// The child: every commit of a shard stores one message, whose payload is the commit's id.
class Committer {
public:
    Committer(const std::string& directory, const Settings& settings)
        : database_(directory, settings, kChildShards) {
        database_.start({.committed = [this](core::ShardIndex shard,
                                             core::CommitId commit) { committed(shard, commit); },
                         .state = [](bool, const std::string&) {},
                         .read = [](const core::QueueRead&) {},
                         .warning = [](const std::string&) {}});
    }

    // Until it is killed.
    void run() {
        std::thread other([this] { commit_on(1); });
        commit_on(0);
        other.join();
    }

private:
    void commit_on(core::ShardIndex shard) {
        core::Store& store = database_.store(shard);
        store.put_session(test::session_record(shard + 1U, "c"));
        for (core::CommitId commit = 1;; ++commit) {
            std::uint64_t number = 0;
            for (int i = 0; i < kNumbersPerCommit; ++i)
                number = store.next_number();
            store.put_queued(shard + 1U, test::queue_record(number, std::to_string(commit)));
            ASSERT_EQ(store.commit(), commit);
            std::unique_lock lock(mutex_);
            event_.wait(lock, [&] { return commit - last_[shard] < kChildCommitsAhead; });
        }
    }

    void committed(core::ShardIndex shard, core::CommitId commit) {
        const Report report{shard, commit};
        if (::write(test::kReport, &report, sizeof report) != sizeof report) std::abort();
        const std::lock_guard lock(mutex_);
        last_[shard] = commit;
        event_.notify_all();
    }

    std::mutex mutex_;
    std::condition_variable event_;
    std::map<core::ShardIndex, core::CommitId> last_;
    Database database_;
};

class KillTest : public testing::TestWithParam<Sync> {
protected:
    // The child, which cannot remove anything, makes none.
    void SetUp() override {
        if (told_by_parent() == nullptr) scratch_.emplace();
    }

    [[nodiscard]] std::filesystem::path directory() const { return scratch_->path() / "data"; }

    // Kills a child amid its commits; returns the last that each shard was told of.
    std::map<core::ShardIndex, core::CommitId> run_and_kill() {
        OwnChild child(directory());
        std::map<core::ShardIndex, core::CommitId> last;
        Report report;
        while (last[0] < kCommitsBeforeKill || last[1] < kCommitsBeforeKill) {
            if (!child.read(report)) {
                ADD_FAILURE() << "the child has died";
                break;
            }
            last[report.shard] = report.commit;
        }
        child.kill();
        while (child.read(report))
            last[report.shard] = report.commit;
        return last;
    }

    Settings settings_{.sync = GetParam(), .sync_interval = std::chrono::milliseconds(1)};
    std::optional<test::ScratchDirectory> scratch_;
};

TEST_P(KillTest, WhatWasToldAsCommittedIsThere) {
    if (const char* directory = told_by_parent()) Committer(directory, settings_).run();

    for (int round = 0; round < 2; ++round) {
        std::filesystem::remove_all(directory());
        const std::map<core::ShardIndex, core::CommitId> last = run_and_kill();
        Database database(directory(), settings_, kChildShards);
        const std::uint64_t new_number = database.store(0).next_number();
        const test::Everything all = test::read_everything(database.state());
        ASSERT_EQ(all.sessions.size(), kChildShards);
        for (core::ShardIndex shard = 0; shard < kChildShards; ++shard) {
            const std::vector<core::QueueRecord>& queue = all.sessions[shard].queue;
            EXPECT_GE(queue.size(), last.at(shard));
            for (std::size_t i = 0; i < queue.size(); ++i) {
                ASSERT_EQ(payload_of(queue[i].message), std::to_string(i + 1));
                EXPECT_LT(queue[i].sequence, new_number);
            }
        }
        EXPECT_GT(new_number, 2 * Numbers::kReserved);
    }
}

INSTANTIATE_TEST_SUITE_P(AllSyncModes, KillTest,
                         testing::Values(Sync::always, Sync::interval, Sync::never),
                         test::sync_name);

TEST(DatabaseLockTest, RefusesADirectoryThatAnotherProcessUses) {
    if (const char* directory = told_by_parent()) {
        try {
            const Database database(directory, {}, 1);
        } catch (const StoreError& error) {
            const std::string expected =
                std::string("data directory ") + directory + " is in use by another process";
            std::exit(error.what() == expected ? 17 : 1);
        }
        std::exit(2);
    }
    test::ScratchDirectory scratch;
    const Database database(scratch.path(), {}, 1);
    EXPECT_EQ(OwnChild(scratch.path()).wait(), 17);
}

}  // namespace
}  // namespace godwit::store
