// Any packet through the codec and back: what the vectors' tests and the fuzzer share.
#pragma once

#include <utility>
#include <vector>

#include "godwit/mqtt/decoder.hpp"
#include "godwit/mqtt/encoder.hpp"

namespace godwit::mqtt::test {

using Encoded = std::vector<std::byte>;

template <typename Packet, typename Encode>
Result<Encoded> encode_if_decoded(const Result<Packet>& packet, Encode encode) {
    if (!packet) return packet.error();
    Encoded out;
    encode(out, packet.value());
    return out;
}

// Decodes the frame as what its type says it is, and encodes the packet again.
inline Result<Encoded> reencode(const Frame& frame) {
    const auto append = [](Encoded& out, const auto& bytes) {
        out.insert(out.end(), bytes.begin(), bytes.end());
    };
    switch (frame.type()) {
        case PacketType::connect:
            return encode_if_decoded(decode_connect(frame, true), append_connect);
        case PacketType::connack:
            return encode_if_decoded(decode_connack(frame), [&](Encoded& out, Connack connack) {
                append(out, encode_connack(connack));
            });
        case PacketType::publish: return encode_if_decoded(decode_publish(frame), append_publish);
        case PacketType::puback:
        case PacketType::pubrec:
        case PacketType::pubrel:
        case PacketType::pubcomp:
        case PacketType::unsuback: return encode_if_decoded(decode_ack(frame), append_ack);
        case PacketType::subscribe:
            return encode_if_decoded(decode_subscribe(frame), append_subscribe);
        case PacketType::suback:
            return encode_if_decoded(decode_suback(frame), [&](Encoded& out, const Suback& suback) {
                append(out, encode_suback(suback.packet_id, suback.return_codes));
            });
        case PacketType::unsubscribe:
            return encode_if_decoded(decode_unsubscribe(frame), append_unsubscribe);
        case PacketType::pingreq:
        case PacketType::pingresp:
        case PacketType::disconnect: break;
    }
    if (const auto error = check_empty(frame)) return *error;
    Encoded out;
    if (frame.type() == PacketType::pingreq) append_pingreq(out);
    if (frame.type() == PacketType::pingresp) append(out, encode_pingresp());
    if (frame.type() == PacketType::disconnect) append_disconnect(out);
    return out;
}

}  // namespace godwit::mqtt::test
