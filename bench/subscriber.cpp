#include "subscriber.hpp"

namespace godwit::bench {

void Subscriber::on_packet(const Frame& frame) {
    switch (frame.type()) {
        case PacketType::publish: return on_publish(frame);
        case PacketType::pubrel:
            if (unreleased_) unreleased_->reset(read_packet_id(frame));
            return send_ack(PacketType::pubcomp, read_packet_id(frame));
        default: return Connection::on_packet(frame);
    }
}

void Subscriber::on_publish(const Frame& frame) {
    const auto publish = read_publish(frame);
    if (!publish) return loop().count(Counter::malformed);
    if (publish->qos == 1) send_ack(PacketType::puback, publish->packet_id);
    if (publish->qos == 2) {
        send_ack(PacketType::pubrec, publish->packet_id);
        if (!is_new(publish->packet_id)) return loop().count(Counter::redelivered);
    }
    loop().events().on_publish(*this, *publish);
}

// A packet id sent again before its PUBREL is the same message. [MQTT-4.3.3-2]
bool Subscriber::is_new(std::uint16_t packet_id) {
    if (!unreleased_) unreleased_ = std::make_unique<std::bitset<65536>>();
    if (unreleased_->test(packet_id)) return false;
    unreleased_->set(packet_id);
    return true;
}

}  // namespace godwit::bench
