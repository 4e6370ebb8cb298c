// A data directory: the durable state of a broker, in RocksDB. It is read once at the start
// (state()), then every shard writes through a store of its own, and one thread commits for all of
// them. A directory belongs to one process at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "godwit/core/histogram.hpp"
#include "godwit/core/store.hpp"
#include "godwit/core/stored_state.hpp"
#include "godwit/store/settings.hpp"

namespace godwit::store {

// The directory cannot be used: one line that says what is wrong, where, and what helps.
class StoreError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

class Database {
public:
    // Opens the directory, or makes it (mode 0700). Throws StoreError: in use by another process,
    // unreadable, corrupt, written by a newer version.
    Database(const std::filesystem::path& directory, const Settings& settings, std::size_t shards);
    // Commits what shards have handed over, syncs, and ends.
    ~Database();
    Database(const Database&) = delete;
    Database& operator=(const Database&) = delete;

    // A number made with the directory, secret and the same ever after.
    [[nodiscard]] std::uint64_t secret() const;

    // The broker's own clock when the directory was opened: stored times are in it. It goes on with
    // the steady clock, and the next start goes on from there; see docs/durability.md.
    [[nodiscard]] const core::Now& clock() const;
    // Notes what it shows. Any thread; once a minute, so that little is lost with the process.
    void save_clock();

    // What is stored. Before start().
    [[nodiscard]] const core::StoredState& state() const;

    // Of one shard, for its thread. Lives as long as the database.
    [[nodiscard]] core::Store& store(core::ShardIndex shard);

    // What opening has mended, could not provide or finds doubtful, one line each, for the log.
    [[nodiscard]] const std::vector<std::string>& notes() const;

    // A shard's commits up to that id are done.
    using Committed = std::function<void(core::ShardIndex, core::CommitId)>;
    // Writing has begun to fail, or goes on again, with a line for the log; meanwhile commits wait,
    // or go on in a reserve that has no room for new work, and nothing is lost.
    using State = std::function<void(bool failing, const std::string& message)>;
    // What Store::read_queue() asked for.
    using Read = std::function<void(core::QueueRead)>;
    // A line for the log.
    using Warning = std::function<void(const std::string&)>;
    struct Listeners {
        Committed committed;
        State state;
        Read read;
        Warning warning;
    };
    // Commits and reads begin. The listeners are called on threads of the database and must only
    // pass on what they are told.
    void start(Listeners listeners);

    // How long commits take, from a shard's hand-over until what it acknowledges may leave: with
    // persistence.sync `always` the fsync is in it. Any thread.
    [[nodiscard]] const core::Histogram& commit_times() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace godwit::store
