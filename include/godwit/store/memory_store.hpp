// A Store whose committed state is a value in memory: what a crash would leave is in MemoryDisk,
// what it would lose is in MemoryStore. For tests and the simulation; the broker without
// persistence uses VolatileStore.
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "godwit/core/store.hpp"
#include "godwit/core/stored_state.hpp"

namespace godwit::store {

// All that is committed, of all shards. Outlives the stores that write to it. One thread.
struct MemoryDisk final : core::StoredState {
    struct Arriving {
        core::LoggedPublication publication;
        // Shards that are through with it, but for these receivers.
        std::map<core::ShardIndex, std::vector<core::Receiver>> arrived;
    };

    std::map<core::Incarnation, core::SessionRecord> sessions;
    std::map<std::pair<core::Incarnation, std::string>, mqtt::Qos> subscriptions;
    std::map<std::pair<core::Incarnation, std::uint64_t>, core::ReplayRecord> replays;
    std::map<std::pair<core::Incarnation, core::Sequence>, core::QueueRecord> queues;
    std::set<std::pair<core::Incarnation, mqtt::PacketId>> incoming;
    std::map<core::Incarnation, core::WillRecord> wills;
    std::map<std::string, core::RetainedRecord, std::less<>> retained;
    std::map<core::LogRow, Arriving> arriving;

    std::uint64_t last_number = 0;  // of next_number()
    std::size_t queue_window = std::numeric_limits<std::size_t>::max();

    void for_each_session(const Wanted& wanted,
                          const std::function<void(core::StoredSession)>& visit) const override;
    void for_each_will(
        const std::function<void(core::Incarnation, core::WillRecord)>& visit) const override;
    void for_each_retained(const std::function<void(core::RetainedRecord)>& visit) const override;
    void for_each_publication(
        const std::function<void(core::StoredPublication)>& visit) const override;
};

// One shard's store over a disk. A commit is closed by commit() and takes effect in complete();
// what is not complete is lost with the store.
class MemoryStore final : public core::Store {
public:
    MemoryStore(MemoryDisk& disk, core::Duration linger) : disk_(disk), linger_(linger) {}

    // Commits that are closed and not complete.
    [[nodiscard]] std::size_t committing() const { return committing_.size(); }
    // The oldest of them takes effect; its id is for Shard::on_commit(). REQUIRES: there is one.
    [[nodiscard]] core::CommitId complete();

    // Reads that were asked for and are not done.
    [[nodiscard]] std::size_t reading() const { return reading_.size(); }
    // The oldest of them is done, for Shard::on_queue_read(). REQUIRES: there is one.
    [[nodiscard]] core::QueueRead complete_read();

    [[nodiscard]] bool keeps() const override { return true; }
    [[nodiscard]] core::Duration linger() const override { return linger_; }
    [[nodiscard]] std::size_t queue_window() const override { return disk_.queue_window; }
    [[nodiscard]] std::uint64_t next_number() override { return ++disk_.last_number; }

    void put_session(const core::SessionRecord& record) override;
    void wipe_session(core::Incarnation incarnation) override;
    void put_subscription(core::Incarnation incarnation,
                          const core::SubscriptionRecord& record) override;
    void delete_subscription(core::Incarnation incarnation, std::string_view filter) override;
    void put_replay(core::Incarnation incarnation, const core::ReplayRecord& record) override;
    void delete_replay(core::Incarnation incarnation, std::uint64_t number) override;
    void put_queued(core::Incarnation incarnation, const core::QueueRecord& record) override;
    void delete_queued(core::Incarnation incarnation, core::Sequence sequence) override;
    void put_incoming(core::Incarnation incarnation, mqtt::PacketId packet_id) override;
    void delete_incoming(core::Incarnation incarnation, mqtt::PacketId packet_id) override;
    void put_will(core::Incarnation incarnation, const core::WillRecord& record) override;
    void delete_will(core::Incarnation incarnation) override;
    void put_retained(const core::RetainedRecord& record) override;
    void delete_retained(std::string_view topic) override;
    void put_arriving(core::LogRow row, const core::LoggedPublication& publication) override;
    void put_arrived(core::LogRow row, core::ShardIndex shard,
                     const std::vector<core::Receiver>& unplaced) override;
    void delete_arriving(core::LogRow row) override;
    void read_queue(const core::SessionHandle& session, core::Incarnation incarnation,
                    core::Sequence from, std::size_t bytes) override;

    [[nodiscard]] core::CommitId commit() override;

private:
    using Write = std::function<void(MemoryDisk&)>;
    struct Batch {
        core::CommitId commit;
        std::vector<Write> writes;
    };

    struct Reading {
        core::SessionHandle session;
        core::Incarnation incarnation;
        core::Sequence from;
        std::size_t bytes;
    };

    MemoryDisk& disk_;
    const core::Duration linger_;
    std::vector<Write> open_;
    std::deque<Batch> committing_;
    core::CommitId last_commit_ = 0;
    std::deque<Reading> reading_;
};

}  // namespace godwit::store
