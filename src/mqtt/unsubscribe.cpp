#include "godwit/mqtt/decoder.hpp"
#include "reader.hpp"
#include "writer.hpp"

namespace godwit::mqtt {

Result<Unsubscribe> decode_unsubscribe(const Frame& frame) {
    Reader reader(frame.body);
    Unsubscribe unsubscribe{reader.packet_id(), {}};
    if (reader.at_end()) reader.fail("UNSUBSCRIBE without a filter");  // [MQTT-3.10.3-2]
    while (!reader.at_end())
        unsubscribe.filters.push_back(reader.topic_filter());
    if (const auto error = reader.finish()) return *error;
    return unsubscribe;
}

void append_unsubscribe(std::vector<std::byte>& out, const Unsubscribe& unsubscribe) {
    std::size_t size = sizeof(PacketId);
    for (const std::string_view filter : unsubscribe.filters)
        size += field_size(filter.size());
    std::byte* at = append_fixed_header(out, PacketType::unsubscribe, size);
    at = write_u16(at, unsubscribe.packet_id);
    for (const std::string_view filter : unsubscribe.filters)
        at = write_field(at, filter);
}

}  // namespace godwit::mqtt
