// What the encoders share beyond the public encoder.hpp.
#pragma once

#include "godwit/mqtt/encoder.hpp"

namespace godwit::mqtt {

// Makes room at the end of `out` for a packet whose body has `remaining` bytes, writes its fixed
// header and returns where the body belongs. REQUIRES: type is not publish.
std::byte* append_fixed_header(std::vector<std::byte>& out, PacketType type, std::size_t remaining);

// Size and bytes of a field that write_field() writes.
[[nodiscard]] constexpr std::size_t field_size(std::size_t content_size) {
    return 2 + content_size;
}

// Writes two bytes of length and the content. REQUIRES: the length fits them.
std::byte* write_field(std::byte* out, std::string_view content);
std::byte* write_field(std::byte* out, Bytes content);

}  // namespace godwit::mqtt
