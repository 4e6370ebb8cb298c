// CONNECT: the first packet of a client, and the only one whose layout depends on its level.

#include "godwit/mqtt/decoder.hpp"
#include "godwit/mqtt/topic.hpp"
#include "reader.hpp"
#include "writer.hpp"

namespace godwit::mqtt {
namespace {

constexpr unsigned kReserved = 0x01;
constexpr unsigned kCleanSession = 0x02;
constexpr unsigned kWill = 0x04;
constexpr unsigned kWillQos = 0x18;
constexpr unsigned kWillQosShift = 3;
constexpr unsigned kWillRetain = 0x20;
constexpr unsigned kPassword = 0x40;
constexpr unsigned kUserName = 0x80;

constexpr std::size_t kLevelFlagsAndKeepAliveSize = 4;

constexpr std::string_view protocol_name(ProtocolLevel level) {
    return level == ProtocolLevel::mqtt31 ? "MQIsdp" : "MQTT";
}

// Nothing for a protocol that we do not speak, which is no fault of the packet.
std::optional<ProtocolLevel> protocol_level(std::string_view name, unsigned level,
                                            bool mqtt31_accepted) {
    const auto is = [&](ProtocolLevel known) {
        return name == protocol_name(known) && level == static_cast<unsigned>(known);
    };
    if (is(ProtocolLevel::mqtt311)) return ProtocolLevel::mqtt311;
    if (mqtt31_accepted && is(ProtocolLevel::mqtt31)) return ProtocolLevel::mqtt31;
    return std::nullopt;
}

std::optional<Error> check_flags(unsigned flags, ProtocolLevel level) {
    if ((flags & kReserved) != 0) {  // [MQTT-3.1.2-3]
        return malformed("CONNECT with its reserved flag");
    }
    if ((flags & kWill) != 0) {
        if ((flags & kWillQos) == kWillQos) return malformed("will of QoS 3");  // [MQTT-3.1.2-14]
    } else if (level != ProtocolLevel::mqtt31 && (flags & (kWillQos | kWillRetain)) != 0) {
        // MQTT 3.1 disregards them. [MQTT-3.1.2-11] [MQTT-3.1.2-13] [MQTT-3.1.2-15]
        return malformed("QoS or retain flag of a will without a will");
    }
    if ((flags & kPassword) != 0 && (flags & kUserName) == 0) {  // [MQTT-3.1.2-22]
        return malformed("password without a user name");
    }
    return std::nullopt;
}

Will read_will(Reader& reader, unsigned flags) {
    Will will;
    will.topic = reader.utf8_string();  // [MQTT-3.1.3-10]
    if (!reader.error() && !is_topic_name(will.topic)) reader.fail("will topic not to publish to");
    will.payload = reader.binary();
    will.qos = static_cast<Qos>((flags & kWillQos) >> kWillQosShift);
    will.retain = (flags & kWillRetain) != 0;
    return will;
}

unsigned flags_of(const Connect& connect) {
    unsigned flags = connect.clean_session ? kCleanSession : 0;
    if (const auto& will = connect.will) {
        flags |= kWill | static_cast<unsigned>(will->qos) << kWillQosShift;
        if (will->retain) flags |= kWillRetain;
    }
    if (connect.user_name) flags |= kUserName;
    if (connect.password) flags |= kPassword;
    return flags;
}

std::size_t body_size(const Connect& connect) {
    std::size_t size = field_size(protocol_name(connect.level).size()) +
                       kLevelFlagsAndKeepAliveSize + field_size(connect.client_id.size());
    if (const auto& will = connect.will) {
        size += field_size(will->topic.size()) + field_size(will->payload.size());
    }
    if (connect.user_name) size += field_size(connect.user_name->size());
    if (connect.password) size += field_size(connect.password->size());
    return size;
}

}  // namespace

Result<Connect> decode_connect(const Frame& frame, bool mqtt31_accepted) {
    Reader reader(frame.body);
    const std::string_view name = reader.utf8_string();
    const unsigned level_byte = reader.u8();
    if (const auto& error = reader.error()) return *error;
    // Before anything else is looked at: another level has another layout.
    const auto level = protocol_level(name, level_byte, mqtt31_accepted);
    if (!level) {
        return Error{Errc::unsupported_protocol_level, "protocol name or level not supported"};
    }

    const unsigned flags = reader.u8();
    if (const auto error = check_flags(flags, *level)) return *error;

    Connect connect;
    connect.level = *level;
    connect.clean_session = (flags & kCleanSession) != 0;
    connect.keep_alive = reader.u16();
    connect.client_id = reader.utf8_string();  // [MQTT-3.1.3-4]
    if ((flags & kWill) != 0) connect.will = read_will(reader, flags);
    // MQTT 3.1: "the Remaining Length takes precedence over the User Name flag", so that a CONNECT
    // that ends where the user name or the password would begin is valid and has none.
    const auto present = [&](unsigned flag) {
        return (flags & flag) != 0 && !(*level == ProtocolLevel::mqtt31 && reader.at_end());
    };
    if (present(kUserName)) connect.user_name = reader.utf8_string();  // [MQTT-3.1.3-11]
    if (present(kPassword)) connect.password = reader.binary();
    if (const auto error = reader.finish()) return *error;
    return connect;
}

void append_connect(std::vector<std::byte>& out, const Connect& connect) {
    std::byte* at = append_fixed_header(out, PacketType::connect, body_size(connect));
    at = write_field(at, protocol_name(connect.level));
    *at++ = static_cast<std::byte>(connect.level);
    *at++ = static_cast<std::byte>(flags_of(connect));
    at = write_u16(at, connect.keep_alive);
    at = write_field(at, connect.client_id);
    if (const auto& will = connect.will) {
        at = write_field(at, will->topic);
        at = write_field(at, will->payload);
    }
    if (connect.user_name) at = write_field(at, *connect.user_name);
    if (connect.password) write_field(at, *connect.password);
}

}  // namespace godwit::mqtt
