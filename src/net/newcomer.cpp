#include "newcomer.hpp"

#include "godwit/mqtt/encoder.hpp"
#include "worker.hpp"

namespace godwit::net {

namespace {

core::CloseReason reason_of(mqtt::Errc code) {
    switch (code) {
        case mqtt::Errc::malformed_packet: return core::CloseReason::malformed_packet;
        case mqtt::Errc::protocol_violation: return core::CloseReason::protocol_violation;
        case mqtt::Errc::packet_too_large: return core::CloseReason::packet_too_large;
        case mqtt::Errc::unsupported_protocol_level: return core::CloseReason::unsupported_protocol;
    }
    return core::CloseReason::malformed_packet;
}

core::Refusal refusal_of(const mqtt::Error& error) {
    core::Refusal refusal{std::nullopt, reason_of(error.code), error.detail};
    if (error.code == mqtt::Errc::unsupported_protocol_level) {  // [MQTT-3.1.2-2]
        refusal.connack = mqtt::ConnackCode::unacceptable_protocol_version;
    }
    return refusal;
}

}  // namespace

Newcomer::Newcomer(Worker& worker, Accepted accepted)
    : Peer(worker, std::move(accepted.stream)), address_(accepted.address) {
    const core::Duration timeout = worker.settings().mqtt.connect_timeout;
    if (timeout.count() != 0) worker.loop().set_timer(*this, worker.now().steady + timeout);
    worker.loop().watch(stream().descriptor(), *this, EventLoop::Interest::read);
}

void Newcomer::on_ready(Ready) {
    mqtt::Bytes bytes;
    switch (read(bytes)) {
        case Stream::Status::ok: return on_bytes(bytes);
        case Stream::Status::blocked: return;
        case Stream::Status::ended:
            return refuse({std::nullopt, core::CloseReason::peer_closed, "before CONNECT"});
        case Stream::Status::failed:
            return refuse({std::nullopt, core::CloseReason::network_error, "before CONNECT"});
    }
}

void Newcomer::on_timer() {
    refuse({std::nullopt, core::CloseReason::connect_timeout, "no whole CONNECT in time"});
}

void Newcomer::on_stop() {
    refuse({std::nullopt, core::CloseReason::server_stopping, "before CONNECT"});
}

void Newcomer::on_bytes(mqtt::Bytes bytes) {
    const core::MqttSettings& settings = worker().settings().mqtt;
    // Said at once, without waiting for the rest of the packet. [MQTT-3.1.0-1]
    if (static_cast<mqtt::PacketType>(std::to_integer<unsigned>(bytes[0]) >> 4) !=
        mqtt::PacketType::connect) {
        return refuse({std::nullopt, core::CloseReason::protocol_violation,
                       "the first packet is not CONNECT"});
    }
    auto frame = mqtt::next_frame(bytes, settings.max_packet_size);
    if (!frame) return refuse(refusal_of(frame.error()));
    if (!frame.value()) return keep(bytes);

    auto connect = mqtt::decode_connect(*frame.value(), settings.mqtt31);
    if (!connect) return refuse(refusal_of(connect.error()));
    on_connect(connect.value(), bytes.subspan(frame.value()->size));
}

void Newcomer::on_connect(const mqtt::Connect& connect, mqtt::Bytes unread) {
    const Door::Sign& sign = stream().door().sign();
    // Nothing can vouch for a user name yet, so everybody is anonymous.
    if (!sign.anonymous) {
        return refuse({mqtt::ConnackCode::not_authorized, core::CloseReason::not_authorized,
                       "the listener admits no anonymous clients"},
                      connect.client_id);
    }
    auto verdict = worker().shard().admit(connect, {address_text(), sign.mount_point});
    if (const auto* refusal = std::get_if<core::Refusal>(&verdict)) {
        return refuse(*refusal, connect.client_id);
    }
    worker().loop().unwatch(stream().descriptor(), *this);
    worker().send_home({std::move(stream()), std::get<core::Arrival>(std::move(verdict)),
                        std::vector<std::byte>(unread.begin(), unread.end())});
    leave();
}

void Newcomer::refuse(const core::Refusal& refusal, std::string_view client_id) {
    if (refusal.connack) {
        const auto packet = mqtt::encode_connack({.code = *refusal.connack});
        const mqtt::Bytes pieces[] = {packet};
        // Nothing was sent before it, so there is room; where it still fails nobody listens.
        (void)stream().send(pieces);
    }
    worker().report_refusal(client_id, address_text(), refusal);
    hang_up();
}

std::string Newcomer::address_text() const {
    const std::string& path = stream().door().sign().unix_path;
    return path.empty() ? address_.text() : path;
}

}  // namespace godwit::net
