// The fixed header: where a packet begins and ends in a stream of bytes.

#include <array>

#include "fixed_header.hpp"
#include "godwit/mqtt/decoder.hpp"
#include "reader.hpp"

namespace godwit::mqtt {
namespace {

constexpr int kRemainingLengthBitsMax = 28;  // Four digits of seven bits [2.2.3].

constexpr bool is_publish_flags(unsigned flags) {
    const unsigned qos = (flags >> 1) & 3;
    const bool dup = (flags & 8) != 0;
    return qos != 3                // [MQTT-3.3.1-4]
           && !(dup && qos == 0);  // [MQTT-3.3.1-2]
}

// Whether a packet may begin with the byte; one load decides for type and flags together.
constexpr std::array<bool, 256> kFirstByteAllowed = [] {
    std::array<bool, 256> allowed{};
    for (unsigned first = 0; first < allowed.size(); ++first) {
        const auto type = static_cast<PacketType>(first >> 4);
        const unsigned flags = first & 0x0F;
        if (type < PacketType::connect || type > PacketType::disconnect) continue;
        allowed[first] =
            type == PacketType::publish ? is_publish_flags(flags) : flags == fixed_flags(type);
    }
    return allowed;
}();

Error first_byte_error(std::uint8_t first) {
    const auto type = static_cast<PacketType>(first >> 4);
    if (type < PacketType::connect || type > PacketType::disconnect) {
        return malformed("reserved packet type");
    }
    if (type != PacketType::publish) return malformed("fixed header flags not as fixed");
    return (first & 6) == 6 ? malformed("PUBLISH with QoS 3") : malformed("PUBLISH QoS 0 with DUP");
}

}  // namespace

Result<std::optional<Frame>> next_frame(Bytes input, std::size_t packet_size_max) {
    const std::optional<Frame> not_yet_whole;
    if (input.empty()) return not_yet_whole;

    const auto first = std::to_integer<std::uint8_t>(input[0]);
    if (!kFirstByteAllowed[first]) return first_byte_error(first);

    std::size_t remaining = 0;
    std::size_t header_size = 1;
    for (int shift = 0;; shift += 7) {
        if (shift == kRemainingLengthBitsMax) {
            return malformed("remaining length of more than four bytes");
        }
        if (header_size == input.size()) return not_yet_whole;
        const auto digit = std::to_integer<std::size_t>(input[header_size++]);
        remaining |= (digit & 0x7F) << shift;
        if (digit < 0x80) break;
    }

    const std::size_t size = header_size + remaining;
    if (packet_size_max != 0 && size > packet_size_max) {
        return Error{Errc::packet_too_large, "packet larger than the limit"};
    }
    if (input.size() < size) return not_yet_whole;
    return std::optional(Frame{first, input.subspan(header_size, remaining), size});
}

}  // namespace godwit::mqtt
