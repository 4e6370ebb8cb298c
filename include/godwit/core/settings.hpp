// What a user may set about the core's behaviour, with its defaults. Filled by config/, constant
// while a turn runs. Durations of zero and limits of zero mean 'none' as the documentation of the
// key says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/core/time.hpp"
#include "godwit/mqtt/packet.hpp"

namespace godwit::core {

struct MqttSettings {
    std::size_t max_packet_size = 1024 * 1024;  // bytes, 0: no limit but the protocol's
    mqtt::Qos max_qos = mqtt::Qos::exactly_once;
    std::size_t max_topic_length = 65'535;  // bytes
    std::size_t max_topic_levels = 128;
    std::size_t max_client_id_length = 65'535;  // bytes
    Duration connect_timeout{10'000};
    std::uint16_t max_keep_alive = 0;  // seconds; above 0 it caps, and replaces a client's 0
    bool wildcard_subscriptions = true;
    bool mqtt31 = true;
};

enum class Overflow : std::uint8_t { drop_oldest, drop_newest, hold };

struct SessionSettings {
    Duration expiry = std::chrono::hours{2};  // 0: never
    std::size_t max_inflight = 32;            // 1 to 65535
    std::size_t max_awaiting_rel = 100;
    std::size_t max_queued_messages = 10'000;           // 0: no limit
    std::size_t max_queued_bytes = 16UL * 1024 * 1024;  // 0: no limit
    bool queue_qos0 = false;
    Overflow overflow = Overflow::drop_oldest;
    Duration retry_interval{0};
};

struct RetainedExpiryOverride {
    std::string filter;
    Duration expiry;
};

struct RetainedSettings {
    bool enabled = true;
    Duration expiry{0};
    std::vector<RetainedExpiryOverride> expiry_overrides;  // First match wins.
    std::size_t max_messages = 0;
    std::size_t max_payload = 0;  // bytes
};

enum class ShareStrategy : std::uint8_t {
    round_robin,
    random,
    sticky,
    hash_client_id,
    hash_topic,
    least_inflight,
};

// As the configuration names it.
[[nodiscard]] std::string_view to_string(ShareStrategy strategy);

struct SharedSubscriptionSettings {
    bool enabled = true;
    ShareStrategy strategy = ShareStrategy::round_robin;
    std::map<std::string, ShareStrategy, std::less<>> groups;  // By group name.

    [[nodiscard]] ShareStrategy of(std::string_view group) const {
        const auto found = groups.find(group);
        return found == groups.end() ? strategy : found->second;
    }
};

enum class DeniedPublish : std::uint8_t {
    ignore,  // acknowledged, delivered to nobody, counted
    disconnect,
};

struct AccessSettings {
    DeniedPublish on_denied_publish = DeniedPublish::ignore;
};

struct LimitSettings {
    std::size_t takeover_rate = 0;              // of one client id, a minute
    std::size_t publish_rate = 0;               // messages a second, per client
    std::size_t publish_bytes_rate = 0;         // bytes a second, per client
    std::size_t max_subscriptions = 0;          // per client
    std::size_t outbound_buffer = 1024 * 1024;  // bytes per client
};

struct Settings {
    MqttSettings mqtt;
    SessionSettings session;
    RetainedSettings retained;
    SharedSubscriptionSettings shared_subscriptions;
    AccessSettings access;
    LimitSettings limits;
};

}  // namespace godwit::core
