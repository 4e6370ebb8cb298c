// What a broker sends, as values that own their bytes and read well in a failed expectation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <ostream>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/mqtt/decoder.hpp"

namespace godwit::test {

using mqtt::PacketType;
using mqtt::Qos;

inline mqtt::Bytes as_bytes(std::string_view text) {
    return std::as_bytes(std::span(text.data(), text.size()));
}

inline std::string as_text(mqtt::Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A packet from the broker. Members that its type has not are as they are here.
struct Packet {
    PacketType type = PacketType::connack;
    mqtt::PacketId packet_id = 0;
    std::string topic;
    std::string payload;
    Qos qos = Qos::at_most_once;
    bool retain = false;
    bool dup = false;
    bool session_present = false;
    std::vector<std::uint8_t> codes;  // of CONNACK and SUBACK

    friend bool operator==(const Packet&, const Packet&) = default;
};

// Such as `PUBLISH a/b q1 #7 dup retain hello`, `SUBACK 3 [1 128]`, `CONNACK 0 present`, `PUBACK
// 7`.
inline std::string to_text(const Packet& packet) {
    std::string text;
    for (const char c : mqtt::to_string(packet.type))
        text += c;
    if (packet.type == PacketType::publish) {
        text += " " + packet.topic + " q" + std::to_string(static_cast<int>(packet.qos));
        if (packet.packet_id != 0) text += " #" + std::to_string(packet.packet_id);
        if (packet.dup) text += " dup";
        if (packet.retain) text += " retain";
        return text + " " + packet.payload;
    }
    if (packet.packet_id != 0) text += " " + std::to_string(packet.packet_id);
    if (packet.type == PacketType::connack) text += " " + std::to_string(packet.codes.at(0));
    if (packet.session_present) text += " present";
    if (packet.type == PacketType::suback) {
        text += " [";
        for (std::size_t i = 0; i < packet.codes.size(); ++i) {
            text += (i == 0 ? "" : " ") + std::to_string(packet.codes[i]);
        }
        text += "]";
    }
    return text;
}

inline void PrintTo(const Packet& packet, std::ostream* out) {
    *out << to_text(packet);
}

// Takes the first whole packet off `bytes`; nothing while there is none. A packet that no server
// may send ends the process.
inline std::optional<Packet> take_packet(std::vector<std::byte>& bytes) {
    const auto frame = mqtt::next_frame(bytes, 0);
    if (!frame) std::abort();
    if (!frame.value()) return std::nullopt;
    const mqtt::Frame& whole = *frame.value();
    Packet packet{.type = whole.type()};
    switch (whole.type()) {
        case PacketType::connack: {
            const mqtt::Connack connack = mqtt::decode_connack(whole).value();
            packet.session_present = connack.session_present;
            packet.codes = {static_cast<std::uint8_t>(connack.code)};
            break;
        }
        case PacketType::publish: {
            const mqtt::Publish publish = mqtt::decode_publish(whole).value();
            packet.packet_id = publish.packet_id;
            packet.topic = publish.topic;
            packet.payload = as_text(publish.payload);
            packet.qos = publish.qos;
            packet.retain = publish.retain;
            packet.dup = publish.dup;
            break;
        }
        case PacketType::suback: {
            const mqtt::Suback suback = mqtt::decode_suback(whole).value();
            packet.packet_id = suback.packet_id;
            packet.codes = suback.return_codes;
            break;
        }
        case PacketType::puback:
        case PacketType::pubrec:
        case PacketType::pubrel:
        case PacketType::pubcomp:
        case PacketType::unsuback:
            packet.packet_id = mqtt::decode_ack(whole).value().packet_id;
            break;
        case PacketType::pingresp: break;
        default: std::abort();  // only clients send these
    }
    bytes.erase(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(whole.size));
    return packet;
}

}  // namespace godwit::test
