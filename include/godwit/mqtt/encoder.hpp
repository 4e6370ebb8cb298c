// Packets to bytes. Sizes are known before anything is written, so that the caller can reserve the
// room once and packets are written where they are sent from.
#pragma once

#include <array>
#include <cstring>
#include <string>
#include <vector>

#include "godwit/mqtt/packet.hpp"

namespace godwit::mqtt {

inline constexpr std::size_t kRemainingLengthMax = 268'435'455;  // four bytes of seven bits each
inline constexpr std::size_t kFixedHeaderMax = 5;

// Bytes that the remaining length takes: 1 to 4.
[[nodiscard]] constexpr std::size_t remaining_length_size(std::size_t remaining) {
    return remaining < 128 ? 1 : remaining < 16'384 ? 2 : remaining < 2'097'152 ? 3 : 4;
}

// Writes the remaining length and returns the byte behind it.
inline std::byte* write_remaining_length(std::byte* out, std::size_t remaining) {
    do {
        auto digit = static_cast<std::uint8_t>(remaining & 0x7F);
        remaining >>= 7;
        *out++ = static_cast<std::byte>(remaining != 0 ? digit | 0x80 : digit);
    } while (remaining != 0);
    return out;
}

inline std::byte* write_u16(std::byte* out, std::uint16_t value) {
    *out++ = static_cast<std::byte>(value >> 8);
    *out++ = static_cast<std::byte>(value & 0xFF);
    return out;
}

inline std::byte* write_bytes(std::byte* out, const void* data, std::size_t size) {
    if (size != 0) std::memcpy(out, data, size);
    return out + size;
}

[[nodiscard]] constexpr std::uint8_t publish_first_byte(Qos qos, bool retain, bool dup) {
    return static_cast<std::uint8_t>((static_cast<unsigned>(PacketType::publish) << 4) |
                                     (dup ? 8U : 0U) | (static_cast<unsigned>(qos) << 1) |
                                     (retain ? 1U : 0U));
}

// Size of the PUBLISH up to its payload: fixed header, topic, packet id where the QoS has one.
[[nodiscard]] constexpr std::size_t publish_header_size(std::size_t topic_size,
                                                        std::size_t payload_size, Qos qos) {
    const std::size_t variable = 2 + topic_size + (qos == Qos::at_most_once ? 0 : 2);
    return 1 + remaining_length_size(variable + payload_size) + variable;
}

// Writes a PUBLISH up to its payload and returns the byte behind it, where the payload belongs.
// REQUIRES: room for publish_header_size(); the packet fits kRemainingLengthMax.
inline std::byte* write_publish_header(std::byte* out, std::string_view topic,
                                       std::size_t payload_size, Qos qos, bool retain, bool dup,
                                       PacketId packet_id) {
    *out++ = static_cast<std::byte>(publish_first_byte(qos, retain, dup));
    const bool with_id = qos != Qos::at_most_once;
    out = write_remaining_length(out, 2 + topic.size() + (with_id ? 2U : 0U) + payload_size);
    out = write_u16(out, static_cast<std::uint16_t>(topic.size()));
    out = write_bytes(out, topic.data(), topic.size());
    return with_id ? write_u16(out, packet_id) : out;
}

using FourBytes = std::array<std::byte, 4>;
using TwoBytes = std::array<std::byte, 2>;

[[nodiscard]] FourBytes encode_ack(Ack ack);  // PUBREL carries its fixed flags [MQTT-3.6.1-1].
[[nodiscard]] FourBytes encode_connack(Connack connack);
[[nodiscard]] TwoBytes encode_pingresp();
[[nodiscard]] std::vector<std::byte> encode_suback(PacketId packet_id,
                                                   std::span<const std::uint8_t> return_codes);

// The client's side of the protocol, for tests, the simulation and fuzzers. They append to `out`.
void append_connect(std::vector<std::byte>& out, const Connect& connect);
void append_publish(std::vector<std::byte>& out, const Publish& publish);
void append_ack(std::vector<std::byte>& out, Ack ack);
void append_subscribe(std::vector<std::byte>& out, const Subscribe& subscribe);
void append_unsubscribe(std::vector<std::byte>& out, const Unsubscribe& unsubscribe);
void append_pingreq(std::vector<std::byte>& out);
void append_disconnect(std::vector<std::byte>& out);

}  // namespace godwit::mqtt
