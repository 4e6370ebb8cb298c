// The store as a Database has it, over a file system of the test's.
#pragma once

#include <rocksdb/env.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>
#include <vector>

#include "commit_thread.hpp"
#include "meta.hpp"
#include "numbers.hpp"
#include "reserve.hpp"
#include "rocks.hpp"
#include "rocks_store.hpp"

namespace godwit::test {

class StoreOver {
public:
    // Throws StoreError.
    StoreOver(const std::filesystem::path& directory,
              const std::shared_ptr<rocksdb::FileSystem>& file_system,
              const store::Settings& settings, std::size_t shards = 1,
              std::uint64_t reserve_bytes = 0)
        : env_(rocksdb::NewCompositeEnv(file_system)),
          rocks_(directory, env_.get()),
          reserve_(directory, reserve_bytes, env_.get()),
          numbers_(store::open_meta(rocks_).first_number),
          commits_(rocks_, reserve_, numbers_, settings, shards),
          reader_(rocks_) {
        reserve_.fill();
        for (std::size_t shard = 0; shard < shards; ++shard) {
            stores_.push_back(std::make_unique<store::RocksStore>(
                numbers_, commits_, reader_, static_cast<core::ShardIndex>(shard)));
        }
    }

    void start(store::Database::Committed committed, store::Database::State state) {
        commits_.start(std::move(committed), std::move(state));
    }
    void start_reading(store::Database::Read told, store::Database::Warning warning) {
        reader_.start(std::move(told), std::move(warning));
    }
    core::Store& store(core::ShardIndex shard = 0) { return *stores_[shard]; }
    [[nodiscard]] const core::Histogram& commit_times() const { return commits_.commit_times(); }
    // Of the commit thread alone, once that runs.
    store::Rocks& rocks() { return rocks_; }

private:
    const std::unique_ptr<rocksdb::Env> env_;
    store::Rocks rocks_;
    store::Reserve reserve_;
    store::Numbers numbers_;
    store::CommitThread commits_;  // ends before what it writes to
    store::QueueReader reader_;
    std::vector<std::unique_ptr<store::RocksStore>> stores_;
};

}  // namespace godwit::test
