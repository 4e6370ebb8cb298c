#include "audit.hpp"

#include <map>
#include <set>

namespace godwit::simulation {

namespace {

using core::Counters;

void expect(std::uint64_t is, std::uint64_t should_be, std::string_view what) {
    if (is != should_be) throw Broken(cat(what, ": ", is, " at rest, not ", should_be));
}

void audit_counters(const Broker& broker, Model& model) {
    std::uint64_t persistent = 0;
    const std::size_t clients = broker.plan().clients;
    for (std::size_t i = 0; i < clients; ++i)
        persistent += model.session(i).clean ? 0 : 1;
    expect(broker.sum(&Counters::queued_messages), 0, "queued messages");
    expect(broker.sum(&Counters::inflight_messages), 0, "messages in flight");
    expect(broker.sum(&Counters::sessions_connected), clients, "connected sessions");
    expect(broker.sum(&Counters::sessions_persistent), persistent, "persistent sessions");
}

void audit_disk(const store::MemoryDisk& disk, const Broker& broker, Model& model) {
    expect(disk.queues.size(), 0, "stored queue entries");
    for (const auto& [incarnation, packet_id] : disk.incoming) {
        const auto session = disk.sessions.find(incarnation);
        const bool known = session != disk.sessions.end();
        throw Broken(cat("incoming id ", packet_id, " is stored at rest, of ",
                         known ? session->second.client_id : "a session that is gone"));
    }
    expect(disk.arriving.size(), 0, "rows of the publication log");
    expect(disk.replays.size(), 0, "stored replays");
    std::map<std::string, core::Incarnation> sessions;
    for (const auto& [incarnation, record] : disk.sessions) {
        if (!sessions.emplace(record.client_id, incarnation).second) {
            throw Broken("two stored sessions of " + record.client_id);
        }
    }
    std::size_t persistent = 0;
    for (std::size_t i = 0; i < broker.plan().clients; ++i) {
        if (model.session(i).clean) continue;
        ++persistent;
        if (!sessions.contains(Model::client_id(i))) {
            throw Broken("no stored session of " + Model::client_id(i));
        }
    }
    expect(sessions.size(), persistent, "stored sessions");
    for (const auto& [key, qos] : disk.subscriptions) {
        if (!disk.sessions.contains(key.first)) {
            throw Broken("a stored subscription without a session: " + key.second);
        }
    }
    for (std::size_t i = 0; i < broker.plan().clients; ++i) {
        if (model.session(i).clean) continue;
        const core::Incarnation incarnation = sessions[Model::client_id(i)];
        for (const SubscribeEntry& entry : model.subscriptions(i).entries()) {
            if (entry.certain_from == kNever || entry.certain_until != kNever) continue;
            bool stored = false;
            for (const auto& [key, qos] : disk.subscriptions) {
                const auto filter = read_filter(key.second);
                stored = stored || (key.first == incarnation && filter &&
                                    filter->key() == entry.filter.key());
            }
            if (!stored) {
                throw Broken(cat("no stored subscription ", entry.filter.key(), " of c", i));
            }
        }
    }
    expect(disk.wills.size(), model.wills_armed(), "stored wills");
}

void audit_retained(const store::MemoryDisk& disk, const core::RetainedTree& tree) {
    std::size_t values = 0;
    for (const auto& [topic, record] : disk.retained) {
        const auto value = tree.get(topic);
        ++values;
        if (!value) throw Broken("stored and not retained: " + topic);
        if (value->message.get() != record.message.get() || value->qos != record.qos) {
            throw Broken("another value is stored than retained: " + topic);
        }
    }
    expect(values, tree.size(), "stored retained messages");
}

}  // namespace

// Rows of the publication log name sessions by their places.
void audit_places(const Broker& broker) {
    std::set<std::pair<core::ShardIndex, std::uint32_t>> taken;
    for (const auto& [incarnation, record] : broker.disk()->sessions) {
        if (record.handle.shard != broker.home_of(record.client_id)) {
            throw Broken(record.client_id + " is stored as of a shard that is not its home");
        }
        if (!taken.emplace(record.handle.shard, record.handle.slot).second) {
            throw Broken(record.client_id + " is stored in the place of another session");
        }
    }
}

void audit(const Broker& broker, Model& model) {
    audit_counters(broker, model);
    if (const store::MemoryDisk* disk = broker.disk()) {
        audit_disk(*disk, broker, model);
        audit_retained(*disk, broker.retained());
    }
}

}  // namespace godwit::simulation
