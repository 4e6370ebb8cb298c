#include "newcomer.hpp"

#include <algorithm>

#include "worker.hpp"

namespace godwit::net {

namespace {

// How long an authenticator may take for one client.
constexpr std::chrono::seconds kVerdictMax{60};

core::CloseReason reason_of(mqtt::Errc code) {
    switch (code) {
        case mqtt::Errc::malformed_packet: return core::CloseReason::malformed_packet;
        case mqtt::Errc::protocol_violation: return core::CloseReason::protocol_violation;
        case mqtt::Errc::packet_too_large: return core::CloseReason::packet_too_large;
        case mqtt::Errc::unsupported_protocol_level: return core::CloseReason::unsupported_protocol;
    }
    return core::CloseReason::malformed_packet;
}

std::string text_of(mqtt::Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// No valid CONNECT is larger than all its fields at their longest. So much of a packet, and no
// more, is kept for somebody that nobody knows yet.
std::size_t packet_max(const core::MqttSettings& settings) {
    const std::size_t max = settings.max_packet_size;
    return max == 0 ? mqtt::kConnectSizeMax : std::min(max, mqtt::kConnectSizeMax);
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

Newcomer::~Newcomer() {
    if (question_ != 0) worker().forget_asked(question_);
    worker().handshakes().end(*this);
}

// --- Who connects

void Newcomer::start() {
    const Sign& sign = stream().place().sign();
    if (sign.proxy_protocol) {
        if (!sign.trusted_proxies.empty() && !is_trusted(sign.trusted_proxies, address_.ip())) {
            return refuse({std::nullopt, core::CloseReason::proxy_header,
                           "the address is not among the trusted proxies"});
        }
        proxy_header_ = std::make_unique<ProxyHeader>();
    } else if (!stream().is_upgrading()) {
        settle_address();
    }
}

void Newcomer::take_proxy_header() {
    switch (stream().receive(*proxy_header_)) {
        case Stream::Status::ok: break;
        case Stream::Status::blocked: return;
        case Stream::Status::ended:
            return refuse(
                {std::nullopt, core::CloseReason::peer_closed, "before its PROXY header"});
        case Stream::Status::failed: return fail();
    }
    const auto header = std::exchange(proxy_header_, nullptr);
    if (header->state() == ProxyHeader::State::broken) {
        return refuse({std::nullopt, core::CloseReason::proxy_header, header->fault()});
    }
    if (const auto& source = header->source()) address_ = Address(source->address, source->port);
    if (!stream().is_upgrading()) settle_address();
}

// All have spoken that may say where the client comes from. Before anything it says is looked at.
void Newcomer::settle_address() {
    const auto client = forwarded_client(stream().place().sign().trusted_proxies, address_.ip(),
                                         stream().take_forwarded_for());
    if (client) address_ = Address(*client);
    Place& place = stream().place();
    if (place.sign().behind_proxy() && !place.come_from(address_)) {
        refuse({std::nullopt, core::CloseReason::connection_limit,
                "more connections from its address than limits.max_connections_per_address"});
    }
}

// --- What it says

void Newcomer::on_ready(Ready ready) {
    // The poller tells of what follows it: TLS and its memory are for those who have sent some.
    if (proxy_header_) return take_proxy_header();
    if (stream().place().sign().certificates != nullptr && !begin_tls()) return;
    if (!stream().is_shaking_hands()) return take(ready);
    // Where this turn has no time for it any more, the poller tells of it again in the next.
    worker().handshakes().run([&] { take(ready); });
    if (!stream().is_shaking_hands()) worker().handshakes().end(*this);
}

// The client has sent its first bytes, so from now on TLS takes memory. False while too many others
// shake hands.
bool Newcomer::begin_tls() {
    if (stream().has_tls()) return true;
    if (!worker().handshakes().begin(*this)) {
        worker().loop().unwatch(stream().descriptor(), *this);
        return false;
    }
    stream().begin_tls();
    return true;
}

void Newcomer::on_room() {
    worker().loop().watch(stream().descriptor(), *this, EventLoop::Interest::read);
}

void Newcomer::take(Ready ready) {
    if (ready.write && stream().wants_to_send() && stream().flush() == Stream::Status::failed) {
        return fail();
    }
    do {
        receive();
    } while (reads() && stream().has_more());
    if (reads()) update_interest();
}

void Newcomer::receive() {
    const bool was_upgrading = stream().is_upgrading();
    mqtt::Bytes bytes;
    const Stream::Status status = read(bytes);
    if (was_upgrading && !stream().is_upgrading()) settle_address();
    if (gone()) return;
    switch (status) {
        case Stream::Status::ok: return on_bytes(bytes);
        case Stream::Status::blocked: return;
        case Stream::Status::ended:
            return refuse({std::nullopt, core::CloseReason::peer_closed, "before CONNECT"});
        case Stream::Status::failed: return fail();
    }
}

void Newcomer::fail() {
    const Stream::Fault fault = stream().fault();
    refuse({std::nullopt, fault.reason, fault.detail.empty() ? "before CONNECT" : fault.detail});
}

void Newcomer::update_interest() {
    const bool write = stream().wants_to_send();
    if (write == std::exchange(watched_write_, write)) return;
    worker().loop().change(stream().descriptor(), *this,
                           write ? EventLoop::Interest::both : EventLoop::Interest::read);
}

void Newcomer::on_timer() {
    const std::string_view detail =
        question_ == 0 ? "no whole CONNECT in time" : "the authenticator took too long";
    refuse({std::nullopt, core::CloseReason::connect_timeout, detail});
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
    auto frame = mqtt::next_frame(bytes, packet_max(settings));
    if (!frame) return refuse(refusal_of(frame.error()));
    if (!frame.value()) return keep(bytes);

    worker().traffic().connects_received.add();
    auto connect = mqtt::decode_connect(*frame.value(), settings.mqtt31);
    if (!connect) return refuse(refusal_of(connect.error()));
    if (const auto refusal = worker().shard().refuses_newcomers()) {
        return refuse(*refusal, connect->client_id);
    }
    // Until the verdict nothing more is read, and what was read is kept.
    keep(bytes);
    worker().loop().unwatch(stream().descriptor(), *this);
    authenticate(connect.value());
}

void Newcomer::authenticate(const mqtt::Connect& connect) {
    const Sign& sign = stream().place().sign();
    core::Credentials credentials{.client_id = std::string(connect.client_id),
                                  .certified_name = stream().certified_name(),
                                  .host = host(),
                                  .listener = sign.listener,
                                  .anonymous = sign.anonymous};
    if (connect.user_name) credentials.user_name = *connect.user_name;
    if (connect.password) credentials.password = text_of(*connect.password);
    question_ = worker().ask(*this);
    // Its CONNECT came in time; that many others log in just now is not its fault.
    worker().loop().set_timer(*this, worker().now().steady + kVerdictMax);
    auto verdict = worker().authenticator().authenticate(
        std::move(credentials), [&worker = worker(), question = question_](core::Verdict answer) {
            worker.loop().post([&worker, question, answer = std::move(answer)]() mutable {
                worker.on_verdict(question, std::move(answer));
            });
        });
    if (verdict) on_verdict(*std::move(verdict));
}

void Newcomer::on_rules() {
    if (stream().place().stands(true)) return;
    refuse({std::nullopt, core::CloseReason::reconfigured, "its listener is gone or changed"});
}

void Newcomer::on_verdict(core::Verdict verdict) {
    if (gone()) return;
    // Decoded before, and so it can be again.
    const core::MqttSettings& settings = worker().settings().mqtt;
    const auto frame = mqtt::next_frame(kept(), 0);
    const auto connect = mqtt::decode_connect(*frame.value(), settings.mqtt31);
    if (!connect) return refuse(refusal_of(connect.error()));  // mqtt31 is off since
    if (const auto* refusal = std::get_if<core::Refusal>(&verdict)) {
        return refuse(*refusal, connect->client_id);
    }
    enter(connect.value(), std::get<core::Identity>(std::move(verdict)),
          kept().subspan(frame.value()->size));
}

void Newcomer::enter(const mqtt::Connect& connect, core::Identity identity, mqtt::Bytes unread) {
    auto verdict = worker().shard().admit(connect, std::move(identity),
                                          {address_text(), stream().place().sign().mount_point});
    if (const auto* refusal = std::get_if<core::Refusal>(&verdict)) {
        return refuse(*refusal, connect.client_id);
    }
    worker().send_home({std::move(stream()), std::get<core::Arrival>(std::move(verdict)),
                        std::vector<std::byte>(unread.begin(), unread.end())});
    leave();
}

void Newcomer::refuse(const core::Refusal& refusal, std::string_view client_id) {
    if (refusal.connack) worker().send_refusal(stream(), *refusal.connack);
    worker().report_refusal(client_id, address_text(), refusal);
    worker().handshakes().end(*this);
    hang_up(refusal.reason);
}

std::string Newcomer::host() const {
    return address_.ip() ? address_.host() : stream().place().sign().unix_path;
}

std::string Newcomer::address_text() const {
    return address_.ip() ? address_.text() : stream().place().sign().unix_path;
}

}  // namespace godwit::net
