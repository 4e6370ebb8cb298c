// WebSocket frames (RFC 6455, section 5): a client's are taken apart in place, ours get a header.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "godwit/mqtt/packet.hpp"

namespace godwit::net {

enum class Opcode : std::uint8_t {
    continuation = 0,
    text = 1,
    binary = 2,
    close = 8,
    ping = 9,
    pong = 10,
};

// Why a WebSocket is closed (section 7.4.1).
enum class CloseCode : std::uint16_t {
    normal = 1000,
    going_away = 1001,
    protocol_error = 1002,
    unsupported_data = 1003,
    no_code = 1005,  // never in a frame: a Close frame that names none
    policy_violation = 1008,
    message_too_big = 1009,
    internal_error = 1011,
};

// The header of a whole frame of ours, which is never masked.
class FrameHeader {
public:
    FrameHeader(Opcode opcode, std::size_t payload_bytes);
    [[nodiscard]] std::string_view bytes() const { return {bytes_.data(), size_}; }

private:
    void put(std::uint64_t value) { bytes_[size_++] = static_cast<char>(value & 0xff); }

    std::array<char, 10> bytes_{};
    std::size_t size_ = 0;
};

// A frame of ours without data.
[[nodiscard]] std::string close_frame(CloseCode code);
[[nodiscard]] std::string pong_frame(mqtt::Bytes ping_payload);

// Keeps a few bytes of state between reads, and a control frame only while it is incomplete or a
// ping unanswered.
class FrameDecoder {
public:
    // The client's frames go no further: after its Close frame, or a violation.
    struct End {
        bool violated;
        CloseCode code;
        std::string_view detail;  // of a violation, for the log; a literal
    };

    // Takes bytes from the wire and leaves the data in them at their front, unmasked; returns how
    // many bytes that is. What follows the end is ignored.
    [[nodiscard]] std::size_t decode(std::span<std::byte> wire);

    [[nodiscard]] const std::optional<End>& end() const { return end_; }

    // The payload of a control frame.
    struct Control {
        std::uint8_t size = 0;
        std::array<std::byte, 125> bytes;
        [[nodiscard]] mqtt::Bytes view() const { return mqtt::Bytes(bytes).first(size); }
    };
    // The latest ping that is not answered yet: earlier ones need no answer (section 5.5.3).
    [[nodiscard]] std::unique_ptr<Control> take_ping() { return std::move(ping_); }

private:
    void take_header(std::span<std::byte>& wire);
    void check_start();
    void begin_payload();
    std::byte* take_data(std::span<std::byte>& wire, std::byte* out);
    void take_control(std::span<std::byte>& wire);
    void unmask(std::span<const std::byte> masked, std::byte* out);
    void end_frame();
    void on_close();
    void violate(std::string_view detail, CloseCode code = CloseCode::protocol_error);

    [[nodiscard]] unsigned byte(std::size_t i) const {
        return std::to_integer<unsigned>(header_[i]);
    }
    [[nodiscard]] bool is_final() const { return (byte(0) & 0x80) != 0; }
    [[nodiscard]] Opcode opcode() const { return static_cast<Opcode>(byte(0) & 0x0f); }
    [[nodiscard]] bool is_control() const { return (byte(0) & 0x08) != 0; }
    [[nodiscard]] std::size_t header_length() const;
    [[nodiscard]] std::uint64_t payload_length() const;

    enum class Part : std::uint8_t { header, payload };

    std::uint64_t left_ = 0;  // bytes of the payload that are still to come
    std::array<std::byte, 14> header_{};
    std::uint8_t header_size_ = 0;
    std::uint8_t mask_phase_ = 0;  // byte of the mask that the next byte is masked with
    Part part_ = Part::header;
    bool in_message_ = false;  // a message's first frame came, its last one did not
    std::unique_ptr<Control> control_;
    std::unique_ptr<Control> ping_;
    std::optional<End> end_;
};

}  // namespace godwit::net
