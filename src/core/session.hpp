// One client's session state [MQTT-3.1.2.4]: subscriptions, messages on their way to it, incoming
// QoS 2 ids. It outlives its connections if it is persistent. Plain data: the flows beside this
// file act on it, always on its home shard's thread.
#pragma once

#include <absl/container/btree_map.h>

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "delivery_queue.hpp"
#include "godwit/core/arrival.hpp"
#include "godwit/core/handle.hpp"
#include "godwit/core/link.hpp"
#include "godwit/core/retained.hpp"
#include "godwit/core/router.hpp"
#include "godwit/core/store.hpp"
#include "godwit/core/subscription.hpp"
#include "godwit/core/time.hpp"
#include "godwit/core/token_bucket.hpp"
#include "last_drops.hpp"
#include "ring.hpp"
#include "takeovers.hpp"

namespace godwit::core {

// Why PUBLISHes of a connection are not taken just now; a set of bits.
enum class Pause : std::uint16_t {
    unanswered = 1,   // too many of its publications wait for answers
    held = 2,         // one of them waits for room in a queue (overflow: hold)
    credit = 4,       // another shard's inbox is full
    qos2_commit = 8,  // a QoS 2 publication waits for its first commit
    stopping = 16,    // the server stops
    store = 32,       // it is to be kept, and the store cannot take it just now
    rate = 64,        // limits.publish_rate or limits.publish_bytes_rate
    memory = 128,     // limits.memory_high_water
    replays = 256,    // a SUBSCRIBE, while too many replays for it have not come to their end
};

// What a connection has published of late, where that is limited.
struct PublishAllowance {
    TokenBucket messages;
    TokenBucket bytes;
    SteadyTime pause_ends{};  // of Pause::rate, where there is one
};

// An acknowledgement owed to a publisher, in the order of its PUBLISHes [MQTT-4.6.0-2].
struct OwedAck {
    mqtt::PacketType type = mqtt::PacketType::puback;
    mqtt::PacketId packet_id = 0;
    bool due = false;  // may be sent once it is the first
};

// A connection attached to its session.
struct Attachment {
    Link* link = nullptr;
    std::uint32_t number = 0;  // tells this attachment from earlier and later ones of the session
    mqtt::ProtocolLevel level = mqtt::ProtocolLevel::mqtt311;
    bool accepted = false;         // CONNACK 0 is in the outbox
    bool intake_waits = false;     // the network was told to stop reading
    bool ended = false;            // the client sends no more; to be handled behind `parked`
    std::uint16_t pauses = 0;      // Pause bits
    std::uint16_t keep_alive = 0;  // seconds; 0: none
    std::uint32_t held = 0;        // publications of this connection that wait for room somewhere
    SteadyTime hold_ends{};        // when `held` has lasted too long
    std::uint32_t unanswered = 0;  // publications
    std::size_t unanswered_bytes = 0;
    Ring<OwedAck> acks;
    std::uint64_t first_ack = 0;    // number of acks.front()
    std::vector<std::byte> parked;  // whole packets that wait for the end of the pause
    std::unique_ptr<PublishAllowance> allowance;  // null until something is to be counted
    std::unique_ptr<OwnedWill> will;
    WallTime connected_at{};
    std::string address;
    Identity identity;

    [[nodiscard]] bool paused() const { return pauses != 0; }
};

struct Subscription {
    std::string text;  // as canonical_filter() gives it, behind the mount point
    FilterKey key;     // views into the text
    mqtt::Qos qos = mqtt::Qos::at_most_once;
    SharedGroup* group = nullptr;   // of a shared one
    GroupMember* member = nullptr;  // of a shared one
    bool checked = false;           // the client may receive some of its topics only
};

// A shared subscription as routing sees it.
struct Membership {
    std::uint64_t group;
    GroupMember* member;
    std::uint64_t deliveries = 0;  // of the group's messages, that took their place here
};

// An incoming QoS 2 message between its PUBLISH and its PUBREL [MQTT-4.3.3-2].
struct IncomingId {
    mqtt::PacketId packet_id = 0;
    bool pending = true;           // the publication is not yet acknowledgeable
    bool release_asked = false;    // PUBREL came while it was pending
    std::uint32_t attachment = 0;  // the connection that is owed the PUBREC...
    std::uint64_t ack_number = 0;  // ...and its place among that connection's acknowledgements
};

// A replay of retained messages that has not come to its end.
struct Replay {
    std::unique_ptr<RetainedTree::Cursor> cursor;
    mqtt::Qos qos = mqtt::Qos::at_most_once;
    std::uint64_t number = 0;  // by which the store knows it; 0: it does not
};

// A message that waits for room in the session's queue (overflow: hold), in order of arrival.
struct HeldMessage {
    MessagePtr message;
    mqtt::Qos qos = mqtt::Qos::at_least_once;
    std::uint64_t group = 0;
    PlacementIndex placement = kNoPlacement;
    bool again = false;  // see Delivery
};

// Who a client id belongs to, where that is more than the id.
struct Owner {
    std::optional<std::string> user_name;
    std::string mount_point;

    friend bool operator==(const Owner&, const Owner&) = default;
};

// What the session has lost.
struct DropTally {
    SteadyTime reported{};    // when the log last said so, of QoS 1 and 2...
    std::uint64_t count = 0;  // ...and how many it has not told of
    LastDrops last;
};

struct Session {
    SessionHandle handle;
    bool clean = true;
    bool superuser = false;           // no rule restricts its client
    std::uint32_t checked = 0;        // subscriptions that are; without them nobody asks for rights
    std::uint32_t attachments = 0;    // how many there have been
    std::uint32_t replays_asked = 0;  // and not yet come to their end
    std::uint64_t mark_epoch = 0;     // of the last publication that met this session...
    std::uint32_t mark_index = 0;     // ...and where it stands in its list of targets
    Incarnation incarnation = 0;
    std::string client_id;
    std::unique_ptr<Owner> owner;  // null: no user name, no mount point
    std::unique_ptr<Attachment> attachment;
    DeliveryQueue queue;
    std::vector<IncomingId> incoming;
    // By text, in an order by which a list of them can go on where it stopped.
    absl::btree_map<std::string_view, std::unique_ptr<Subscription>> subscriptions;
    std::unique_ptr<std::deque<HeldMessage>> held;
    std::unique_ptr<std::deque<Replay>> replays;
    std::unique_ptr<DropTally> drops;
    std::unique_ptr<Takeovers> takeovers;  // null: none of late, or they are not limited
    std::vector<Membership> memberships;
    std::uint64_t holder = 0;  // number of the facts by which its rights are judged
    std::unique_ptr<std::string> last_address;  // of an absent client, where it matters
    std::optional<SteadyTime> deadline;  // of expiry while absent, of retries while connected

    [[nodiscard]] bool connected() const { return attachment != nullptr && attachment->accepted; }
    [[nodiscard]] std::string_view mount_point() const {
        return owner ? std::string_view(owner->mount_point) : std::string_view();
    }
    // "home/#" matches "home" too, which is not behind the mount point "home/".
    [[nodiscard]] bool sees(std::string_view topic) const {
        return owner == nullptr || topic.size() > owner->mount_point.size();
    }
    // What of its mount point's topics and filters the client knows.
    [[nodiscard]] std::string_view plain(std::string_view mounted) const {
        return mounted.substr(mount_point().size());
    }
    [[nodiscard]] std::string_view user_name() const {
        return owner && owner->user_name ? std::string_view(*owner->user_name) : std::string_view();
    }
    [[nodiscard]] Membership* find_membership(std::uint64_t group) {
        for (Membership& one : memberships) {
            if (one.group == group) return &one;
        }
        return nullptr;
    }
    [[nodiscard]] IncomingId* find_incoming(mqtt::PacketId packet_id) {
        for (IncomingId& id : incoming) {
            if (id.packet_id == packet_id) return &id;
        }
        return nullptr;
    }
};

}  // namespace godwit::core
