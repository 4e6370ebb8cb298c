// PUBACK, PUBREC, PUBREL, PUBCOMP and UNSUBACK: a packet identifier and nothing else.

#include "fixed_header.hpp"
#include "godwit/mqtt/decoder.hpp"
#include "godwit/mqtt/encoder.hpp"
#include "reader.hpp"

namespace godwit::mqtt {

Result<Ack> decode_ack(const Frame& frame) {
    if (frame.body.size() != 2) return malformed("acknowledgement not of two bytes");
    const Ack ack{frame.type(), read_u16(frame.body)};
    if (ack.packet_id == 0) return malformed("packet identifier 0");  // [MQTT-2.3.1-1]
    return ack;
}

FourBytes encode_ack(Ack ack) {
    FourBytes bytes{
        static_cast<std::byte>(static_cast<unsigned>(ack.type) << 4 | fixed_flags(ack.type)),
        std::byte{2}};
    write_u16(&bytes[2], ack.packet_id);
    return bytes;
}

void append_ack(std::vector<std::byte>& out, Ack ack) {
    const FourBytes bytes = encode_ack(ack);
    out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace godwit::mqtt
