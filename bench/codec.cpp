#include "codec.hpp"

#include <array>

namespace godwit::bench {
namespace {

constexpr std::size_t kFixedHeaderBytesMax = 5;
constexpr int kUserAndPassword = 0xc0;
constexpr std::array<std::uint8_t, 2> kDisconnect = {0xe0, 0};

std::uint8_t* write_byte(std::uint8_t* at, int value) {
    *at++ = static_cast<std::uint8_t>(value);
    return at;
}

}  // namespace

std::uint8_t* write_remaining_length(std::uint8_t* at, std::size_t length) {
    do {
        const std::size_t digit = length & 0x7f;
        length >>= 7;
        *at++ = static_cast<std::uint8_t>(digit | (length != 0 ? 0x80 : 0));
    } while (length != 0);
    return at;
}

std::uint8_t* write_string(std::uint8_t* at, std::string_view text) {
    at = write_uint16(at, static_cast<std::uint16_t>(text.size()));
    std::memcpy(at, text.data(), text.size());
    return at + text.size();
}

void append_connect(ByteBuffer& out, const ConnectFields& fields) {
    const bool has_user = !fields.user_name.empty();
    std::size_t length = 12 + fields.client_id.size();
    if (has_user) length += 4 + fields.user_name.size() + fields.password.size();
    std::uint8_t* const begin = out.room(kFixedHeaderBytesMax + length);
    std::uint8_t* at = write_byte(begin, 0x10);
    at = write_remaining_length(at, length);
    at = write_string(at, "MQTT");
    at = write_byte(at, 4);  // Protocol level. [MQTT-3.1.2-2]
    at = write_byte(at, (has_user ? kUserAndPassword : 0) | (fields.clean_session ? 2 : 0));
    at = write_uint16(at, fields.keep_alive_s);
    at = write_string(at, fields.client_id);
    if (has_user) at = write_string(write_string(at, fields.user_name), fields.password);
    out.commit(static_cast<std::size_t>(at - begin));
}

void append_subscribe(ByteBuffer& out, std::uint16_t packet_id,
                      std::span<const std::string> topic_filters, std::uint8_t qos) {
    std::size_t length = 2;
    for (const std::string& filter : topic_filters)
        length += 3 + filter.size();
    std::uint8_t* const begin = out.room(kFixedHeaderBytesMax + length);
    std::uint8_t* at = write_byte(begin, 0x82);  // [MQTT-3.8.1-1]
    at = write_remaining_length(at, length);
    at = write_uint16(at, packet_id);
    for (const std::string& filter : topic_filters) {
        at = write_string(at, filter);
        at = write_byte(at, qos);
    }
    out.commit(static_cast<std::size_t>(at - begin));
}

void append_disconnect(ByteBuffer& out) {
    out.append(kDisconnect);
}

}  // namespace godwit::bench
