// SUBSCRIBE and its answer.

#include "godwit/mqtt/decoder.hpp"
#include "reader.hpp"
#include "writer.hpp"

namespace godwit::mqtt {

Result<Subscribe> decode_subscribe(const Frame& frame) {
    Reader reader(frame.body);
    Subscribe subscribe{reader.packet_id(), {}};
    if (reader.at_end()) reader.fail("SUBSCRIBE without a filter");  // [MQTT-3.8.3-3]
    while (!reader.at_end()) {
        const std::string_view filter = reader.topic_filter();
        const std::uint8_t qos = reader.u8();
        if (qos > 2) reader.fail("SUBSCRIBE with a QoS above 2");  // [MQTT-3-8.3-4]
        subscribe.requests.push_back({filter, static_cast<Qos>(qos)});
    }
    if (const auto error = reader.finish()) return *error;
    return subscribe;
}

void append_subscribe(std::vector<std::byte>& out, const Subscribe& subscribe) {
    std::size_t size = sizeof(PacketId);
    for (const SubscribeRequest& request : subscribe.requests) {
        size += field_size(request.filter.size()) + sizeof(Qos);
    }
    std::byte* at = append_fixed_header(out, PacketType::subscribe, size);
    at = write_u16(at, subscribe.packet_id);
    for (const SubscribeRequest& request : subscribe.requests) {
        at = write_field(at, request.filter);
        *at++ = static_cast<std::byte>(request.qos);
    }
}

Result<Suback> decode_suback(const Frame& frame) {
    Reader reader(frame.body);
    Suback suback{reader.packet_id(), {}};
    if (reader.at_end()) reader.fail("SUBACK without a return code");
    while (!reader.at_end()) {
        const std::uint8_t code = reader.u8();
        if (code > 2 && code != kSubackFailure) {  // [MQTT-3.9.3-2]
            reader.fail("SUBACK with a reserved return code");
        }
        suback.return_codes.push_back(code);
    }
    if (const auto error = reader.finish()) return *error;
    return suback;
}

std::vector<std::byte> encode_suback(PacketId packet_id,
                                     std::span<const std::uint8_t> return_codes) {
    std::vector<std::byte> out;
    std::byte* at =
        append_fixed_header(out, PacketType::suback, sizeof packet_id + return_codes.size());
    at = write_u16(at, packet_id);
    write_bytes(at, return_codes.data(), return_codes.size());
    return out;
}

}  // namespace godwit::mqtt
