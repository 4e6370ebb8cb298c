// Any bytes as a stream of packets. What decodes must encode to a packet that means the same, and
// pieces of a packet must never be taken for a packet.

#include <algorithm>
#include <cstdlib>

#include "godwit/mqtt/topic.hpp"
#include "mqtt_reencode.hpp"

namespace {

using namespace godwit::mqtt;

constexpr std::size_t kPacketSizeMax = 4096;

void require(bool promise_kept) {
    if (!promise_kept) std::abort();
}

void check_pieces(Bytes packet) {
    for (std::size_t size = 0; size < packet.size(); ++size) {
        const auto piece = next_frame(packet.first(size), kPacketSizeMax);
        require(piece.ok() && !piece.value());
    }
}

// Whether one packet alone stands for what the frame says: the remaining length in its shortest
// form, and no CONNECT of MQTT 3.1, which may flag what it does not have.
bool is_canonical(const Frame& frame) {
    const bool shortest =
        frame.size == 1 + remaining_length_size(frame.body.size()) + frame.body.size();
    const bool mqtt31 = frame.type() == PacketType::connect &&
                        decode_connect(frame, true)->level == ProtocolLevel::mqtt31;
    return shortest && !mqtt31;
}

void check_round_trip(const Frame& frame, Bytes packet) {
    const auto encoded = test::reencode(frame);
    if (!encoded) return;
    if (is_canonical(frame)) require(std::ranges::equal(encoded.value(), packet));

    const auto again = next_frame(encoded.value(), kPacketSizeMax);
    require(again.ok() && again.value());
    const auto encoded_again = test::reencode(*again.value());
    require(encoded_again.ok() && encoded_again.value() == encoded.value());
}

void check_unchecked_topic(const Frame& frame) {
    const auto publish = decode_publish_unchecked_topic(frame);
    require(decode_publish(frame).ok() == (publish.ok() && is_topic_name(publish->topic)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    Bytes rest = std::as_bytes(std::span(data, size));
    for (;;) {
        const auto next = next_frame(rest, kPacketSizeMax);
        if (!next || !next.value()) return 0;
        const Frame& frame = *next.value();
        const Bytes packet = rest.first(frame.size);
        check_pieces(packet);
        check_round_trip(frame, packet);
        if (frame.type() == PacketType::publish) check_unchecked_topic(frame);
        rest = rest.subspan(frame.size);
    }
}
