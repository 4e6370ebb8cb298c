#include "godwit/core/restart.hpp"

#include <algorithm>
#include <utility>

namespace godwit::core {

void Restart::load_retained() {
    state_.for_each_retained([this](RetainedRecord record) {
        (void)commons_.retained.set(std::move(record.message), record.qos, record.expires_at, 0);
    });
}

void Restart::load_sessions(Shard& shard, Now now) {
    const auto at_home = [&](const SessionRecord& record) {
        return home_shard(record.client_id, commons_) == shard.index();
    };
    // Where the number of shards has changed, a session may come from another one. It gets a place
    // when all those that keep theirs have it.
    std::vector<StoredSession> newcomers;
    state_.for_each_session(at_home, [&](StoredSession stored) {
        if (stored.record.handle.shard == shard.index()) {
            restore(shard, std::move(stored), true, now);
        } else {
            newcomers.push_back(std::move(stored));
        }
    });
    shard.end_restore();
    for (StoredSession& stored : newcomers)
        restore(shard, std::move(stored), false, now);
}

void Restart::restore(Shard& shard, StoredSession stored, bool keeps_place, Now now) {
    const Place before = place_of(stored.record.handle);
    SessionRecord record = shard.restore(std::move(stored), keeps_place, now);
    const MutexLock lock(mutex_);
    handles_.emplace(before, record.handle);
    if (!keeps_place) moved_.push_back(std::move(record));
}

// In one turn of one shard and so in one batch: rows name sessions by their places, so both change
// together or not at all.
void Restart::finish(Shard& shard, Now now) {
    const MutexLock lock(mutex_);
    for (const SessionRecord& record : moved_)
        shard.rewrite(record);
    state_.for_each_publication([&](StoredPublication stored) {
        const LogRow row = stored.row;
        shard.place_again(row, due_of(std::move(stored)), now);
    });
    state_.for_each_will([&](Incarnation incarnation, const WillRecord& record) {
        shard.publish_left_will(incarnation, record, now);
    });
}

bool Restart::names(const std::vector<Receiver>& receivers, const Receiver& receiver) {
    return std::any_of(receivers.begin(), receivers.end(), [&](const Receiver& one) {
        return one.slot == receiver.slot && one.generation == receiver.generation &&
               one.group == receiver.group;
    });
}

LoggedPublication Restart::due_of(StoredPublication stored) const {
    LoggedPublication due{
        .message = std::move(stored.publication.message),
        .qos = stored.publication.qos,
        .retain = stored.publication.retain && !stored.arrived.contains(kRetainedMark)};
    std::map<ShardIndex, std::vector<Receiver>> by_shard;
    for (auto& [shard, all] : stored.publication.receivers) {
        const auto mark = stored.arrived.find(shard);
        for (Receiver receiver : all) {
            // What the mark excepts may have left the row since, for another member of its group.
            if (mark != stored.arrived.end() && !names(mark->second, receiver)) continue;
            // At most once: it may have been sent.
            if (receiver.qos == mqtt::Qos::at_most_once) continue;
            const auto found = handles_.find({shard, receiver.slot, receiver.generation});
            // A member of a group that is gone names nobody, so that another one is chosen.
            const bool gone = found == handles_.end();
            if (gone && receiver.group == 0) continue;
            const SessionHandle handle = gone ? SessionHandle{} : found->second;
            receiver.slot = handle.slot;
            receiver.generation = handle.generation;
            by_shard[handle.shard].push_back(receiver);
        }
    }
    for (auto& [shard, receivers] : by_shard)
        due.receivers.push_back({shard, std::move(receivers)});
    return due;
}

}  // namespace godwit::core
