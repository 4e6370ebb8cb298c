// The packets of MQTT 3.1 and 3.1.1 as values. Decoded packets are views into the bytes they were
// decoded from and live no longer than those bytes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace godwit::mqtt {

using Bytes = std::span<const std::byte>;
using PacketId = std::uint16_t;  // Never 0 in a valid packet [MQTT-2.3.1-1].

enum class PacketType : std::uint8_t {
    connect = 1,
    connack,
    publish,
    puback,
    pubrec,
    pubrel,
    pubcomp,
    subscribe,
    suback,
    unsubscribe,
    unsuback,
    pingreq,
    pingresp,
    disconnect,
};
inline constexpr std::size_t kPacketTypes = 16;  // Size of a table indexed by PacketType.

[[nodiscard]] std::string_view to_string(PacketType type);

enum class Qos : std::uint8_t { at_most_once = 0, at_least_once = 1, exactly_once = 2 };

// The protocol level a connection speaks; a value on the connection, so that 5 can join later.
enum class ProtocolLevel : std::uint8_t { mqtt31 = 3, mqtt311 = 4 };

enum class ConnackCode : std::uint8_t {
    accepted = 0,
    unacceptable_protocol_version = 1,
    identifier_rejected = 2,
    server_unavailable = 3,
    bad_user_name_or_password = 4,
    not_authorized = 5,
};

struct Will {
    std::string_view topic;
    Bytes payload;
    Qos qos = Qos::at_most_once;
    bool retain = false;
};

// Bytes of the largest valid CONNECT: fixed header, protocol name, level, flags, keep-alive, and
// five fields of 65,535 bytes. [MQTT-3.1.3-1]
inline constexpr std::size_t kConnectSizeMax = 5 + (2 + 6) + 1 + 1 + 2 + 5UL * (2 + 65'535);

struct Connect {
    ProtocolLevel level = ProtocolLevel::mqtt311;
    bool clean_session = true;
    std::uint16_t keep_alive = 0;  // seconds; 0: none [MQTT-3.1.2-24]
    std::string_view client_id;    // may be empty; what that means is for the server to decide
    std::optional<Will> will;
    std::optional<std::string_view> user_name;
    std::optional<Bytes> password;
};

struct Publish {
    std::string_view topic;
    Bytes payload;
    PacketId packet_id = 0;  // 0 exactly when qos is at_most_once
    Qos qos = Qos::at_most_once;
    bool retain = false;
    bool dup = false;
};

// PUBACK, PUBREC, PUBREL, PUBCOMP and UNSUBACK: a type and a packet id.
struct Ack {
    PacketType type;
    PacketId packet_id;

    friend bool operator==(const Ack&, const Ack&) = default;
};

struct SubscribeRequest {
    std::string_view filter;
    Qos qos;
};

struct Subscribe {
    PacketId packet_id;
    std::vector<SubscribeRequest> requests;  // At least one [MQTT-3.8.3-3].
};

struct Unsubscribe {
    PacketId packet_id;
    std::vector<std::string_view> filters;  // At least one [MQTT-3.10.3-2].
};

inline constexpr std::uint8_t kSubackFailure = 0x80;

// Packets a server sends, seen from a client: for tests, the simulation and the load generator.
struct Connack {
    bool session_present = false;
    ConnackCode code = ConnackCode::accepted;
};

struct Suback {
    PacketId packet_id;
    std::vector<std::uint8_t> return_codes;
};

}  // namespace godwit::mqtt
