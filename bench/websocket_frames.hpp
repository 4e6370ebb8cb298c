// WebSocket's frames on the client's side: masked ones out, the broker's taken apart. RFC 6455, 5.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "byte_buffer.hpp"

namespace godwit::bench {

enum class Opcode : std::uint8_t { continuation = 0, binary = 2, close = 8, ping = 9, pong = 10 };

void append_masked_frame(ByteBuffer& out, Opcode opcode, std::span<const std::uint8_t> payload,
                         std::uint32_t mask);

// Reads the frames of one connection, however they are cut. After a close frame, or after what is
// no frame that a server may send, it takes nothing more.
class FrameReader {
public:
    enum class State { head, payload, closed, malformed };

    // Moves the bytes of data frames to the front of `bytes` and returns how many there are.
    std::size_t take(std::span<std::uint8_t> bytes);

    State state() const { return state_; }

    // The payload of a ping that came since the last call; valid until take().
    std::optional<std::span<const std::uint8_t>> take_ping();

private:
    void take_head_byte(std::uint8_t byte);
    void begin_payload(std::uint64_t length);
    void end_frame();
    bool is_control() const { return (head_[0] & 8) != 0; }
    Opcode opcode() const { return static_cast<Opcode>(head_[0] & 15); }

    State state_ = State::head;
    std::array<std::uint8_t, 10> head_{};
    std::size_t head_bytes_ = 0;
    std::uint64_t payload_left_ = 0;
    std::array<std::uint8_t, 125> control_{};  // A control frame has no more. [RFC 6455, 5.5]
    std::size_t control_bytes_ = 0;
    bool pinged_ = false;
};

}  // namespace godwit::bench
