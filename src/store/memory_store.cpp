#include "godwit/store/memory_store.hpp"

#include <cassert>

namespace godwit::store {

namespace {

// Everything of a session in a map or set whose keys begin with the incarnation.
template <typename Table, typename Second>
void erase_of(Table& table, core::Incarnation incarnation, const Second& lowest) {
    const auto first = table.lower_bound({incarnation, lowest});
    table.erase(first, table.lower_bound({incarnation + 1, lowest}));
}

void write_retained(MemoryDisk& disk, const core::RetainedWrite& write) {
    core::RetainedWrite& value = disk.retained[write.topic];
    if (write.version >= value.version) value = write;
}

}  // namespace

core::CommitId MemoryStore::commit() {
    if (open_.empty()) return 0;
    committing_.push_back({++last_commit_, std::exchange(open_, {})});
    return last_commit_;
}

core::CommitId MemoryStore::complete() {
    assert(!committing_.empty());
    const Batch batch = std::move(committing_.front());
    committing_.pop_front();
    for (const Write& write : batch.writes)
        write(disk_);
    return batch.commit;
}

void MemoryStore::put_session(const core::SessionRecord& record) {
    open_.push_back([record](MemoryDisk& disk) { disk.sessions[record.incarnation] = record; });
}

void MemoryStore::wipe_session(core::Incarnation incarnation) {
    open_.push_back([incarnation](MemoryDisk& disk) {
        disk.sessions.erase(incarnation);
        erase_of(disk.subscriptions, incarnation, std::string());
        erase_of(disk.queues, incarnation, core::Sequence{0});
        erase_of(disk.incoming, incarnation, mqtt::PacketId{0});
        disk.wills.erase(incarnation);
    });
}

void MemoryStore::put_subscription(core::Incarnation incarnation,
                                   const core::SubscriptionRecord& record) {
    open_.push_back([incarnation, record](MemoryDisk& disk) {
        disk.subscriptions[{incarnation, record.filter}] = record.qos;
    });
}

void MemoryStore::delete_subscription(core::Incarnation incarnation, std::string_view filter) {
    open_.push_back([incarnation, text = std::string(filter)](MemoryDisk& disk) {
        disk.subscriptions.erase({incarnation, text});
    });
}

void MemoryStore::put_queued(core::Incarnation incarnation, const core::QueueRecord& record) {
    open_.push_back([incarnation, record](MemoryDisk& disk) {
        disk.queues[{incarnation, record.sequence}] = record;
    });
}

void MemoryStore::delete_queued(core::Incarnation incarnation, core::Sequence sequence) {
    open_.push_back([incarnation, sequence](MemoryDisk& disk) {
        disk.queues.erase({incarnation, sequence});
    });
}

void MemoryStore::put_incoming(core::Incarnation incarnation, mqtt::PacketId packet_id) {
    open_.push_back([incarnation, packet_id](MemoryDisk& disk) {
        disk.incoming.insert({incarnation, packet_id});
    });
}

void MemoryStore::delete_incoming(core::Incarnation incarnation, mqtt::PacketId packet_id) {
    open_.push_back([incarnation, packet_id](MemoryDisk& disk) {
        disk.incoming.erase({incarnation, packet_id});
    });
}

void MemoryStore::put_will(core::Incarnation incarnation, const core::WillRecord& record) {
    open_.push_back([incarnation, record](MemoryDisk& disk) { disk.wills[incarnation] = record; });
}

void MemoryStore::delete_will(core::Incarnation incarnation) {
    open_.push_back([incarnation](MemoryDisk& disk) { disk.wills.erase(incarnation); });
}

void MemoryStore::put_retained(const core::RetainedWrite& write) {
    open_.push_back([write](MemoryDisk& disk) { write_retained(disk, write); });
}

void MemoryStore::delete_retained(std::string_view topic, std::uint64_t version) {
    core::RetainedWrite removal;
    removal.topic = topic;
    removal.version = version;
    open_.push_back([removal](MemoryDisk& disk) { write_retained(disk, removal); });
}

void MemoryStore::put_arriving(core::LogRow row, const core::LoggedPublication& publication) {
    open_.push_back(
        [row, publication](MemoryDisk& disk) { disk.arriving[row].publication = publication; });
}

void MemoryStore::put_arrived(core::LogRow row, core::ShardIndex shard,
                              const std::vector<core::Receiver>& unplaced) {
    open_.push_back(
        [row, shard, unplaced](MemoryDisk& disk) { disk.arriving[row].arrived[shard] = unplaced; });
}

void MemoryStore::delete_arriving(core::LogRow row) {
    open_.push_back([row](MemoryDisk& disk) { disk.arriving.erase(row); });
}

}  // namespace godwit::store
