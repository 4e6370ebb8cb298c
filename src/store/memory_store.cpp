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

// Calls visit(second part of the key, value) for what erase_of() would erase.
template <typename Table, typename Second, typename Visit>
void for_each_of(const Table& table, core::Incarnation incarnation, const Second& lowest,
                 Visit visit) {
    const auto last = table.lower_bound({incarnation + 1, lowest});
    for (auto at = table.lower_bound({incarnation, lowest}); at != last; ++at)
        visit(*at);
}

// Those behind the window, as far as StoredSession allows.
void leave_messages(std::vector<core::QueueRecord>& queue, std::size_t window) {
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < queue.size(); ++i) {
        core::QueueRecord& record = queue[i];
        bytes += record.message->size();
        if (bytes <= window || i < core::count_sent(queue) || record.group != 0) continue;
        record.left_size = static_cast<std::uint32_t>(record.message->size());
        record.message.reset();
    }
}

}  // namespace

void MemoryDisk::for_each_session(const Wanted& wanted,
                                  const std::function<void(core::StoredSession)>& visit) const {
    for (const auto& [incarnation, record] : sessions) {
        if (!wanted(record)) continue;
        core::StoredSession session{.record = record};
        for_each_of(subscriptions, incarnation, std::string(), [&](const auto& one) {
            session.subscriptions.push_back({one.first.second, one.second});
        });
        for_each_of(replays, incarnation, std::uint64_t{0},
                    [&](const auto& one) { session.replays.push_back(one.second); });
        for_each_of(queues, incarnation, core::Sequence{0},
                    [&](const auto& one) { session.queue.push_back(one.second); });
        leave_messages(session.queue, queue_window);
        for_each_of(incoming, incarnation, mqtt::PacketId{0},
                    [&](const auto& one) { session.incoming.push_back(one.second); });
        visit(std::move(session));
    }
}

void MemoryDisk::for_each_will(
    const std::function<void(core::Incarnation, core::WillRecord)>& visit) const {
    for (const auto& [incarnation, record] : wills)
        visit(incarnation, record);
}

void MemoryDisk::for_each_retained(const std::function<void(core::RetainedRecord)>& visit) const {
    for (const auto& [topic, record] : retained)
        visit(record);
}

void MemoryDisk::for_each_publication(
    const std::function<void(core::StoredPublication)>& visit) const {
    for (const auto& [row, one] : arriving)
        visit({row, one.publication, one.arrived});
}

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
        erase_of(disk.replays, incarnation, std::uint64_t{0});
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

void MemoryStore::put_replay(core::Incarnation incarnation, const core::ReplayRecord& record) {
    open_.push_back([incarnation, record](MemoryDisk& disk) {
        disk.replays[{incarnation, record.number}] = record;
    });
}

void MemoryStore::delete_replay(core::Incarnation incarnation, std::uint64_t number) {
    open_.push_back([incarnation, number](MemoryDisk& disk) {
        disk.replays.erase({incarnation, number});
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

void MemoryStore::put_retained(const core::RetainedRecord& record) {
    open_.push_back([record](MemoryDisk& disk) {
        disk.retained[std::string(record.message->topic())] = record;
    });
}

void MemoryStore::delete_retained(std::string_view topic) {
    open_.push_back([text = std::string(topic)](MemoryDisk& disk) { disk.retained.erase(text); });
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

void MemoryStore::read_queue(const core::SessionHandle& session, core::Incarnation incarnation,
                             core::Sequence from, std::size_t bytes) {
    reading_.push_back({session, incarnation, from, bytes});
}

core::QueueRead MemoryStore::complete_read() {
    assert(!reading_.empty());
    const Reading asked = reading_.front();
    reading_.pop_front();
    core::QueueRead read{.session = asked.session, .incarnation = asked.incarnation};
    const auto end = disk_.queues.lower_bound({asked.incarnation + 1, 0});
    auto at = disk_.queues.lower_bound({asked.incarnation, asked.from});
    for (std::size_t bytes = 0; at != end; ++at) {
        read.records.push_back(at->second);
        read.through = at->first.second;
        bytes += at->second.message->size();
        if (bytes >= asked.bytes) return read;
    }
    read.through = std::numeric_limits<core::Sequence>::max();
    return read;
}

}  // namespace godwit::store
