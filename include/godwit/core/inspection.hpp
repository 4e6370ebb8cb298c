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

    std::optional<WallTime> expires_at;  // of an absent one
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

// A message that a session lost.
struct DropView {
    WallTime at{};
    DropReason reason{};
    std::string topic;
    mqtt::Qos qos = mqtt::Qos::at_most_once;
};

struct SessionDetail {
    SessionView session;
    std::vector<SubscriptionView> subscriptions;
    std::optional<WillView> will;
    std::vector<DropView> last_drops;  // oldest first
};

struct GroupMemberView {
    std::string client_id;
    bool connected = false;
    mqtt::Qos qos = mqtt::Qos::at_most_once;
    std::uint64_t deliveries = 0;  // since the broker started
    std::size_t inflight_messages = 0;
};

// A shared group as far as one shard knows it: by its own members.
struct GroupView {
    std::string name;  // empty for $queue
    std::string filter;
    bool local = false;
    std::string strategy;  // as the configuration names it
    std::vector<GroupMemberView> members;
};

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
        std::string rule;  // the ACL's that decides; empty where none is asked
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

struct SessionQuery {
    std::string text;  // part of client id, user name or address, without regard to case
    std::optional<bool> connected;
};

struct SubscriptionQuery {
    std::optional<std::string> client_id;
    std::optional<std::string> filter;  // this very one
    std::optional<std::string> match;   // those that a publication to this topic would reach
};

}  // namespace godwit::core
