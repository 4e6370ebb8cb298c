#include "rocks_store.hpp"

#include <utility>

namespace godwit::store {

core::CommitId RocksStore::commit() {
    if (open_.empty()) return 0;
    commits_.hand_over({shard_, ++last_commit_, std::exchange(open_, {})});
    return last_commit_;
}

void RocksStore::erase_all(Family family, std::uint64_t number) {
    open_.erase_range(family, number_key(number), number_key(number + 1));
}

template <typename Record>
void RocksStore::put(Family family, std::string_view key, const Record& record) {
    value_.clear();
    encode(record, value_);
    open_.put(family, key, value_);
}

void RocksStore::put_session(const core::SessionRecord& record) {
    put(Family::sessions, number_key(record.incarnation), record);
}

void RocksStore::wipe_session(core::Incarnation incarnation) {
    open_.erase(Family::sessions, number_key(incarnation));
    open_.erase(Family::wills, number_key(incarnation));
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
    open_.erase(Family::subscriptions, subscription_key(incarnation, filter));
}

void RocksStore::put_replay(core::Incarnation incarnation, const core::ReplayRecord& record) {
    put(Family::replays, numbered_key(incarnation, record.number), record);
}

void RocksStore::delete_replay(core::Incarnation incarnation, std::uint64_t number) {
    open_.erase(Family::replays, numbered_key(incarnation, number));
}

void RocksStore::put_queued(core::Incarnation incarnation, const core::QueueRecord& record) {
    put(Family::queues, numbered_key(incarnation, record.sequence), record);
}

void RocksStore::delete_queued(core::Incarnation incarnation, core::Sequence sequence) {
    open_.erase(Family::queues, numbered_key(incarnation, sequence));
}

void RocksStore::put_incoming(core::Incarnation incarnation, mqtt::PacketId packet_id) {
    open_.put(Family::incoming, incoming_key(incarnation, packet_id), {});
}

void RocksStore::delete_incoming(core::Incarnation incarnation, mqtt::PacketId packet_id) {
    open_.erase(Family::incoming, incoming_key(incarnation, packet_id));
}

void RocksStore::put_will(core::Incarnation incarnation, const core::WillRecord& record) {
    put(Family::wills, number_key(incarnation), record);
}

void RocksStore::delete_will(core::Incarnation incarnation) {
    open_.erase(Family::wills, number_key(incarnation));
}

void RocksStore::put_retained(const core::RetainedRecord& record) {
    put(Family::retained, record.message->topic(), record);
}

void RocksStore::delete_retained(std::string_view topic) {
    open_.erase(Family::retained, topic);
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
