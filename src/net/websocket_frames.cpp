#include "websocket_frames.hpp"

#include <algorithm>
#include <cstring>

namespace godwit::net {

namespace {

constexpr unsigned kShortMax = 125;  // the longest payload whose length the second byte holds
constexpr unsigned kTwoBytes = 126;  // the length follows in two bytes
constexpr unsigned kEightBytes = 127;
constexpr std::size_t kMask = 4;

std::uint8_t first_byte(Opcode opcode) {
    return static_cast<std::uint8_t>(0x80 | static_cast<unsigned>(opcode));
}

// A code that may be in a Close frame (section 7.4).
bool is_close_code(unsigned code) {
    if (code >= 3000) return code <= 4999;
    return code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
}

}  // namespace

// --- Ours

FrameHeader::FrameHeader(Opcode opcode, std::size_t payload_bytes) {
    put(first_byte(opcode));
    const std::size_t length_bytes = payload_bytes <= kShortMax ? 0
                                     : payload_bytes <= 0xffff  ? 2
                                                                : 8;
    put(length_bytes == 0 ? payload_bytes : length_bytes == 2 ? kTwoBytes : kEightBytes);
    for (std::size_t i = length_bytes; i > 0; --i)
        put(std::uint64_t{payload_bytes} >> (8 * (i - 1)));
}

std::string close_frame(CloseCode code) {
    if (code == CloseCode::no_code) return std::string(FrameHeader(Opcode::close, 0).bytes());
    std::string frame(FrameHeader(Opcode::close, 2).bytes());
    frame += static_cast<char>(static_cast<unsigned>(code) >> 8);
    frame += static_cast<char>(static_cast<unsigned>(code) & 0xff);
    return frame;
}

std::string pong_frame(mqtt::Bytes ping_payload) {
    std::string frame(FrameHeader(Opcode::pong, ping_payload.size()).bytes());
    frame.append(reinterpret_cast<const char*>(ping_payload.data()), ping_payload.size());
    return frame;
}

// --- A client's

std::size_t FrameDecoder::decode(std::span<std::byte> wire) {
    std::byte* const begin = wire.data();
    std::byte* out = begin;  // never in front of what is still to be read
    while (!wire.empty() && !end_) {
        if (part_ == Part::header) {
            take_header(wire);
        } else if (is_control()) {
            take_control(wire);
        } else {
            out = take_data(wire, out);
        }
    }
    return static_cast<std::size_t>(out - begin);
}

void FrameDecoder::take_header(std::span<std::byte>& wire) {
    const std::size_t count = std::min(wire.size(), header_length() - header_size_);
    std::copy_n(wire.begin(), count, header_.begin() + header_size_);
    wire = wire.subspan(count);
    header_size_ = static_cast<std::uint8_t>(header_size_ + count);
    if (header_size_ < 2) return;
    if (header_size_ == 2) return check_start();
    if (header_size_ == header_length()) begin_payload();
}

// Of the first two bytes at first: they tell how many there are.
std::size_t FrameDecoder::header_length() const {
    if (header_size_ < 2) return 2;
    const unsigned length = byte(1) & 0x7f;
    return 2 + kMask + (length == kTwoBytes ? 2 : length == kEightBytes ? 8 : 0);
}

void FrameDecoder::check_start() {
    if ((byte(0) & 0x70) != 0) return violate("a reserved bit is set");
    if ((byte(1) & 0x80) == 0) return violate("a client's frame is not masked");
    if (is_control() && !is_final()) return violate("a control frame is fragmented");
    if (is_control() && (byte(1) & 0x7f) > kShortMax) return violate("a control frame is too long");
    switch (opcode()) {
        case Opcode::continuation:
            if (!in_message_) violate("a continuation of no message");
            return;
        case Opcode::text:  // [MQTT-6.0.0-1]
            return violate("a text frame", CloseCode::unsupported_data);
        case Opcode::binary:
            if (in_message_) violate("a new message inside a fragmented one");
            return;
        case Opcode::close:
        case Opcode::ping:
        case Opcode::pong: return;
    }
    violate("an unknown kind of frame");
}

std::uint64_t FrameDecoder::payload_length() const {
    const std::size_t length_bytes = header_length() - 2 - kMask;
    if (length_bytes == 0) return byte(1) & 0x7f;
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i)
        length = length << 8 | byte(2 + i);
    return length;
}

void FrameDecoder::begin_payload() {
    left_ = payload_length();
    const unsigned short_length = byte(1) & 0x7f;
    if (left_ >> 63 != 0) return violate("a length with its highest bit set");
    if ((short_length == kTwoBytes && left_ <= kShortMax) ||
        (short_length == kEightBytes && left_ <= 0xffff)) {
        return violate("a length in more bytes than it needs");
    }
    mask_phase_ = 0;
    part_ = Part::payload;
    if (is_control()) {
        control_ = std::make_unique<Control>();
    } else {
        in_message_ = true;
    }
    if (left_ == 0) end_frame();
}

std::byte* FrameDecoder::take_data(std::span<std::byte>& wire, std::byte* out) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(wire.size(), left_));
    unmask(wire.first(count), out);
    wire = wire.subspan(count);
    left_ -= count;
    if (left_ == 0) end_frame();
    return out + count;
}

void FrameDecoder::take_control(std::span<std::byte>& wire) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(wire.size(), left_));
    unmask(wire.first(count), control_->bytes.data() + control_->size);
    control_->size = static_cast<std::uint8_t>(control_->size + count);
    wire = wire.subspan(count);
    left_ -= count;
    if (left_ == 0) end_frame();
}

// `out` may lie in front of `masked` and overlap it: each word is read before it is written over.
void FrameDecoder::unmask(std::span<const std::byte> masked, std::byte* out) {
    const std::byte* const mask = header_.data() + header_size_ - kMask;
    std::array<std::byte, 8> mask_bytes;
    for (std::size_t i = 0; i < mask_bytes.size(); ++i)
        mask_bytes[i] = mask[(mask_phase_ + i) % kMask];
    std::uint64_t mask_word = 0;
    std::memcpy(&mask_word, mask_bytes.data(), sizeof mask_word);

    const std::byte* in = masked.data();
    const std::byte* const end = in + masked.size();
    for (; end - in >= 8; in += 8, out += 8) {
        std::uint64_t word = 0;
        std::memcpy(&word, in, sizeof word);
        word ^= mask_word;
        std::memcpy(out, &word, sizeof word);
    }
    for (std::size_t i = 0; in != end; ++i)
        *out++ = *in++ ^ mask_bytes[i];
    mask_phase_ = static_cast<std::uint8_t>((mask_phase_ + masked.size()) % kMask);
}

void FrameDecoder::end_frame() {
    part_ = Part::header;
    header_size_ = 0;
    switch (opcode()) {
        case Opcode::close: on_close(); break;
        case Opcode::ping: ping_ = std::move(control_); break;
        case Opcode::pong: control_.reset(); break;  // asked for or not
        default: in_message_ = !is_final();
    }
}

void FrameDecoder::on_close() {
    const auto control = std::move(control_);
    if (control->size == 0) {
        end_ = End{false, CloseCode::no_code, {}};
        return;
    }
    if (control->size == 1) return violate("half a close code");
    const unsigned code = std::to_integer<unsigned>(control->bytes[0]) << 8 |
                          std::to_integer<unsigned>(control->bytes[1]);
    if (!is_close_code(code)) return violate("an invalid close code");
    end_ = End{false, static_cast<CloseCode>(code), {}};
}

void FrameDecoder::violate(std::string_view detail, CloseCode code) {
    end_ = End{true, code, detail};
    control_.reset();
}

}  // namespace godwit::net
