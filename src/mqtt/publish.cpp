#include "godwit/mqtt/decoder.hpp"
#include "godwit/mqtt/encoder.hpp"
#include "godwit/mqtt/topic.hpp"
#include "reader.hpp"

namespace godwit::mqtt {

// By hand and not with a Reader: this is the hot path.
Result<Publish> decode_publish_unchecked_topic(const Frame& frame) {
    const Bytes body = frame.body;
    if (body.size() < 2) return malformed("PUBLISH without a topic");
    const std::size_t topic_end = 2 + std::size_t{read_u16(body)};
    const auto qos = static_cast<Qos>((frame.first >> 1) & 3);
    const std::size_t header_size = topic_end + (qos == Qos::at_most_once ? 0 : 2);
    if (body.size() < header_size) return malformed("PUBLISH ends before its payload");

    Publish publish;
    publish.topic = as_text(body.subspan(2, topic_end - 2));
    publish.payload = body.subspan(header_size);
    publish.qos = qos;
    publish.retain = (frame.first & 1) != 0;
    publish.dup = (frame.first & 8) != 0;
    if (qos != Qos::at_most_once) {
        publish.packet_id = read_u16(body.subspan(topic_end));
        if (publish.packet_id == 0) return malformed("packet identifier 0");  // [MQTT-2.3.1-1]
    }
    return publish;
}

Result<Publish> decode_publish(const Frame& frame) {
    Result<Publish> publish = decode_publish_unchecked_topic(frame);
    if (publish.ok() && !is_topic_name(publish->topic)) {
        return malformed("topic empty, with a wildcard or a NUL, or not UTF-8");
    }
    return publish;
}

void append_publish(std::vector<std::byte>& out, const Publish& publish) {
    const std::size_t start = out.size();
    out.resize(start +
               publish_header_size(publish.topic.size(), publish.payload.size(), publish.qos) +
               publish.payload.size());
    std::byte* payload =
        write_publish_header(out.data() + start, publish.topic, publish.payload.size(), publish.qos,
                             publish.retain, publish.dup, publish.packet_id);
    write_bytes(payload, publish.payload.data(), publish.payload.size());
}

}  // namespace godwit::mqtt
