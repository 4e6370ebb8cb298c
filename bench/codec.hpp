// The client's side of MQTT 3.1.1: what the load generator writes, and just enough reading to check
// what comes back. Written apart from the broker's codec on purpose, so that one mistake cannot
// hide in both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "byte_buffer.hpp"

namespace godwit::bench {

enum class PacketType : std::uint8_t {
    connect = 1,
    connack = 2,
    publish = 3,
    puback = 4,
    pubrec = 5,
    pubrel = 6,
    pubcomp = 7,
    subscribe = 8,
    suback = 9,
    unsuback = 11,
    pingresp = 13,
    disconnect = 14,
};

struct Frame {
    std::uint8_t first_byte;
    std::span<const std::uint8_t> body;

    PacketType type() const { return static_cast<PacketType>(first_byte >> 4); }
};

struct FrameResult {
    enum class Status { whole, partial, malformed };

    Status status;
    Frame frame{};          // When whole; a view into the input.
    std::size_t bytes = 0;  // When whole: what the frame takes of the input.
};

// The frame that `input` begins with.
inline FrameResult next_frame(std::span<const std::uint8_t> input) {
    using Status = FrameResult::Status;
    std::size_t length = 0;
    for (unsigned digit = 0; digit < 4; ++digit) {
        if (digit + 2 > input.size()) return {Status::partial};
        const std::uint8_t byte = input[digit + 1];
        length |= static_cast<std::size_t>(byte & 0x7f) << (7 * digit);
        if ((byte & 0x80) != 0) continue;
        const std::size_t header = digit + 2;
        if (input.size() - header < length) return {Status::partial};
        return {Status::whole, {input[0], input.subspan(header, length)}, header + length};
    }
    return {Status::malformed};
}

struct PublishView {
    std::string_view topic;
    std::span<const std::uint8_t> payload;
    std::uint16_t packet_id;  // 0 at QoS 0.
    std::uint8_t qos;
    bool retain;
};

inline std::uint16_t read_uint16(const std::uint8_t* at) {
    return static_cast<std::uint16_t>(at[0] << 8 | at[1]);
}

inline std::uint8_t* write_uint16(std::uint8_t* at, std::uint16_t value) {
    *at++ = static_cast<std::uint8_t>(value >> 8);
    *at++ = static_cast<std::uint8_t>(value & 0xff);
    return at;
}

// Nothing when the lengths do not fit.
inline std::optional<PublishView> read_publish(const Frame& frame) {
    const auto body = frame.body;
    const auto qos = static_cast<std::uint8_t>(frame.first_byte >> 1 & 3);
    if (body.size() < 2) return std::nullopt;
    const std::size_t topic_end = 2u + read_uint16(body.data());
    const std::size_t payload_begin = topic_end + (qos != 0 ? 2 : 0);
    if (payload_begin > body.size()) return std::nullopt;
    const auto* topic = reinterpret_cast<const char*>(body.data() + 2);
    return PublishView{
        .topic = {topic, topic_end - 2},
        .payload = body.subspan(payload_begin),
        .packet_id = qos != 0 ? read_uint16(body.data() + topic_end) : std::uint16_t{0},
        .qos = qos,
        .retain = (frame.first_byte & 1) != 0,
    };
}

// Of PUBACK, PUBREC, PUBREL and PUBCOMP; 0 when the body is too short.
inline std::uint16_t read_packet_id(const Frame& frame) {
    return frame.body.size() < 2 ? std::uint16_t{0} : read_uint16(frame.body.data());
}

inline constexpr std::size_t kAckBytes = 4;

inline void append_ack(ByteBuffer& out, PacketType type, std::uint16_t packet_id) {
    std::uint8_t* at = out.room(kAckBytes);
    const int flags = type == PacketType::pubrel ? 2 : 0;  // [MQTT-3.6.1-1]
    *at++ = static_cast<std::uint8_t>(static_cast<int>(type) << 4 | flags);
    *at++ = 2;
    write_uint16(at, packet_id);
    out.commit(kAckBytes);
}

// Both return the place behind what they wrote. A remaining length takes 4 bytes at most.
std::uint8_t* write_remaining_length(std::uint8_t* at, std::size_t length);
std::uint8_t* write_string(std::uint8_t* at, std::string_view text);

struct ConnectFields {
    std::string_view client_id;
    std::uint16_t keep_alive_s;
    bool clean_session;
    std::string_view user_name = {};  // Without one there is no password. [MQTT-3.1.2-22]
    std::string_view password = {};
};

void append_connect(ByteBuffer& out, const ConnectFields& fields);
void append_subscribe(ByteBuffer& out, std::uint16_t packet_id,
                      std::span<const std::string> topic_filters, std::uint8_t qos);
void append_disconnect(ByteBuffer& out);

}  // namespace godwit::bench
