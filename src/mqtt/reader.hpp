// What the decoders share to take a packet's body apart.
#pragma once

#include <optional>

#include "godwit/mqtt/error.hpp"
#include "godwit/mqtt/packet.hpp"

namespace godwit::mqtt {

[[nodiscard]] inline Error malformed(std::string_view detail) {
    return {Errc::malformed_packet, detail};
}

// The big-endian number in the first two bytes. REQUIRES: there are two.
[[nodiscard]] inline std::uint16_t read_u16(Bytes bytes) {
    return static_cast<std::uint16_t>(std::to_integer<unsigned>(bytes[0]) << 8 |
                                      std::to_integer<unsigned>(bytes[1]));
}

[[nodiscard]] inline std::string_view as_text(Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Takes a body apart field by field. A field that is missing or not valid makes the reader fail:
// it is then at its end and yields empty fields, so that a decoder need not ask before it finishes.
class Reader {
public:
    explicit Reader(Bytes body) : rest_(body) {}

    std::uint8_t u8();
    std::uint16_t u16();
    PacketId packet_id();             // Not 0 [MQTT-2.3.1-1].
    Bytes binary();                   // As long as the two bytes before it say.
    std::string_view utf8_string();   // [MQTT-1.5.3-1] [MQTT-1.5.3-2]
    std::string_view topic_filter();  // UTF-8 [MQTT-3.8.3-1], not empty [MQTT-4.7.3-1].

    void fail(std::string_view detail);

    [[nodiscard]] bool at_end() const { return rest_.empty(); }
    // What went wrong so far.
    [[nodiscard]] const std::optional<Error>& error() const { return error_; }
    // As error(), after the last field: bytes behind it are an error too.
    [[nodiscard]] std::optional<Error> finish();

private:
    Bytes take(std::size_t size);

    Bytes rest_;
    std::optional<Error> error_;
};

}  // namespace godwit::mqtt
