// What a power cut at any moment leaves: everything that `persistence.sync` promises, no batch in
// part, and a directory that the next start does not take for damaged.
#include "power_cut.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/options.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "godwit/store/database.hpp"
#include "rocks_state.hpp"
#include "scratch_directory.hpp"
#include "store_over.hpp"
#include "stored_records.hpp"
#include "sync_name.hpp"
#include "wal_check.hpp"

namespace godwit::store {
namespace {

using test::payload_of;
using test::PowerCut;

constexpr core::ShardIndex kShards = 3;
constexpr core::CommitId kCommitsAhead = 10;
constexpr std::uint64_t kKept = 20;  // entries of a queue
constexpr int kCutsInARow = 3;

using Counts = std::array<std::uint64_t, kShards>;

std::string retained_topic(core::ShardIndex shard) {
    return "last/" + std::to_string(shard);
}

// Entry `number` joins the shard's queue, an old one leaves it, and a retained message tells the
// number: three families that are to agree.
void put_step(core::Store& store, core::ShardIndex shard, std::uint64_t number,
              std::size_t payload_size) {
    const core::Incarnation incarnation = shard + 1U;
    if (number == 1) store.put_session(test::session_record(incarnation, "c"));
    const std::string text = std::to_string(number);
    core::QueueRecord record = test::queue_record(number, text);
    record.message = test::message(std::string(payload_size, 't'), text);
    store.put_queued(incarnation, record);
    if (number > kKept) store.delete_queued(incarnation, number - kKept);
    store.put_retained({test::message(retained_topic(shard), text)});
}

// Shards that write until the power fails.
class BusyStore {
public:
    BusyStore(const std::filesystem::path& directory, std::shared_ptr<PowerCut> disk, Sync sync,
              const Counts& begin, std::uint64_t seed)
        : disk_(std::move(disk)), written_(begin), reported_(begin), promised_(begin), seed_(seed) {
        disk_->on_sync = [this, sync](const std::filesystem::path& file) {
            return sync == Sync::interval ? synced(file) : PowerCut::Synced();
        };
        try {
            store_ = std::make_unique<test::StoreOver>(
                directory, disk_, Settings{.sync = sync, .sync_interval = kSyncInterval}, kShards);
        } catch (const StoreError&) {
            EXPECT_TRUE(disk_->is_off());
            return;
        }
        housekeeping_.seed(seed);
        store_->start(
            [this](core::ShardIndex shard, core::CommitId commit) { committed(shard, commit); },
            [this](bool, const std::string&) {
                const std::lock_guard lock(mutex_);
                ended_ = true;
                event_.notify_all();
            });
        std::vector<std::jthread> threads;
        for (core::ShardIndex shard = 0; shard < kShards; ++shard)
            threads.emplace_back([this, shard] { write(shard); });
        threads.clear();
        store_.reset();
        if (sync == Sync::always) promised_ = reported_;
    }

    // The numbers that the cut must not have taken, and those that were written at all.
    [[nodiscard]] const Counts& promised() const { return promised_; }
    [[nodiscard]] const Counts& written() const { return written_; }

private:
    static constexpr std::chrono::milliseconds kSyncInterval{2};

    void write(core::ShardIndex shard) {
        std::mt19937_64 chance(seed_ + shard);
        core::Store& store = store_->store(shard);
        const std::uint64_t begin = written_[shard];
        for (std::uint64_t number = begin + 1;; ++number) {
            put_step(store, shard, number, 1 + chance() % (chance() % 8 == 0 ? 20'000 : 500));
            {
                const std::lock_guard lock(mutex_);
                written_[shard] = number;
            }
            ASSERT_EQ(store.commit(), number - begin);
            std::unique_lock lock(mutex_);
            event_.wait(lock, [&] { return ended_ || number - reported_[shard] < kCommitsAhead; });
            if (ended_) return;
        }
    }

    // On the commit thread: nobody else may use RocksDB while that may reopen it.
    void committed(core::ShardIndex shard, core::CommitId commit) {
        {
            const std::lock_guard lock(mutex_);
            reported_[shard] = first_[shard] + commit;
            event_.notify_all();
        }
        if (!store_->rocks().background_error().ok()) return;
        rocksdb::FlushOptions flush;
        flush.wait = housekeeping_() % 2 == 0;
        const auto family = static_cast<Family>(housekeeping_() % kFamilies);
        rocksdb::DB& db = store_->rocks().db();
        rocksdb::ColumnFamilyHandle* const handle = store_->rocks().family(family);
        if (housekeeping_() % 20 == 0) db.Flush(flush, handle).PermitUncheckedError();
        if (housekeeping_() % 200 == 0)
            db.CompactRange({}, handle, nullptr, nullptr).PermitUncheckedError();
    }

    // `interval`: a sync of the newest log, which comes after those of the older ones, promises
    // what was reported before it began.
    PowerCut::Synced synced(const std::filesystem::path& file) {
        const std::vector<std::filesystem::path> logs = wal_files(file.parent_path());
        if (logs.empty() || file != logs.back()) return {};
        const std::lock_guard lock(mutex_);
        return [this, reported = reported_] {
            const std::lock_guard lock_again(mutex_);
            promised_ = reported;
        };
    }

    const std::shared_ptr<PowerCut> disk_;
    std::mutex mutex_;
    std::condition_variable event_;
    bool ended_ = false;
    Counts written_;
    Counts reported_;
    Counts promised_;
    const Counts first_ = reported_;  // before this run
    const std::uint64_t seed_;
    std::mt19937_64 housekeeping_;
    std::unique_ptr<test::StoreOver> store_;
};

class PowerCutTest : public testing::TestWithParam<Sync> {
protected:
    // What a start finds: the last number of each shard. Checks that nothing before it is missing
    // and that no batch is there in part.
    static Counts found(const std::filesystem::path& directory,
                        const std::filesystem::path& attic) {
        // Without the time that real syncs take.
        test::StoreOver store(directory, std::make_shared<PowerCut>(attic, 0), {}, kShards);
        const test::Everything all = test::read_everything(RocksState(store.rocks()));
        Counts last{};
        for (const core::StoredSession& session : all.sessions) {
            const auto shard = session.record.incarnation - 1;
            last.at(shard) = session.queue.back().sequence;
            const std::uint64_t first = last[shard] > kKept ? last[shard] - kKept + 1 : 1;
            EXPECT_EQ(session.queue.size(), last[shard] - first + 1);
            for (std::size_t i = 0; i < session.queue.size(); ++i)
                EXPECT_EQ(session.queue[i].sequence, first + i);
        }
        for (core::ShardIndex shard = 0; shard < kShards; ++shard) {
            const auto retained = std::find_if(
                all.retained.begin(), all.retained.end(), [&](const core::RetainedRecord& record) {
                    return record.message->topic() == retained_topic(shard);
                });
            const std::string text =
                retained == all.retained.end() ? "0" : payload_of(retained->message);
            EXPECT_EQ(text, std::to_string(last[shard]));
        }
        return last;
    }

    void cut_again_and_again(std::uint64_t seed) {
        const test::ScratchDirectory scratch;
        const std::filesystem::path directory = scratch.path() / "data";
        std::mt19937_64 chance(seed);
        Counts last{};
        for (int cut = 0; cut < kCutsInARow; ++cut) {
            const std::filesystem::path attic = scratch.path() / ("attic" + std::to_string(cut));
            std::filesystem::create_directory(attic);
            const auto disk = std::make_shared<PowerCut>(attic, chance());
            disk->fail_at(1 + chance() % (chance() % 3 == 0 ? 150 : 3'000));
            const BusyStore run(directory, disk, GetParam(), last, chance());
            disk->fall();
            last = found(directory, attic);
            for (core::ShardIndex shard = 0; shard < kShards; ++shard) {
                EXPECT_GE(last[shard], run.promised()[shard]) << "lost, shard " << shard;
                EXPECT_LE(last[shard], run.written()[shard]);
            }
        }
    }
};

TEST_P(PowerCutTest, LeavesWhatWasPromised) {
    const char* const rounds = std::getenv("GODWIT_POWER_CUTS");
    const char* const first = std::getenv("GODWIT_SEED");
    const std::uint64_t begin = first != nullptr ? std::stoull(first) : std::random_device()();
    for (std::uint64_t seed = begin; seed < begin + (rounds ? std::stoull(rounds) : 5); ++seed) {
        SCOPED_TRACE("GODWIT_SEED=" + std::to_string(seed));
        try {
            cut_again_and_again(seed);
        } catch (const std::exception& error) {
            ADD_FAILURE() << error.what();
        }
        if (HasFailure()) return;
    }
}

INSTANTIATE_TEST_SUITE_P(AllSyncModes, PowerCutTest,
                         testing::Values(Sync::always, Sync::interval, Sync::never),
                         test::sync_name);

}  // namespace
}  // namespace godwit::store
