// Bytes to packets, in place. next_frame() finds the packets in a stream of bytes that arrives in
// pieces; decode_*() check one whole packet. Nothing is copied; only the lists of SUBSCRIBE,
// UNSUBSCRIBE and SUBACK allocate. Stateless, so any thread may call.
#pragma once

#include <optional>

#include "godwit/mqtt/error.hpp"
#include "godwit/mqtt/packet.hpp"

namespace godwit::mqtt {

// One whole packet: its first byte, what follows the remaining length, and where it ends.
struct Frame {
    std::uint8_t first = 0;
    Bytes body;
    std::size_t size = 0;  // bytes of the whole packet, fixed header included

    [[nodiscard]] PacketType type() const { return static_cast<PacketType>(first >> 4); }
    [[nodiscard]] std::uint8_t flags() const { return first & 0x0F; }
};

// The first packet of `input`; nothing when it is not yet whole. Fails as early as the bytes allow:
// on a bad type or bad fixed flags [MQTT-2.2.2-2], a remaining length of more than four bytes, and
// a packet larger than packet_size_max (whole packet in bytes; 0: no limit), before its body came.
// PUBLISH flags are checked here too: QoS 3 [MQTT-3.3.1-4], DUP with QoS 0 [MQTT-3.3.1-2].
[[nodiscard]] Result<std::optional<Frame>> next_frame(Bytes input, std::size_t packet_size_max);

// Each decodes a frame of the type in its name. REQUIRES: frame.type() is that type, and the frame
// is from next_frame(), which has checked its flags.
// A CONNECT of another protocol name or level gives unsupported_protocol_level, so that the caller
// can answer CONNACK 1; what follows the level is then not looked at. A password without a user
// name is malformed [MQTT-3.1.2-22], and so is a will topic that is no valid topic name.
// `mqtt31_accepted`: MQIsdp level 3 is spoken too, with the two freedoms that MQTT 3.1 gives: a
// flagged user name or password may be missing at the end, and without the will flag the will's QoS
// and retain flags mean nothing.
[[nodiscard]] Result<Connect> decode_connect(const Frame& frame, bool mqtt31_accepted);
// The topic is checked to be a valid topic name: UTF-8, no NUL, no wildcard, not empty
// [MQTT-3.3.2-1] [MQTT-3.3.2-2] [MQTT-4.7.3-1].
[[nodiscard]] Result<Publish> decode_publish(const Frame& frame);
// As decode_publish, but leaves the topic's characters unchecked: for a caller that finds the very
// same bytes among the topics it has checked before, else calls is_topic_name().
[[nodiscard]] Result<Publish> decode_publish_unchecked_topic(const Frame& frame);
// PUBACK, PUBREC, PUBREL, PUBCOMP, UNSUBACK.
[[nodiscard]] Result<Ack> decode_ack(const Frame& frame);
// Filters are checked to be UTF-8 without NUL [MQTT-3.8.3-1]; their wildcards are for
// is_topic_filter() to judge, since a bad one may be refused alone.
[[nodiscard]] Result<Subscribe> decode_subscribe(const Frame& frame);
[[nodiscard]] Result<Unsubscribe> decode_unsubscribe(const Frame& frame);
// PINGREQ, PINGRESP, DISCONNECT: a body is malformed.
[[nodiscard]] std::optional<Error> check_empty(const Frame& frame);

// The client's side of the protocol, for tests, the simulation and fuzzers.
[[nodiscard]] Result<Connack> decode_connack(const Frame& frame);
[[nodiscard]] Result<Suback> decode_suback(const Frame& frame);

}  // namespace godwit::mqtt
