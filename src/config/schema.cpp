#include "schema.hpp"

#include "godwit/mqtt/topic.hpp"

namespace godwit::config {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t kTwoBytesMax = 65'535;              // what the protocol counts in two bytes
constexpr std::int64_t kTakeoverRateMax = 1000;            // each of a minute is remembered
constexpr std::uint64_t kPacketSizeMax = 5 + 268'435'455;  // of MQTT, fixed header included

ChoiceCodec<core::Overflow> overflow_codec() {
    return {
        {"drop_oldest", core::Overflow::drop_oldest},
        {"drop_newest", core::Overflow::drop_newest},
        {"hold", core::Overflow::hold},
    };
}

ChoiceCodec<core::ShareStrategy> share_strategy_codec() {
    return {
        {"round_robin", core::ShareStrategy::round_robin},
        {"random", core::ShareStrategy::random},
        {"sticky", core::ShareStrategy::sticky},
        {"hash_client_id", core::ShareStrategy::hash_client_id},
        {"hash_topic", core::ShareStrategy::hash_topic},
        {"least_inflight", core::ShareStrategy::least_inflight},
    };
}

struct FilterCodec {
    void read(std::string& target, const YAML::Node& node, const std::string& key) const {
        TextCodec{}.read(target, node, key);
        if (!mqtt::is_topic_filter(target)) throw_expected("a topic filter", node, key);
    }
    void write(YAML::Emitter& out, const std::string& filter) const { write_quoted(out, filter); }
};

std::optional<std::string_view> group_name_problem(std::string_view name) {
    if (!name.empty() && name.find_first_of("/+#") == std::string_view::npos) return std::nullopt;
    return "a group name is not empty and contains no '/', '+' or '#'";
}

Fields<Draft> node_keys() {
    return {
        key("name", TextCodec{}, &Draft::config, &Config::node, &NodeSettings::name),
        key("threads", IntegerCodec{0, 1024}, &Draft::config, &Config::net,
            &net::Settings::threads),
        key("data_dir", TextCodec{}, &Draft::config, &Config::node, &NodeSettings::data_dir),
    };
}

Fields<core::MqttSettings> mqtt_keys() {
    using Settings = core::MqttSettings;
    return {
        key("max_packet_size", SizeCodec{0, kPacketSizeMax}, &Settings::max_packet_size),
        key("max_qos", IntegerCodec{0, 2}, &Settings::max_qos),
        key("max_topic_length", IntegerCodec{0, kTwoBytesMax}, &Settings::max_topic_length),
        key("max_topic_levels", IntegerCodec{0, kTwoBytesMax + 1}, &Settings::max_topic_levels),
        key("max_client_id_length", IntegerCodec{0, kTwoBytesMax}, &Settings::max_client_id_length),
        key("connect_timeout", DurationCodec{.min = 100ms, .max = 1h, .or_zero = true},
            &Settings::connect_timeout),
        key("max_keep_alive", IntegerCodec{0, kTwoBytesMax}, &Settings::max_keep_alive),
        key("wildcard_subscriptions", BooleanCodec{}, &Settings::wildcard_subscriptions),
        key("mqtt31", BooleanCodec{}, &Settings::mqtt31),
    };
}

Fields<core::SessionSettings> session_keys() {
    using Settings = core::SessionSettings;
    return {
        key("expiry", DurationCodec{}, &Settings::expiry),
        key("max_inflight", IntegerCodec{0, kTwoBytesMax}, &Settings::max_inflight),
        key("max_awaiting_rel", IntegerCodec{0, kTwoBytesMax}, &Settings::max_awaiting_rel),
        key("max_queued_messages", IntegerCodec{}, &Settings::max_queued_messages),
        key("max_queued_bytes", SizeCodec{}, &Settings::max_queued_bytes),
        key("queue_qos0", BooleanCodec{}, &Settings::queue_qos0),
        key("overflow", overflow_codec(), &Settings::overflow),
        key("retry_interval", DurationCodec{.min = 1s, .max = 24h, .or_zero = true},
            &Settings::retry_interval),
    };
}

Fields<core::RetainedSettings> retained_keys() {
    using Settings = core::RetainedSettings;
    using Override = core::RetainedExpiryOverride;
    const RecordCodec<Override> override_codec({
        required(key("filter", FilterCodec{}, &Override::filter)),
        required(key("expiry", DurationCodec{}, &Override::expiry)),
    });
    return {
        key("enabled", BooleanCodec{}, &Settings::enabled),
        key("expiry", DurationCodec{}, &Settings::expiry),
        key("expiry_overrides", ListCodec(override_codec), &Settings::expiry_overrides),
        key("max_messages", IntegerCodec{}, &Settings::max_messages),
        key("max_payload", SizeCodec{0, kPacketSizeMax}, &Settings::max_payload),
    };
}

Fields<core::SharedSubscriptionSettings> shared_subscription_keys() {
    using Settings = core::SharedSubscriptionSettings;
    return {
        key("enabled", BooleanCodec{}, &Settings::enabled),
        key("strategy", share_strategy_codec(), &Settings::strategy),
        key("groups", MapCodec(group_name_problem, share_strategy_codec()), &Settings::groups),
    };
}

ChoiceCodec<store::Sync> sync_codec() {
    return {
        {"always", store::Sync::always},
        {"interval", store::Sync::interval},
        {"never", store::Sync::never},
    };
}

Fields<store::Settings> persistence_keys() {
    using Settings = store::Settings;
    return {
        key("enabled", BooleanCodec{}, &Settings::enabled),
        key("sync", sync_codec(), &Settings::sync),
        key("sync_interval", DurationCodec{.min = 10ms, .max = 1h}, &Settings::sync_interval),
    };
}

Fields<Draft> limit_keys() {
    return {
        key("max_connections", IntegerCodec{}, &Draft::config, &Config::net, &net::Settings::limits,
            &net::LimitSettings::max_connections),
        key("max_connections_per_address", IntegerCodec{}, &Draft::config, &Config::net,
            &net::Settings::limits, &net::LimitSettings::max_connections_per_address),
        key("connect_rate", IntegerCodec{}, &Draft::config, &Config::net, &net::Settings::limits,
            &net::LimitSettings::connect_rate),
        key("backlog", IntegerCodec{1, kTwoBytesMax}, &Draft::config, &Config::net,
            &net::Settings::limits, &net::LimitSettings::backlog),
        key("takeover_rate", IntegerCodec{0, kTakeoverRateMax}, &Draft::config, &Config::core,
            &core::Settings::limits, &core::LimitSettings::takeover_rate),
        key("publish_rate", IntegerCodec{}, &Draft::config, &Config::core, &core::Settings::limits,
            &core::LimitSettings::publish_rate),
        key("publish_bytes_rate", SizeCodec{}, &Draft::config, &Config::core,
            &core::Settings::limits, &core::LimitSettings::publish_bytes_rate),
        key("max_subscriptions", IntegerCodec{}, &Draft::config, &Config::core,
            &core::Settings::limits, &core::LimitSettings::max_subscriptions),
        key("outbound_buffer", SizeCodec{}, &Draft::config, &Config::core, &core::Settings::limits,
            &core::LimitSettings::outbound_buffer),
        key("memory_high_water", SizeCodec{}, &Draft::config, &Config::memory,
            &MemorySettings::high_water),
    };
}

Fields<SysTopicsSettings> sys_topics_keys() {
    using Settings = SysTopicsSettings;
    return {
        key("enabled", BooleanCodec{}, &Settings::enabled),
        key("interval", DurationCodec{.min = 100ms, .max = 1h}, &Settings::interval),
    };
}

Fields<Draft> sections() {
    using core::Settings;
    return {
        section("node", node_keys()),
        listeners_section(),
        key("mqtt", RecordCodec(mqtt_keys()), &Draft::config, &Config::core, &Settings::mqtt),
        key("session", RecordCodec(session_keys()), &Draft::config, &Config::core,
            &Settings::session),
        key("retained", RecordCodec(retained_keys()), &Draft::config, &Config::core,
            &Settings::retained),
        key("shared_subscriptions", RecordCodec(shared_subscription_keys()), &Draft::config,
            &Config::core, &Settings::shared_subscriptions),
        key("persistence", RecordCodec(persistence_keys()), &Draft::config, &Config::persistence),
        auth_section(),
        acl_section(),
        section("limits", limit_keys()),
        key("sys_topics", RecordCodec(sys_topics_keys()), &Draft::config, &Config::sys_topics),
        log_section(),
        admin_section(),
        unsupported<Draft>("cluster"),
        unsupported<Draft>("bridges"),
    };
}

}  // namespace

const RecordCodec<Draft>& schema() {
    static const RecordCodec<Draft> kSchema(sections());
    return kSchema;
}

ChoiceCodec<net::Anonymous> anonymous_codec() {
    return {
        {"auto", net::Anonymous::automatic},
        {"allow", net::Anonymous::allow},
        {"deny", net::Anonymous::deny},
    };
}

}  // namespace godwit::config
