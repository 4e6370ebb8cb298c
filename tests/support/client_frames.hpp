// WebSocket frames as a client sends them, right or wrong.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace godwit::test {

struct ClientFrame {
    unsigned opcode = 2;
    std::string_view payload;
    bool final = true;
    unsigned reserved = 0;          // bits 0x70 of the first byte
    std::size_t length_bytes = 99;  // 0, 2 or 8 behind the short length; 99: as few as do
    bool masked = true;
    std::array<unsigned char, 4> mask = {0x37, 0xfa, 0x21, 0x3d};
};

inline std::string bytes_of(const ClientFrame& frame) {
    const std::size_t size = frame.payload.size();
    std::size_t length_bytes = frame.length_bytes;
    if (length_bytes == 99) length_bytes = size < 126 ? 0 : size < 65536 ? 2 : 8;

    std::string bytes;
    bytes += static_cast<char>((frame.final ? 0x80 : 0) | frame.reserved | frame.opcode);
    const std::size_t first = length_bytes == 0 ? size : length_bytes == 2 ? 126 : 127;
    bytes += static_cast<char>((frame.masked ? 0x80 : 0) | first);
    for (std::size_t i = length_bytes; i > 0; --i)
        bytes += static_cast<char>(std::uint64_t{size} >> (8 * (i - 1)) & 0xff);
    if (!frame.masked) return bytes += frame.payload;
    for (const unsigned char byte : frame.mask)
        bytes += static_cast<char>(byte);
    for (std::size_t i = 0; i < size; ++i)
        bytes += static_cast<char>(frame.payload[i] ^ frame.mask[i % 4]);
    return bytes;
}

inline std::string close_payload(unsigned code, std::string_view reason = {}) {
    std::string payload;
    payload += static_cast<char>(code >> 8);
    payload += static_cast<char>(code & 0xff);
    return payload += reason;
}

inline constexpr std::string_view kUpgradeRequest =
    "GET /mqtt HTTP/1.1\r\n"
    "Host: broker.example:8083\r\n"
    "Upgrade: websocket\r\n"
    "Connection: keep-alive, Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: mqtt\r\n"
    "Sec-WebSocket-Version: 13\r\n"
    "\r\n";

}  // namespace godwit::test
