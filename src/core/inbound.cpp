#include "inbound.hpp"

#include <utility>

#include "godwit/mqtt/encoder.hpp"
#include "godwit/mqtt/topic.hpp"

namespace godwit::core {

using mqtt::Frame;
using mqtt::PacketType;
using mqtt::Qos;

namespace {

// What a paused client may still do.
bool acts_during_pause(PacketType type) {
    switch (type) {
        case PacketType::puback:
        case PacketType::pubrec:
        case PacketType::pubrel:
        case PacketType::pubcomp:
        case PacketType::pingreq: return true;
        default: return false;
    }
}

// Whether the packet can be sent on to QoS 0 subscribers byte for byte.
bool is_plain_qos0(const Frame& frame) {
    return frame.first == mqtt::publish_first_byte(Qos::at_most_once, false, false) &&
           frame.size == 1 + mqtt::remaining_length_size(frame.body.size()) + frame.body.size();
}

CloseReason reason_of(mqtt::Errc code) {
    switch (code) {
        case mqtt::Errc::malformed_packet: return CloseReason::malformed_packet;
        case mqtt::Errc::protocol_violation: return CloseReason::protocol_violation;
        case mqtt::Errc::packet_too_large: return CloseReason::packet_too_large;
        case mqtt::Errc::unsupported_protocol_level: return CloseReason::unsupported_protocol;
    }
    return CloseReason::malformed_packet;
}

}  // namespace

// --- Bytes to packets --------------------------------------------------------------------------

Intake Inbound::on_bytes(const ConnectionHandle& connection, mqtt::Bytes bytes) {
    Session* session = context_.sessions.find(connection.session);
    if (session == nullptr || !session->attachment ||
        session->attachment->number != connection.attachment) {
        return {bytes.size(), false};
    }
    Attachment& attachment = *session->attachment;
    if (!attachment.accepted) {  // Nothing behind CONNECT acts before CONNACK.
        attachment.intake_waits = true;
        return {0, true};
    }
    const std::size_t packet_max = context_.settings().mqtt.max_packet_size;
    std::size_t at = 0;
    while (at < bytes.size()) {
        const mqtt::Bytes rest = bytes.subspan(at);
        const auto frame = mqtt::next_frame(rest, packet_max);
        if (!frame) {
            (void)fail(*session, frame.error());
            return {bytes.size(), false};
        }
        if (!frame.value()) break;
        switch (take(*session, *frame.value(), rest.first(frame.value()->size))) {
            case Taken::closed: return {bytes.size(), false};
            case Taken::not_now: attachment.intake_waits = true; return {at, true};
            case Taken::yes: break;
        }
        at += frame.value()->size;
    }
    return {at, false};
}

Inbound::Taken Inbound::take(Session& session, const Frame& frame, mqtt::Bytes packet) {
    Attachment& attachment = *session.attachment;
    const bool waits = attachment.paused() || !attachment.parked.empty();
    if (waits && !acts_during_pause(frame.type())) return park(attachment, packet);
    const Taken taken = dispatch(session, frame, packet);
    if (taken != Taken::not_now) return taken;
    put_off(frame);
    return park(attachment, packet);
}

// It stays where it is and comes again, and counts then.
void Inbound::put_off(const Frame& frame) {
    context_.counters.packets_received[static_cast<std::size_t>(frame.type())].subtract();
}

Inbound::Taken Inbound::park(Attachment& attachment, mqtt::Bytes packet) {
    if (attachment.parked.size() + packet.size() > kParkMax) return Taken::not_now;
    attachment.parked.insert(attachment.parked.end(), packet.begin(), packet.end());
    return Taken::yes;
}

// The end comes in its turn, behind what is parked; but it cancels a message that is held.
void Inbound::on_end(Session& session) {
    if (session.attachment->parked.empty() || session.attachment->held != 0) {
        (void)close(session, CloseReason::peer_closed, "");
    } else {
        session.attachment->ended = true;
    }
}

void Inbound::resume(Session& session) {
    if (!session.attachment || session.attachment->paused()) return;
    Attachment& attachment = *session.attachment;
    const std::vector<std::byte> parked = std::exchange(attachment.parked, {});
    mqtt::Bytes rest = parked;
    while (!rest.empty() && !attachment.paused()) {
        const auto frame = mqtt::next_frame(rest, 0);
        const Taken taken = dispatch(session, *frame.value(), rest.first(frame.value()->size));
        if (taken == Taken::closed) return;
        if (taken == Taken::not_now) {
            put_off(*frame.value());
            break;
        }
        rest = rest.subspan(frame.value()->size);
    }
    attachment.parked.assign(rest.begin(), rest.end());
    if (attachment.ended && (rest.empty() || attachment.held != 0)) return on_end(session);
    if (rest.empty() && std::exchange(attachment.intake_waits, false)) attachment.link->resume();
}

Inbound::Taken Inbound::dispatch(Session& session, const Frame& frame, mqtt::Bytes packet) {
    context_.counters.packets_received[static_cast<std::size_t>(frame.type())].add();
    switch (frame.type()) {
        case PacketType::publish: return on_publish(session, frame, packet);
        case PacketType::puback:
        case PacketType::pubrec:
        case PacketType::pubcomp:
        case PacketType::pubrel: return on_ack(session, frame);
        case PacketType::subscribe: return on_subscribe(session, frame);
        case PacketType::unsubscribe: return on_unsubscribe(session, frame);
        case PacketType::pingreq: return on_pingreq(session, frame);
        case PacketType::disconnect: return on_disconnect(session, frame);
        case PacketType::connect:  // [MQTT-3.1.0-2]
            return close(session, CloseReason::protocol_violation, "second CONNECT");
        default: break;
    }
    return close(session, CloseReason::protocol_violation, "a packet only servers send");
}

Inbound::Taken Inbound::fail(Session& session, const mqtt::Error& error) {
    return close(session, reason_of(error.code), error.detail);  // [MQTT-4.8.0-1]
}

Inbound::Taken Inbound::close(Session& session, CloseReason reason, std::string_view detail) {
    clients_.close(session, reason, detail);
    return Taken::closed;
}

// --- PUBLISH -----------------------------------------------------------------------------------

Inbound::Taken Inbound::on_publish(Session& session, const Frame& frame, mqtt::Bytes packet) {
    const auto decoded = mqtt::decode_publish_unchecked_topic(frame);
    if (!decoded) return fail(session, decoded.error());
    const mqtt::Publish& publish = decoded.value();
    const MqttSettings& settings = context_.settings().mqtt;
    const RouteCache::Route* route = find_route(session, publish.topic);
    if (route == nullptr) {  // [MQTT-3.3.2-2]
        return close(session, CloseReason::malformed_packet, "invalid topic name");
    }
    if (publish.qos > settings.max_qos) {
        return close(session, CloseReason::qos_not_supported, "PUBLISH above mqtt.max_qos");
    }
    const std::string_view topic = route->target.topic;
    if (topic.size() > settings.max_topic_length ||
        (topic.size() >= settings.max_topic_levels &&
         mqtt::level_count(topic) > settings.max_topic_levels)) {
        return close(session, CloseReason::topic_too_long, "topic too long or too deep");
    }
    const bool limited = limits_.in_force();
    if (limited) {
        if (const auto taken = hold_off(session, publish, packet.size())) return *taken;
    }
    if (publish.qos == Qos::exactly_once) {
        if (is_repeated(session, publish)) return Taken::yes;
        if (session.incoming.size() >= context_.settings().session.max_awaiting_rel) {
            return close(session, CloseReason::too_many_awaiting_rel,
                         "more QoS 2 messages without PUBREL than session.max_awaiting_rel");
        }
        session.incoming.push_back({publish.packet_id});
    }
    const Taken taken =
        this->publish(session, publish, *route, is_plain_qos0(frame) ? packet : mqtt::Bytes{});
    if (taken == Taken::not_now) {
        if (publish.qos == Qos::exactly_once) session.incoming.pop_back();
        return taken;
    }
    context_.counters.messages_received[static_cast<std::size_t>(publish.qos)].add();
    if (limited && taken == Taken::yes) limits_.count(session, packet.size());
    return taken;
}

// What becomes of a PUBLISH that the limits do not let through; nothing: they do.
std::optional<Inbound::Taken> Inbound::hold_off(Session& session, const mqtt::Publish& publish,
                                                std::size_t bytes) {
    switch (limits_.judge(session, publish.qos, bytes)) {
        case PublishLimits::Verdict::take: break;
        case PublishLimits::Verdict::wait: return Taken::not_now;
        case PublishLimits::Verdict::drop:
            context_.counters.messages_received[static_cast<std::size_t>(publish.qos)].add();
            drop_publish(session, publish, DropReason::memory);
            return Taken::yes;
    }
    return std::nullopt;
}

const RouteCache::Route* Inbound::find_route(const Session& session, std::string_view topic) {
    if (session.mount_point().empty()) return routes_.find(topic);
    if (!mqtt::is_topic_name(topic)) return nullptr;
    mounted_route_.target = parse_publish_topic(topic);
    mounted_topic_.assign(session.mount_point()).append(mounted_route_.target.topic);
    mounted_route_.target.topic = mounted_topic_;
    mounted_route_.nodes.clear();
    context_.commons.router.match(mounted_topic_, mounted_route_.nodes);
    return &mounted_route_;
}

// A QoS 2 message whose id is known is the same message again: it is not delivered anew, but its
// PUBREC may have been lost [MQTT-4.3.3-2].
bool Inbound::is_repeated(Session& session, const mqtt::Publish& publish) {
    IncomingId* id = session.find_incoming(publish.packet_id);
    if (id == nullptr) return false;
    const mqtt::Ack pubrec{PacketType::pubrec, publish.packet_id};
    if (!id->pending) {
        publications_.owe(session, pubrec, true);
    } else if (id->attachment != session.attachment->number) {
        id->attachment = session.attachment->number;
        id->ack_number = publications_.owe(session, pubrec, false);
    }
    return true;
}

Inbound::Taken Inbound::publish(Session& session, const mqtt::Publish& publish,
                                const RouteCache::Route& route, mqtt::Bytes wire) {
    using Kind = PublishTarget::Kind;
    const PublishTarget& target = route.target;
    if (target.kind == Kind::reserved || !context_.rights.may_publish(session, target.topic)) {
        return deny_publish(session, publish);
    }
    if (target.kind == Kind::nowhere) {
        drop_publish(session, publish, DropReason::not_routable);
        return Taken::yes;
    }
    const bool ordinary = target.kind == Kind::ordinary;
    const bool retain = publish.retain && ordinary && context_.settings().retained.enabled;
    // A $local/ or mounted topic is not the one in the packet.
    const bool as_it_is = ordinary && session.owner == nullptr;
    const bool taken = publications_.publish(session, target.topic, route.nodes, publish, retain,
                                             as_it_is ? wire : mqtt::Bytes{});
    return taken ? Taken::yes : Taken::not_now;
}

Inbound::Taken Inbound::deny_publish(Session& session, const mqtt::Publish& publish) {
    if (context_.settings().access.on_denied_publish == DeniedPublish::disconnect) {
        context_.drop(session, DropReason::denied, publish.topic, publish.qos);
        // It may come again, and is then denied anew.
        if (publish.qos == Qos::exactly_once) session.incoming.pop_back();
        return close(session, CloseReason::not_authorized, "a PUBLISH that the ACL denies");
    }
    drop_publish(session, publish, DropReason::denied);
    return Taken::yes;
}

// Acknowledged, delivered to nobody, counted.
void Inbound::drop_publish(Session& session, const mqtt::Publish& publish, DropReason reason) {
    context_.drop(session, reason, publish.topic, publish.qos);
    if (publish.qos == Qos::at_most_once) return;
    if (publish.qos == Qos::exactly_once) session.incoming.back().pending = false;
    const auto type = publish.qos == Qos::at_least_once ? PacketType::puback : PacketType::pubrec;
    publications_.owe(session, {type, publish.packet_id}, true);
}

// --- The rest ----------------------------------------------------------------------------------

Inbound::Taken Inbound::on_ack(Session& session, const Frame& frame) {
    const auto ack = mqtt::decode_ack(frame);
    if (!ack) return fail(session, ack.error());
    if (ack->type == PacketType::pubrel) {
        publications_.release(session, ack->packet_id);
        return Taken::yes;
    }
    outbound_.on_ack(session, ack.value());
    subscriptions_.resume_replays(session);
    return Taken::yes;
}

Inbound::Taken Inbound::on_subscribe(Session& session, const Frame& frame) {
    if (subscriptions_.has_many_replays(session)) {
        publications_.pause(session, Pause::replays);
        return Taken::not_now;
    }
    const auto packet = mqtt::decode_subscribe(frame);
    if (!packet) return fail(session, packet.error());
    subscriptions_.subscribe(session, packet.value());
    return Taken::yes;
}

Inbound::Taken Inbound::on_unsubscribe(Session& session, const Frame& frame) {
    const auto packet = mqtt::decode_unsubscribe(frame);
    if (!packet) return fail(session, packet.error());
    subscriptions_.unsubscribe(session, packet.value());
    return Taken::yes;
}

Inbound::Taken Inbound::on_pingreq(Session& session, const Frame& frame) {
    if (const auto error = mqtt::check_empty(frame)) return fail(session, *error);
    Link& link = *session.attachment->link;
    link.outbox().append(mqtt::encode_pingresp());  // [MQTT-3.12.4-1]
    link.flush_soon();
    context_.count_sent(PacketType::pingresp);
    return Taken::yes;
}

Inbound::Taken Inbound::on_disconnect(Session& session, const Frame& frame) {
    if (const auto error = mqtt::check_empty(frame)) return fail(session, *error);
    return close(session, CloseReason::disconnect, "");
}

}  // namespace godwit::core
