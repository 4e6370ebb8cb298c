#include "writer.hpp"

#include <cassert>
#include <limits>

#include "fixed_header.hpp"

namespace godwit::mqtt {

std::byte* append_fixed_header(std::vector<std::byte>& out, PacketType type,
                               std::size_t remaining) {
    assert(remaining <= kRemainingLengthMax);
    const std::size_t start = out.size();
    out.resize(start + 1 + remaining_length_size(remaining) + remaining);
    std::byte* body = out.data() + start;
    *body++ = static_cast<std::byte>(static_cast<unsigned>(type) << 4 | fixed_flags(type));
    return write_remaining_length(body, remaining);
}

std::byte* write_field(std::byte* out, std::string_view content) {
    return write_field(out, std::as_bytes(std::span(content)));
}

std::byte* write_field(std::byte* out, Bytes content) {
    assert(content.size() <= std::numeric_limits<std::uint16_t>::max());
    out = write_u16(out, static_cast<std::uint16_t>(content.size()));
    return write_bytes(out, content.data(), content.size());
}

}  // namespace godwit::mqtt
