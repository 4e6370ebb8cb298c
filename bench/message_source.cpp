#include "message_source.hpp"

#include <random>

namespace godwit::bench {

PublishTemplate::PublishTemplate(const PublishFields& fields)
    : topic_(fields.topic), deliveries_(fields.deliveries), noise_(fields.noise) {
    const std::size_t packet_id_bytes = fields.qos != 0 ? 2 : 0;
    const std::size_t length = 2 + topic_.size() + packet_id_bytes + fields.payload_bytes;
    bytes_.assign(5 + length, 'x');
    bytes_[0] = static_cast<std::uint8_t>(0x30 | fields.qos << 1 | (fields.retain ? 1 : 0));
    std::uint8_t* at = write_remaining_length(bytes_.data() + 1, length);
    at = write_string(at, topic_);
    packet_id_offset_ = static_cast<std::size_t>(at - bytes_.data());
    payload_offset_ = packet_id_offset_ + packet_id_bytes;
    bytes_.resize(payload_offset_ + fields.payload_bytes);
}

void PublishTemplate::write_noise(std::uint8_t* payload, const MessageHead& head) const {
    std::minstd_rand random(head.publisher * 1'000'003U + head.sequence + 1);
    std::uint8_t* const end = payload + (bytes_.size() - payload_offset_);
    for (; payload != end; ++payload)
        *payload = static_cast<std::uint8_t>(random() >> 16);
}

}  // namespace godwit::bench
