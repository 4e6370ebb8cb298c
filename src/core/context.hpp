// What the flows of one shard share.
#pragma once

#include <set>

#include "delivery_times.hpp"
#include "godwit/core/shard.hpp"
#include "rights.hpp"
#include "session_table.hpp"

namespace godwit::core {

struct ShardContext {
    ShardContext(ShardIndex shard, const Commons& shared, Store& shard_store, Random& chance)
        : index(shard),
          commons(shared),
          store(shard_store),
          random(chance),
          durable(shard_store.keeps()),
          sessions(shard),
          rights(shard, shared.access),
          settings_(&shared.settings) {}

    const ShardIndex index;
    const Commons& commons;
    Store& store;
    Random& random;
    const bool durable;        // the store keeps what it is given, so acknowledgements wait for it
    bool failing = false;      // the store cannot write just now
    bool memory_high = false;  // the process is beyond limits.memory_high_water
    Now now{};                 // of the call that runs
    Counters counters;
    DeliveryTimes delivery_times;
    ChunkPool chunks;
    SessionTable sessions;
    Rights rights;
    std::set<std::uint32_t> holders;    // slots of sessions with held messages
    std::set<std::uint32_t> replaying;  // slots of sessions with a slice of a replay due

    // In force now.
    [[nodiscard]] const Settings& settings() const { return *settings_; }
    void enforce(const Settings& settings, const AccessPolicy& access) {
        settings_ = &settings;
        rights.enforce(access);
    }

    // Whether what this session is owed outlives the process.
    [[nodiscard]] bool keeps(const Session& session) const { return durable && !session.clean; }

    void count_drop(DropReason reason, std::uint64_t count = 1) {
        counters.messages_dropped[static_cast<std::size_t>(reason)].add(count);
    }
    [[nodiscard]] Counter& subscriptions(bool shared) {
        return shared ? counters.shared_subscriptions : counters.subscriptions;
    }
    // A message that the session lost, or that it published in vain. `topic`: as the client names
    // it; empty where it is not known any more.
    void drop(Session& session, DropReason reason, std::string_view topic, mqtt::Qos qos) {
        count_drop(reason);
        if (!session.drops) session.drops = std::make_unique<DropTally>();
        session.drops->last.add(now.wall, reason, topic, qos);
    }
    void count_sent(mqtt::PacketType type) {
        counters.packets_sent[static_cast<std::size_t>(type)].add();
    }

private:
    const Settings* settings_;
};

}  // namespace godwit::core
