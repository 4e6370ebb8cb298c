#include "rocks_store.hpp"

#include <cassert>
#include <utility>

namespace godwit::store {

core::CommitId RocksStore::commit() {
    if (open_.Count() == 0) return 0;
    commits_.hand_over({shard_, ++last_commit_, std::move(open_)});
    open_ = rocksdb::WriteBatch();
    return last_commit_;
}

// A batch takes every operation: it has no limit, and the families are there.
void RocksStore::put_value(Family family, std::string_view key, std::string_view value) {
    [[maybe_unused]] const rocksdb::Status status =
        open_.Put(rocks_.family(family), slice(key), slice(value));
    assert(status.ok());
}

void RocksStore::erase(Family family, std::string_view key) {
    [[maybe_unused]] const rocksdb::Status status = open_.Delete(rocks_.family(family), slice(key));
    assert(status.ok());
}

void RocksStore::erase_all(Family family, std::uint64_t number) {
    [[maybe_unused]] const rocksdb::Status status =
        open_.DeleteRange(rocks_.family(family), number_key(number), number_key(number + 1));
    assert(status.ok());
}

template <typename Record>
void RocksStore::put(Family family, std::string_view key, const Record& record) {
    value_.clear();
    encode(record, value_);
    put_value(family, key, value_);
}

void RocksStore::put_session(const core::SessionRecord& record) {
    put(Family::sessions, number_key(record.incarnation), record);
}

void RocksStore::wipe_session(core::Incarnation incarnation) {
    erase(Family::sessions, number_key(incarnation));
    erase(Family::wills, number_key(incarnation));
    erase_all(Family::subscriptions, incarnation);
    erase_all(Family::replays, incarnation);
    erase_all(Family::queues, incarnation);
    erase_all(Family::incoming, incarnation);
}

void RocksStore::put_subscription(core::Incarnation incarnation,
                                  const core::SubscriptionRecord& record) {
    put(Family::subscriptions, subscription_key(incarnation, record.filter), record);
}

void RocksStore::delete_subscription(core::Incarnation incarnation, std::string_view filter) {
    erase(Family::subscriptions, subscription_key(incarnation, filter));
}

void RocksStore::put_replay(core::Incarnation incarnation, const core::ReplayRecord& record) {
    put(Family::replays, numbered_key(incarnation, record.number), record);
}

void RocksStore::delete_replay(core::Incarnation incarnation, std::uint64_t number) {
    erase(Family::replays, numbered_key(incarnation, number));
}

void RocksStore::put_queued(core::Incarnation incarnation, const core::QueueRecord& record) {
    put(Family::queues, numbered_key(incarnation, record.sequence), record);
}

void RocksStore::delete_queued(core::Incarnation incarnation, core::Sequence sequence) {
    erase(Family::queues, numbered_key(incarnation, sequence));
}

void RocksStore::put_incoming(core::Incarnation incarnation, mqtt::PacketId packet_id) {
    put_value(Family::incoming, incoming_key(incarnation, packet_id), {});
}

void RocksStore::delete_incoming(core::Incarnation incarnation, mqtt::PacketId packet_id) {
    erase(Family::incoming, incoming_key(incarnation, packet_id));
}

void RocksStore::put_will(core::Incarnation incarnation, const core::WillRecord& record) {
    put(Family::wills, number_key(incarnation), record);
}

void RocksStore::delete_will(core::Incarnation incarnation) {
    erase(Family::wills, number_key(incarnation));
}

void RocksStore::put_retained(const core::RetainedRecord& record) {
    put(Family::retained, record.message->topic(), record);
}

void RocksStore::delete_retained(std::string_view topic) {
    erase(Family::retained, topic);
}

void RocksStore::put_arriving(core::LogRow row, const core::LoggedPublication& publication) {
    put(Family::arriving, number_key(row), publication);
}

void RocksStore::put_arrived(core::LogRow row, core::ShardIndex shard,
                             const std::vector<core::Receiver>& unplaced) {
    put(Family::arriving, mark_key(row, shard), unplaced);
}

void RocksStore::delete_arriving(core::LogRow row) {
    erase_all(Family::arriving, row);
}

}  // namespace godwit::store
