// A shard's store: collects its writes in one batch and hands that to the commit thread. Used on
// the shard's thread alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "batch.hpp"
#include "commit_thread.hpp"
#include "godwit/core/store.hpp"
#include "queue_reader.hpp"

namespace godwit::store {

class RocksStore final : public core::Store {
public:
    RocksStore(Numbers& numbers, CommitThread& commits, QueueReader& reader, core::ShardIndex shard)
        : numbers_(numbers), commits_(commits), reader_(reader), shard_(shard) {}

    [[nodiscard]] bool keeps() const override { return true; }
    [[nodiscard]] core::Duration linger() const override { return core::Duration{2}; }
    [[nodiscard]] std::size_t queue_window() const override { return kQueueWindow; }
    [[nodiscard]] std::uint64_t next_number() override { return numbers_.next(); }

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
                    core::Sequence from, std::size_t bytes) override {
        reader_.read({session, incarnation, from, bytes});
    }

    [[nodiscard]] core::CommitId commit() override;

private:
    template <typename Record>
    void put(Family family, std::string_view key, const Record& record);
    // Every key that begins with that number.
    void erase_all(Family family, std::uint64_t number);

    Numbers& numbers_;
    CommitThread& commits_;
    QueueReader& reader_;
    const core::ShardIndex shard_;
    Batch open_;
    core::CommitId last_commit_ = 0;
    std::string value_;  // to encode into
};

}  // namespace godwit::store
