#include "export.hpp"

#include <fmt/chrono.h>

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "godwit/mqtt/topic.hpp"

namespace godwit::cli {

namespace {

using Json = nlohmann::ordered_json;

std::string base64(std::string_view bytes) {
    static constexpr char kDigits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const std::size_t size = std::min<std::size_t>(3, bytes.size() - at);
        std::uint32_t bits = 0;
        for (std::size_t i = 0; i < 3; ++i)
            bits = bits << 8 | (i < size ? static_cast<unsigned char>(bytes[at + i]) : 0U);
        for (std::size_t i = 0; i < 4; ++i)
            text += i <= size ? kDigits[bits >> (18 - 6 * i) & 0x3F] : '=';
    }
    return text;
}

// C0, DEL, and C1, which is two bytes in UTF-8.
bool has_control_characters(std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto byte = static_cast<unsigned char>(text[i]);
        if (byte < 0x20 || byte == 0x7F) return true;
        if (byte == 0xC2 && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
    }
    return false;
}

std::string iso8601(core::WallTime time) {
    using std::chrono::milliseconds;
    const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
    const auto rest = std::chrono::duration_cast<milliseconds>(time - seconds);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), rest.count());
}

Json time_or_null(const std::optional<core::WallTime>& time) {
    return time ? Json(iso8601(*time)) : Json(nullptr);
}

const char* name_of(core::DeliveryState state) {
    switch (state) {
        case core::DeliveryState::waiting: return "waiting";
        case core::DeliveryState::await_puback: return "await_puback";
        case core::DeliveryState::await_pubrec: return "await_pubrec";
        case core::DeliveryState::await_pubcomp: return "await_pubcomp";
        case core::DeliveryState::done: break;
    }
    return "done";
}

void add_payload(Json& object, const core::Message& message) {
    const mqtt::Bytes bytes = message.payload();
    const std::string_view payload(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (mqtt::is_utf8_string(payload) && !has_control_characters(payload))
        object["payload"] = payload;
    object["payload_base64"] = base64(payload);
}

Json session(const core::StoredSession& stored) {
    const core::SessionRecord& record = stored.record;
    Json object = {{"type", "session"}, {"client_id", record.client_id}};
    object["user_name"] = record.user_name ? Json(*record.user_name) : Json(nullptr);
    object["mount_point"] = record.mount_point;
    object["absent_since"] =
        time_or_null(record.absence ? std::optional(record.absence->since) : std::nullopt);
    if (record.superuser) object["superuser"] = true;
    object["subscriptions"] = Json::array();
    for (const core::SubscriptionRecord& subscription : stored.subscriptions) {
        object["subscriptions"].push_back(
            {{"filter", subscription.filter}, {"qos", subscription.qos}});
    }
    return object;
}

Json incoming(const core::StoredSession& stored) {
    return {{"type", "incoming"},
            {"client_id", stored.record.client_id},
            {"packet_ids", stored.incoming}};
}

Json queued(const core::SessionRecord& record, const core::QueueRecord& entry) {
    Json object = {{"type", "queued"},
                   {"client_id", record.client_id},
                   {"sequence", entry.sequence},
                   {"topic", entry.message->topic()},
                   {"qos", entry.qos},
                   {"retain", entry.retain},
                   {"state", name_of(entry.state)}};
    add_payload(object, *entry.message);
    return object;
}

Json will(const core::WillRecord& record) {
    Json object = {{"type", "will"},
                   {"client_id", record.author.client_id},
                   {"topic", record.will.message->topic()},
                   {"qos", record.will.qos},
                   {"retain", record.will.retain}};
    add_payload(object, *record.will.message);
    return object;
}

Json retained(const core::RetainedRecord& record) {
    Json object = {{"type", "retained"},
                   {"topic", record.message->topic()},
                   {"qos", record.qos},
                   {"expires_at", time_or_null(record.expires_at)}};
    add_payload(object, *record.message);
    return object;
}

Json publication(const core::LoggedPublication& logged) {
    std::size_t receivers = 0;
    for (const auto& of_shard : logged.receivers)
        receivers += of_shard.receivers.size();
    Json object = {{"type", "publication"},
                   {"topic", logged.message->topic()},
                   {"qos", logged.qos},
                   {"retain", logged.retain},
                   {"receivers", receivers}};
    add_payload(object, *logged.message);
    return object;
}

}  // namespace

store::Visitor exporter(std::ostream& out) {
    // A client of MQTT 3.1 may have named itself in no valid UTF-8.
    const auto write = [&out](const Json& object) {
        out << object.dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    };
    return {.session =
                [write](const core::StoredSession& stored) {
                    write(session(stored));
                    if (!stored.incoming.empty()) write(incoming(stored));
                },
            .queued = [write](const core::SessionRecord& record,
                              const core::QueueRecord& entry) { write(queued(record, entry)); },
            .will = [write](const core::WillRecord& record) { write(will(record)); },
            .retained = [write](const core::RetainedRecord& record) { write(retained(record)); },
            .publication =
                [write](const core::LoggedPublication& logged) { write(publication(logged)); }};
}

}  // namespace godwit::cli
