// What an operator sees of a shard: values of their own, taken on the shard's thread and free to
// travel. Topics and filters are the plain ones behind the mount point, as the client named them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "godwit/core/counters.hpp"
#include "godwit/core/time.hpp"
#include "godwit/mqtt/packet.hpp"

namespace godwit::core {

struct SessionView {
    std::string client_id;
    std::optional<std::string> user_name;
    std::string mount_point;
    bool clean = false;
    bool connected = false;

    // Of its connection, or of the last one where that is still known.
    std::string address;
    // Of its connection, if it has one.
    mqtt::ProtocolLevel level = mqtt::ProtocolLevel::mqtt311;
    std::uint16_t keep_alive = 0;  // seconds
    WallTime connected_at{};
    std::vector<std::string> pauses;  // why PUBLISHes are not taken from it just now

    std::optional<WallTime> expires_at;  // when an absent one ends
    std::size_t subscriptions = 0;
    std::size_t queued_messages = 0;
    std::size_t queued_bytes = 0;
    std::size_t inflight_messages = 0;
    std::size_t awaiting_rel = 0;
    std::size_t held_messages = 0;  // of others, that wait for room in its queue
};

struct SubscriptionView {
    std::string client_id;
    std::string filter;  // with $share, $queue and $local
    mqtt::Qos qos = mqtt::Qos::at_most_once;
    bool connected = false;
};

struct WillView {
    std::string topic;
    mqtt::Qos qos = mqtt::Qos::at_most_once;
    bool retain = false;
};

// A message that a session lost, or that it published in vain.
struct DropView {
    WallTime at{};
    DropReason reason{};
    std::string topic;  // the beginning of a long one; empty where it was in the store alone
    mqtt::Qos qos = mqtt::Qos::at_most_once;
};

struct SessionDetail {
    SessionView session;
    std::vector<SubscriptionView> subscriptions;  // the first thousand
    std::optional<WillView> will;
    std::vector<DropView> last_drops;  // oldest first
};

struct GroupMemberView {
    std::string client_id;
    bool connected = false;
    mqtt::Qos qos = mqtt::Qos::at_most_once;
    std::uint64_t deliveries = 0;  // since it joined, or the broker started
    std::size_t inflight_messages = 0;
};

// A shared group.
struct GroupView {
    std::string name;    // empty for $queue
    std::string filter;  // as it is routed, with the mount point
    bool local = false;
    std::string strategy;  // as the configuration names it
    std::vector<GroupMemberView> members;
};

// Its topic is the one that is routed, with the mount point.
struct RetainedView {
    std::string topic;
    mqtt::Qos qos = mqtt::Qos::at_most_once;
    std::size_t size = 0;            // of the payload
    std::vector<std::byte> payload;  // all of it, or its beginning
    std::optional<WallTime> expires_at;
};

// Would a message that is published to a topic now reach a client?
struct Explanation {
    enum class Verdict : std::uint8_t {
        subscribed,  // yes
        shared,      // by groups alone: perhaps, since one member gets it
        no_matching_subscription,
        denied_by_acl,
        queue_full,
        absent_qos0,    // absent, and QoS 0 does not wait for it
        outbound_full,  // QoS 0 to a client that reads too slowly
    };
    struct Match {
        std::string filter;
        mqtt::Qos qos = mqtt::Qos::at_most_once;
        bool allowed = true;
        std::string rule;     // the ACL's that decides; empty where none is asked
        bool shared = false;  // by way of a group
    };
    Verdict verdict = Verdict::no_matching_subscription;
    std::vector<Match> matches;
    SessionView session;
    std::size_t max_inflight = 0;
    bool queue_full = false;
    bool retained = false;  // the topic has a retained value
    std::vector<DropView> last_drops;
};

[[nodiscard]] std::string_view to_string(Explanation::Verdict verdict);

// A list too long for one answer. An empty cursor: from the beginning, or that was all.
template <typename Item>
struct Page {
    std::vector<Item> items;
    std::string next;  // where the next page begins; means something to whoever made it alone
};

// What one shard has of a list. A call looks at a bounded number of things, whether they are asked
// for or not, and says where the next call is to go on: nowhere, when that was all.
template <typename Item, typename Place>
struct Slice {
    std::vector<Item> items;
    std::optional<Place> next;
};

// Of a session in a shard's table.
using SessionPlace = std::uint32_t;

// Of a subscription: the first with that text or a later one, in that session or behind it.
struct SubscriptionPlace {
    SessionPlace session = 0;
    std::string text;  // as the shard keeps it

    friend bool operator==(const SubscriptionPlace&, const SubscriptionPlace&) = default;
};

// Of a level in the tree of retained messages: its path by names, and by the versions of the writes
// that made the levels, which tell where it stood if it is gone by then.
struct RetainedPlace {
    std::uint64_t newest = 0;  // levels made by later writes are not in the list
    std::vector<std::uint64_t> made;
    std::string topic;

    friend bool operator==(const RetainedPlace&, const RetainedPlace&) = default;
};

struct SessionQuery {
    std::string text;  // part of client id, user name or address; of ASCII letters the case is one
    std::optional<bool> connected;
};

struct SubscriptionQuery {
    std::optional<std::string> client_id;
    std::optional<std::string> filter;  // this very one
    std::optional<std::string> match;   // those that a publication to this routed topic would reach
};

}  // namespace godwit::core
