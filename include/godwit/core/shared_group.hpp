// Shared subscriptions: of each group one member gets a message. The publishing shard chooses it
// from what it reads here without a lock; the router alone adds and removes, under its lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "godwit/core/handle.hpp"
#include "godwit/core/read_array.hpp"
#include "godwit/core/text_tail.hpp"
#include "godwit/mqtt/packet.hpp"

namespace godwit::core {

// A client whose rights other shards ask for. Never changed; replaced as a whole.
struct RightsHolder {
    std::uint64_t number;  // of these very facts, on any shard
    std::string client_id;
    std::string user_name;  // empty: none
    std::string address;    // empty: not known
    std::size_t mount_point_size;
};

// One session in a shared group. The member's own shard keeps `connected`, `full`, `load` and
// `checked` current.
struct GroupMember {
    ~GroupMember() { delete checked.load(std::memory_order_relaxed); }

    SessionHandle session;
    std::uint64_t client_hash;  // hash of the client id, for the hash strategies
    std::atomic<mqtt::Qos> qos;
    std::atomic<bool> connected;
    std::atomic<bool> full;           // its queue has no room
    std::atomic<std::uint32_t> load;  // messages in flight
    // Whose rights decide, where it may receive some topics of the filter only; else null. Retired
    // when replaced.
    std::atomic<RightsHolder*> checked{nullptr};
};

// A shared group: the pair (name, filter), local or not.
class SharedGroup : public TextTail<SharedGroup> {
public:
    ~SharedGroup();

    [[nodiscard]] std::string_view name() const { return text(); }  // empty for $queue
    [[nodiscard]] bool local() const { return local_; }
    [[nodiscard]] std::uint64_t id() const { return id_; }  // of its name and filter; never 0
    // The members in the order they joined; valid until the end of the turn.
    [[nodiscard]] std::span<GroupMember* const> members() const { return members_.view(); }

    // For the router.
    [[nodiscard]] GroupMember* find(const SessionHandle& session) const;
    GroupMember* add(const SessionHandle& session, mqtt::Qos qos, std::uint64_t client_hash,
                     bool connected, Reclaimer& reclaimer);
    void remove(GroupMember* member, Reclaimer& reclaimer);

private:
    friend TextTail;
    SharedGroup(std::uint64_t id, bool local) : local_(local), id_(id) {}

    const bool local_;
    const std::uint64_t id_;
    ReadArray<GroupMember> members_;
};

}  // namespace godwit::core
