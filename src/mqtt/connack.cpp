#include "godwit/mqtt/decoder.hpp"
#include "godwit/mqtt/encoder.hpp"
#include "reader.hpp"

namespace godwit::mqtt {

Result<Connack> decode_connack(const Frame& frame) {
    Reader reader(frame.body);
    const unsigned flags = reader.u8();
    const unsigned code = reader.u8();
    if (const auto error = reader.finish()) return *error;
    if (flags > 1) return malformed("CONNACK with reserved flags");  // [MQTT-3.2.2-1]
    if (code > static_cast<unsigned>(ConnackCode::not_authorized)) {
        return malformed("CONNACK with a reserved return code");
    }
    const Connack connack{flags == 1, static_cast<ConnackCode>(code)};
    if (connack.session_present && connack.code != ConnackCode::accepted) {  // [MQTT-3.2.2-4]
        return malformed("CONNACK refuses and says session present");
    }
    return connack;
}

FourBytes encode_connack(Connack connack) {
    return {std::byte{0x20}, std::byte{2}, static_cast<std::byte>(connack.session_present),
            static_cast<std::byte>(connack.code)};
}

}  // namespace godwit::mqtt
