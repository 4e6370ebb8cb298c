// PINGREQ, PINGRESP and DISCONNECT: packets that are a fixed header alone.

#include "godwit/mqtt/decoder.hpp"
#include "reader.hpp"
#include "writer.hpp"

namespace godwit::mqtt {

std::optional<Error> check_empty(const Frame& frame) {
    if (!frame.body.empty()) return malformed("body in a packet that has none");
    return std::nullopt;
}

TwoBytes encode_pingresp() {
    return {std::byte{0xD0}, std::byte{0}};
}

void append_pingreq(std::vector<std::byte>& out) {
    append_fixed_header(out, PacketType::pingreq, 0);
}

void append_disconnect(std::vector<std::byte>& out) {
    append_fixed_header(out, PacketType::disconnect, 0);
}

}  // namespace godwit::mqtt
