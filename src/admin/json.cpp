#include "json.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdio>
#include <ctime>

#include "base64.hpp"

namespace godwit::admin {
namespace {

template <typename Value>
Json or_null(const std::optional<Value>& value) {
    return value ? Json(*value) : Json();
}

Json or_null(const std::optional<core::WallTime>& time) {
    return time ? Json(time_text(*time)) : Json();
}

Json or_null(const std::string& text) {
    return text.empty() ? Json() : Json(text);
}

double seconds(core::Duration duration) {
    return std::chrono::duration<double>(duration).count();
}

int number(mqtt::Qos qos) {
    return static_cast<int>(qos);
}

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

Json by_qos(const std::array<std::uint64_t, 3>& counts) {
    return {{"0", counts[0]}, {"1", counts[1]}, {"2", counts[2]}};
}

template <typename Reason, std::size_t kSize>
void add_reasons(Json& json, const std::array<std::uint64_t, kSize>& counts) {
    for (std::size_t i = 0; i < kSize; ++i)
        json[std::string(core::to_string(static_cast<Reason>(i)))] = counts[i];
}

Json by_packet_type(const std::array<std::uint64_t, mqtt::kPacketTypes>& counts) {
    constexpr auto kFirst = static_cast<std::size_t>(mqtt::PacketType::connect);
    constexpr auto kLast = static_cast<std::size_t>(mqtt::PacketType::disconnect);
    Json json;
    for (std::size_t i = kFirst; i <= kLast; ++i)
        json[lower(mqtt::to_string(static_cast<mqtt::PacketType>(i)))] = counts[i];
    return json;
}

Json json_of(const core::DropView& drop) {
    return {{"time", time_text(drop.at)},
            {"reason", core::to_string(drop.reason)},
            {"topic", drop.topic},
            {"qos", number(drop.qos)}};
}

Json json_of(const core::GroupMemberView& member) {
    return {{"client_id", member.client_id},
            {"connected", member.connected},
            {"qos", number(member.qos)},
            {"deliveries", member.deliveries},
            {"inflight_messages", member.inflight_messages}};
}

Json json_of(const core::Explanation::Match& match) {
    return {{"filter", match.filter},
            {"qos", number(match.qos)},
            {"allowed", match.allowed},
            {"acl", or_null(match.rule)}};
}

Json json_of(const ListenerView& listener) {
    return {{"name", listener.name},
            {"address", listener.address},
            {"transport", listener.transport},
            {"tls", listener.tls}};
}

template <typename Item>
Json list_of(const std::vector<Item>& items) {
    Json list = Json::array();
    for (const Item& item : items)
        list.push_back(json_of(item));
    return list;
}

bool is_delivered(core::Explanation::Verdict verdict) {
    using Verdict = core::Explanation::Verdict;
    return verdict == Verdict::subscribed || verdict == Verdict::shared;
}

}  // namespace

std::string to_text(const Json& json) {
    return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string time_text(core::WallTime time) {
    const auto ms =
        std::chrono::duration_cast<std::chrono::milliseconds>(time.time_since_epoch()).count();
    const std::time_t whole =
        std::chrono::system_clock::to_time_t(std::chrono::floor<std::chrono::seconds>(time));
    std::tm parts{};
    gmtime_r(&whole, &parts);
    std::array<char, 40> text{};
    const std::size_t size = std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%S", &parts);
    std::array<char, 8> rest{};
    std::snprintf(rest.data(), rest.size(), ".%03dZ", static_cast<int>((ms % 1000 + 1000) % 1000));
    return std::string(text.data(), size) + rest.data();
}

Json json_of(const NodeView& node) {
    return {{"name", node.name},
            {"version", node.version},
            {"uptime", seconds(node.uptime)},
            {"started_at", time_text(node.started_at)},
            {"threads", node.threads},
            {"listeners", list_of(node.listeners)},
            {"configuration", Json::parse(node.configuration)}};
}

Json json_of(const Totals& totals, core::WallTime now, core::Duration uptime) {
    Json connects{{"accepted", totals.connects_accepted},
                  {"turned_away", totals.connections_turned_away}};
    add_reasons<core::CloseReason>(connects, totals.refused);
    Json closed;
    add_reasons<core::CloseReason>(closed, totals.closed);
    Json dropped;
    add_reasons<core::DropReason>(dropped, totals.messages_dropped);
    return {
        {"time", time_text(now)},
        {"uptime", seconds(uptime)},
        {"connections", totals.connections},
        {"sessions",
         {{"connected", totals.sessions_connected}, {"persistent", totals.sessions_persistent}}},
        {"subscriptions", totals.subscriptions},
        {"shared_subscriptions", totals.shared_subscriptions},
        {"retained_messages", totals.retained_messages},
        {"queued_messages", totals.queued_messages},
        {"inflight_messages", totals.inflight_messages},
        {"messages_received", by_qos(totals.messages_received)},
        {"messages_sent", by_qos(totals.messages_sent)},
        {"messages_dropped", std::move(dropped)},
        {"bytes_received", totals.bytes_received},
        {"bytes_sent", totals.bytes_sent},
        {"packets_received", by_packet_type(totals.packets_received)},
        {"packets_sent", by_packet_type(totals.packets_sent)},
        {"connects", std::move(connects)},
        {"closed", std::move(closed)},
        {"sessions_expired", totals.sessions_expired},
        {"resident_memory", totals.resident_memory}};
}

Json json_of(const core::SessionView& session) {
    const bool is_31 = session.level == mqtt::ProtocolLevel::mqtt31;
    return {{"client_id", session.client_id},
            {"user_name", or_null(session.user_name)},
            {"address", or_null(session.address)},
            {"connected", session.connected},
            {"connected_at", session.connected ? Json(time_text(session.connected_at)) : Json()},
            {"protocol", is_31 ? "3.1" : "3.1.1"},
            {"keep_alive", session.keep_alive},
            {"clean_session", session.clean},
            {"mount_point", session.mount_point},
            {"expires_at", or_null(session.expires_at)},
            {"subscriptions", session.subscriptions},
            {"queued_messages", session.queued_messages},
            {"queued_bytes", session.queued_bytes},
            {"inflight_messages", session.inflight_messages},
            {"awaiting_rel", session.awaiting_rel},
            {"held_messages", session.held_messages},
            {"pauses", session.pauses}};
}

Json json_of(const core::SessionDetail& detail) {
    Json json = json_of(detail.session);
    Json subscriptions = Json::array();
    for (const core::SubscriptionView& one : detail.subscriptions)
        subscriptions.push_back({{"filter", one.filter}, {"qos", number(one.qos)}});
    json["subscriptions"] = std::move(subscriptions);
    json["will"] = detail.will ? Json{{"topic", detail.will->topic},
                                      {"qos", number(detail.will->qos)},
                                      {"retain", detail.will->retain}}
                               : Json();
    json["last_drops"] = list_of(detail.last_drops);
    return json;
}

Json json_of(const core::SubscriptionView& subscription) {
    return {{"client_id", subscription.client_id},
            {"filter", subscription.filter},
            {"qos", number(subscription.qos)},
            {"connected", subscription.connected}};
}

Json json_of(const core::GroupView& group) {
    return {{"group", group.name},
            {"filter", group.filter},
            {"local", group.local},
            {"strategy", group.strategy},
            {"members", list_of(group.members)}};
}

Json json_of(const core::Explanation& explanation, std::string_view topic) {
    const core::SessionView& session = explanation.session;
    Json qos;
    for (const core::Explanation::Match& match : explanation.matches) {
        if (qos.is_null() || qos < number(match.qos)) qos = number(match.qos);
    }
    return {{"client_id", session.client_id},
            {"topic", topic},
            {"delivered", is_delivered(explanation.verdict)},
            {"reason", core::to_string(explanation.verdict)},
            {"matches", list_of(explanation.matches)},
            {"qos", std::move(qos)},
            {"connected", session.connected},
            {"queue",
             {{"queued_messages", session.queued_messages},
              {"queued_bytes", session.queued_bytes},
              {"inflight_messages", session.inflight_messages},
              {"max_inflight", explanation.max_inflight},
              {"full", explanation.queue_full},
              {"held_messages", session.held_messages}}},
            {"retained", explanation.retained},
            {"last_drops", list_of(explanation.last_drops)}};
}

Json json_of(const core::RetainedView& value) {
    return {{"topic", value.topic},
            {"qos", number(value.qos)},
            {"size", value.size},
            {"payload", encode_base64(value.payload)},
            {"truncated", value.payload.size() < value.size},
            {"expires_at", or_null(value.expires_at)}};
}

Json json_of(const ReceivedMessage& message) {
    return {{"topic", message.topic},
            {"payload", encode_base64(message.payload)},
            {"qos", number(message.qos)},
            {"retain", message.retain}};
}

}  // namespace godwit::admin
