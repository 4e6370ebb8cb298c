#include "websocket_frames.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace godwit::bench {
namespace {

constexpr std::size_t kMaskedHeadBytesMax = 14;
constexpr std::uint8_t kFinal = 0x80;
constexpr std::uint8_t kReserved = 0x70;
constexpr std::uint8_t kMasked = 0x80;

std::uint8_t* write_big_endian(std::uint8_t* at, std::uint64_t value, unsigned bytes) {
    for (unsigned i = bytes; i-- != 0;)
        *at++ = static_cast<std::uint8_t>(value >> (8 * i) & 0xff);
    return at;
}

std::uint8_t* write_length(std::uint8_t* at, std::size_t length) {
    if (length < 126) return write_big_endian(at, kMasked | length, 1);
    if (length <= 0xffff)
        return write_big_endian(write_big_endian(at, kMasked | 126u, 1), length, 2);
    return write_big_endian(write_big_endian(at, kMasked | 127u, 1), length, 8);
}

void write_masked(std::uint8_t* at, std::span<const std::uint8_t> payload,
                  const std::array<std::uint8_t, 4>& mask) {
    for (std::size_t i = 0; i < payload.size(); ++i)
        at[i] = payload[i] ^ mask[i % 4];
}

// What follows the first two bytes of a frame that is not masked.
std::size_t length_bytes(std::uint8_t second) {
    return second < 126 ? 0 : second == 126 ? 2 : 8;
}

}  // namespace

void append_masked_frame(ByteBuffer& out, Opcode opcode, std::span<const std::uint8_t> payload,
                         std::uint32_t mask) {
    std::uint8_t* const begin = out.room(kMaskedHeadBytesMax + payload.size());
    std::uint8_t* at = begin;
    *at++ = static_cast<std::uint8_t>(kFinal | static_cast<std::uint8_t>(opcode));
    at = write_length(at, payload.size());
    std::array<std::uint8_t, 4> mask_bytes{};
    std::memcpy(mask_bytes.data(), &mask, sizeof mask);
    at = std::copy(mask_bytes.begin(), mask_bytes.end(), at);
    write_masked(at, payload, mask_bytes);
    out.commit(static_cast<std::size_t>(at - begin) + payload.size());
}

std::size_t FrameReader::take(std::span<std::uint8_t> bytes) {
    std::size_t kept = 0;
    std::size_t at = 0;
    while (at < bytes.size()) {
        if (state_ == State::head) {
            take_head_byte(bytes[at++]);
            continue;
        }
        if (state_ != State::payload) break;
        const std::size_t chunk = std::min<std::uint64_t>(payload_left_, bytes.size() - at);
        if (is_control()) {
            std::memcpy(control_.data() + control_bytes_, bytes.data() + at, chunk);
            control_bytes_ += chunk;
        } else {
            std::memmove(bytes.data() + kept, bytes.data() + at, chunk);
            kept += chunk;
        }
        at += chunk;
        payload_left_ -= chunk;
        if (payload_left_ == 0) end_frame();
    }
    return kept;
}

std::optional<std::span<const std::uint8_t>> FrameReader::take_ping() {
    if (!std::exchange(pinged_, false)) return std::nullopt;
    return std::span(control_).first(control_bytes_);
}

void FrameReader::take_head_byte(std::uint8_t byte) {
    head_[head_bytes_++] = byte;
    if (head_bytes_ < 2) return;
    if ((head_[1] & kMasked) != 0) {
        state_ = State::malformed;
        return;
    }
    const std::size_t extended = length_bytes(head_[1]);
    if (head_bytes_ < 2 + extended) return;
    std::uint64_t length = extended == 0 ? head_[1] : 0;
    for (std::size_t i = 0; i < extended; ++i)
        length = length << 8 | head_[2 + i];
    begin_payload(length);
}

void FrameReader::begin_payload(std::uint64_t length) {
    head_bytes_ = 0;
    const bool is_whole = (head_[0] & kFinal) != 0;
    const bool known = opcode() == Opcode::continuation || opcode() == Opcode::binary ||
                       opcode() == Opcode::close || opcode() == Opcode::ping ||
                       opcode() == Opcode::pong;
    const bool fits = !is_control() || (is_whole && length <= control_.size());
    if (!known || !fits || (head_[0] & kReserved) != 0) {
        state_ = State::malformed;
        return;
    }
    if (is_control()) control_bytes_ = 0;
    payload_left_ = length;
    state_ = State::payload;
    if (length == 0) end_frame();
}

void FrameReader::end_frame() {
    state_ = opcode() == Opcode::close ? State::closed : State::head;
    if (opcode() == Opcode::ping) pinged_ = true;
}

}  // namespace godwit::bench
