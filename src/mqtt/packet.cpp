#include "godwit/mqtt/packet.hpp"

#include <array>

namespace godwit::mqtt {

std::string_view to_string(PacketType type) {
    static constexpr std::array<std::string_view, kPacketTypes> kNames{
        "reserved", "CONNECT",  "CONNACK",    "PUBLISH", "PUBACK",      "PUBREC",
        "PUBREL",   "PUBCOMP",  "SUBSCRIBE",  "SUBACK",  "UNSUBSCRIBE", "UNSUBACK",
        "PINGREQ",  "PINGRESP", "DISCONNECT", "reserved"};
    return kNames[static_cast<std::size_t>(type) % kPacketTypes];
}

}  // namespace godwit::mqtt
