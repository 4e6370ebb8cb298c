#include "inner_client.hpp"

#include <utility>

#include "godwit/mqtt/encoder.hpp"

namespace godwit::server {

InnerClient::InnerClient(Broker& broker, core::Shard& shard, admin::Receiver receiver)
    : Link(shard.chunks()), broker_(broker), shard_(shard), receiver_(std::move(receiver)) {}

void InnerClient::connect(const std::string& client_id, const std::string& filter, mqtt::Qos qos,
                          const core::Now& now) {
    core::Arrival arrival{.client_id = client_id};
    arrival.identity.superuser = true;
    arrival.origin.address = "admin";
    handle_ = shard_.on_connect(std::move(arrival), *this, now);
    mqtt::append_subscribe(out_, {1, {{filter, qos}}});
    if (!closed_) send(now);
}

void InnerClient::disconnect(const core::Now& now) {
    if (std::exchange(closed_, true)) return;
    shard_.on_disconnect(handle_, core::CloseReason::disconnect, "", now);
}

void InnerClient::close(core::CloseReason reason) {
    if (!std::exchange(closed_, true)) receiver_.ended(core::to_string(reason));
}

void InnerClient::resume() {
    paused_ = false;
    wake_soon();
}

// Nothing may come back into the core from within its own call.
void InnerClient::wake_soon() {
    if (std::exchange(woken_, true)) return;
    broker_.post(shard_.index(), [self = shared_from_this()](core::Shard&, const core::Now& now) {
        self->wake(now);
    });
}

void InnerClient::wake(const core::Now& now) {
    woken_ = false;
    if (closed_) return;
    flush_begins();
    read();
    if (take_drained_wanted()) shard_.on_drained(handle_, now);
    if (!closed_) send(now);
}

void InnerClient::read() {
    mqtt::Bytes piece;
    while (outbox().gather({&piece, 1}) != 0) {
        in_.insert(in_.end(), piece.begin(), piece.end());
        outbox().consume(piece.size());
    }
    mqtt::Bytes rest = in_;
    for (;;) {
        const auto frame = mqtt::next_frame(rest, 0);
        if (!frame || !frame.value()) break;
        take(*frame.value());
        rest = rest.subspan(frame.value()->size);
    }
    in_.erase(in_.begin(), in_.end() - static_cast<std::ptrdiff_t>(rest.size()));
    if (in_.empty()) in_ = {};
}

void InnerClient::take(const mqtt::Frame& frame) {
    using mqtt::PacketType;
    if (frame.type() == PacketType::pubrel) {
        mqtt::append_ack(out_, {PacketType::pubcomp, mqtt::decode_ack(frame).value().packet_id});
    }
    if (frame.type() != PacketType::publish) return;
    const mqtt::Publish publish = mqtt::decode_publish(frame).value();
    receiver_.receive({std::string(publish.topic),
                       {publish.payload.begin(), publish.payload.end()},
                       publish.qos,
                       publish.retain});
    if (publish.qos == mqtt::Qos::at_least_once) {
        mqtt::append_ack(out_, {PacketType::puback, publish.packet_id});
    } else if (publish.qos == mqtt::Qos::exactly_once) {
        mqtt::append_ack(out_, {PacketType::pubrec, publish.packet_id});
    }
}

void InnerClient::send(const core::Now& now) {
    if (out_.empty() || paused_) return;
    const core::Intake intake = shard_.on_bytes(handle_, out_, now);
    if (closed_) return;
    paused_ = intake.paused;
    out_.erase(out_.begin(), out_.begin() + static_cast<std::ptrdiff_t>(intake.consumed));
}

}  // namespace godwit::server
