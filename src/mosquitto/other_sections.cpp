#include <algorithm>

#include "option.hpp"
#include "sections.hpp"

namespace godwit::mosquitto {
namespace {

constexpr const char* kDefault = "mosquitto's default";
constexpr std::int64_t kInflightMax = 65'535;
constexpr std::int64_t kCountMax = 2'147'483'647;
constexpr std::int64_t kSizeMax = 1LL << 40;
constexpr std::int64_t kPacketSizeMax = 268'435'460;
// What a PUBLISH has beside its payload, at most: its fixed header, its topic and a packet id.
constexpr std::int64_t kAroundPayloadMax = 5 + 2 + 65'535 + 2;
constexpr std::int64_t kExpiryDaysMax = 36'500;

Key number_key(const char* name, const Said<std::int64_t>& said, std::int64_t otherwise,
               std::int64_t max) {
    const std::int64_t value = said.is_said() ? said.value : otherwise;
    return {.name = name,
            .value = std::to_string(std::clamp<std::int64_t>(value, 0, max)),
            .comment = said.is_said() ? said.origin : kDefault};
}

// Months have 30 days and years 365, as mosquitto counts them.
std::string expiry(const std::string& duration) {
    const std::int64_t number = std::stoll(duration);
    const char unit = duration.back();
    if (unit == 'h') return std::to_string(std::min(number, 24 * kExpiryDaysMax)) + "h";
    const std::int64_t days = unit == 'w' ? 7 : unit == 'm' ? 30 : unit == 'y' ? 365 : 1;
    return std::to_string(std::min(number * days, kExpiryDaysMax)) + "d";
}

// The largest packet, 0 where it is no smaller than what MQTT allows.
Key packet_size_key(const Broker& broker) {
    std::int64_t size = broker.max_packet_size.value;
    std::string origin = broker.max_packet_size.origin;
    const std::int64_t payload = broker.message_size_limit.value;
    if (payload > 0 && (size <= 0 || payload + kAroundPayloadMax < size)) {
        size = std::min(payload, kPacketSizeMax) + kAroundPayloadMax;
        origin = broker.message_size_limit.origin + " of payload, which closes the connection here";
    }
    if (size >= kPacketSizeMax) size = 0;
    return {.name = "max_packet_size",
            .value = std::to_string(std::max<std::int64_t>(size, 0)),
            .comment = origin.empty() ? kDefault : origin};
}

bool has(const std::vector<Said<std::string>>& words, std::string_view wanted) {
    return std::any_of(words.begin(), words.end(),
                       [wanted](const Said<std::string>& word) { return word.value == wanted; });
}

std::string origins(const std::vector<Said<std::string>>& words) {
    std::string all;
    for (const Said<std::string>& word : words)
        all += (all.empty() ? "" : "; ") + word.origin;
    return all;
}

std::string level_of(const std::vector<Said<std::string>>& types) {
    if (has(types, "debug") || has(types, "all")) return "debug";
    if (has(types, "information") || has(types, "notice")) return "info";
    if (has(types, "warning")) return "warning";
    return has(types, "error") ? "error" : "info";
}

std::string outputs_of(const Broker& broker) {
    std::vector<std::string> outputs;
    for (const Said<std::string>& dest : broker.log_dests) {
        std::string output;
        if (dest.value == "stderr" || dest.value == "stdout") output = "stderr";
        if (dest.value == "syslog") output = "syslog";
        if (dest.value.starts_with("file "))
            output =
                "{file: " + quoted(dest.value.substr(dest.value.find_first_not_of(' ', 4))) + "}";
        const bool is_new = std::find(outputs.begin(), outputs.end(), output) == outputs.end();
        if (!output.empty() && is_new) outputs.push_back(std::move(output));
    }
    std::string list;
    for (const std::string& output : outputs)
        list += (list.empty() ? "" : ", ") + output;
    return "[" + list + "]";
}

}  // namespace

Said<std::int64_t> max_qos_of_all(const Plan& plan) {
    if (plan.listeners.empty()) return {};
    const Said<std::int64_t> first = plan.listeners.front().listener.max_qos;
    const bool same = std::all_of(
        plan.listeners.begin(), plan.listeners.end(), [&first](const PlannedListener& planned) {
            const Said<std::int64_t>& own = planned.listener.max_qos;
            return own.is_said() == first.is_said() && own.value == first.value;
        });
    return same ? first : Said<std::int64_t>{};
}

Keys auth_keys(const Plan& plan, bool per_listener) {
    Keys keys;
    if (!per_listener && !plan.listeners.empty()) {
        const PlannedListener& any = plan.listeners.front();
        const Said<bool>& said = any.access.allow_anonymous;
        std::string origin = said.is_said() ? said.origin : kDefault;
        if (said.value && !any.allows_anonymous)
            origin += ", but whom only the plugin knew nobody knows now";
        keys.push_back({.name = "anonymous",
                        .value = any.allows_anonymous ? "allow" : "deny",
                        .comment = origin});
    }
    if (plan.password_file.is_said()) {
        keys.push_back({.name = "password_file",
                        .value = quoted(plan.password_file.value),
                        .comment = plan.password_file.origin});
    }
    return keys;
}

Keys acl_keys(const Plan& plan) {
    if (plan.acl_file.is_said()) {
        return {{.name = "file",
                 .value = quoted(plan.acl_file.value),
                 .comment = plan.acl_file.origin}};
    }
    if (!plan.plugin.is_said()) return {};
    return {{.name = "default",
             .value = "deny",
             .comment = "the plugin decided before; until there are rules nothing is allowed"}};
}

Keys mqtt_keys(const Broker& broker, const Plan& plan) {
    Keys keys = {packet_size_key(broker)};
    const Said<std::int64_t> max_qos = max_qos_of_all(plan);
    if (max_qos.is_said()) keys.push_back(number_key("max_qos", max_qos, 2, 2));
    return keys;
}

Keys session_keys(const Broker& broker) {
    const Said<std::string>& expiration = broker.persistent_client_expiration;
    Keys keys = {
        {.name = "expiry",
         .value = expiration.is_said() ? expiry(expiration.value) : "0",
         .comment = expiration.is_said() ? expiration.origin : kDefault},
        number_key("max_inflight", broker.max_inflight_messages, 20, kInflightMax),
        number_key("max_queued_messages", broker.max_queued_messages, 1000, kCountMax),
        number_key("max_queued_bytes", broker.max_queued_bytes, 0, kSizeMax),
        {.name = "overflow", .value = "drop_newest", .comment = "what mosquitto does"},
    };
    if (broker.queue_qos0_messages.is_said()) {
        keys.push_back({.name = "queue_qos0",
                        .value = boolean(broker.queue_qos0_messages.value),
                        .comment = broker.queue_qos0_messages.origin});
    }
    return keys;
}

Keys retained_keys(const Broker& broker) {
    if (!broker.retain_available.is_said()) return {};
    return {{.name = "enabled",
             .value = boolean(broker.retain_available.value),
             .comment = broker.retain_available.origin +
                        (broker.retain_available.value ? "" : " (nobody is disconnected for it)")}};
}

Keys persistence_keys(const Broker& broker) {
    const Said<bool>& said = broker.persistence;
    return {{.name = "enabled",
             .value = boolean(said.value),
             .comment = said.is_said() ? said.origin : kDefault}};
}

Keys limit_keys(const Broker& broker) {
    if (broker.memory_limit.value <= 0) return {};
    return {number_key("memory_high_water", broker.memory_limit, 0, kSizeMax)};
}

Keys sys_topics_keys(const Broker& broker) {
    if (!broker.sys_interval.is_said()) return {};
    if (broker.sys_interval.value <= 0) {
        return {{.name = "enabled", .value = "false", .comment = broker.sys_interval.origin}};
    }
    return {{.name = "interval",
             .value = std::to_string(std::min<std::int64_t>(broker.sys_interval.value, 3600)) + "s",
             .comment = broker.sys_interval.origin}};
}

Keys log_keys(const Broker& broker) {
    Keys keys;
    if (!broker.log_types.empty()) {
        keys.push_back({.name = "level",
                        .value = level_of(broker.log_types),
                        .comment = origins(broker.log_types)});
    }
    if (has(broker.log_dests, "none") || has(broker.log_types, "none")) {
        const auto& words = has(broker.log_types, "none") ? broker.log_types : broker.log_dests;
        keys.push_back({.name = "outputs", .value = "[]", .comment = origins(words)});
    } else if (const std::string outputs = outputs_of(broker); outputs != "[]") {
        keys.push_back({.name = "outputs", .value = outputs, .comment = origins(broker.log_dests)});
    }
    return keys;
}

}  // namespace godwit::mosquitto
