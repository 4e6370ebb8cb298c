// What a store kept, as the core reads it once, when the broker starts and before anything else
// happens. Every call visits all there is; what a visit is given is the visitor's to keep.
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "godwit/core/store.hpp"

namespace godwit::core {

struct StoredSession {
    SessionRecord record;
    std::vector<SubscriptionRecord> subscriptions;
    std::vector<ReplayRecord> replays;
    // By sequence. Messages that wait behind the first Store::queue_window() bytes may be left in
    // the store, but for those of groups.
    std::vector<QueueRecord> queue;
    std::vector<mqtt::PacketId> incoming;
};

// How many of a queue's records are sent, or may be: a QoS 2 message has its packet id from just
// before that, and messages leave in order.
[[nodiscard]] inline std::size_t count_sent(const std::vector<QueueRecord>& queue) {
    std::size_t sent = queue.size();
    while (sent != 0 && queue[sent - 1].packet_id == 0)
        --sent;
    return sent;
}

struct StoredPublication {
    LogRow row = 0;
    LoggedPublication publication;
    // By the shards that are through with it, kRetainedMark among them: the receivers they are not
    // through with.
    std::map<ShardIndex, std::vector<Receiver>> arrived;
};

class StoredState {
public:
    // Asks by its record whether a session is wanted before it reads the rest of it. Sessions come
    // in the order of their incarnations. May run on several threads at once.
    using Wanted = std::function<bool(const SessionRecord&)>;
    virtual void for_each_session(const Wanted& wanted,
                                  const std::function<void(StoredSession)>& visit) const = 0;
    virtual void for_each_will(const std::function<void(Incarnation, WillRecord)>& visit) const = 0;
    virtual void for_each_retained(const std::function<void(RetainedRecord)>& visit) const = 0;
    // In the order of the rows.
    virtual void for_each_publication(
        const std::function<void(StoredPublication)>& visit) const = 0;

protected:
    ~StoredState() = default;
};

}  // namespace godwit::core
