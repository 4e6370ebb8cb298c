// The WebSocket of one connection, between its wire and MQTT: the upgrade first, then frames. It
// does no I/O; the Stream brings what came over the wire and sends what this has to say.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "godwit/core/link.hpp"
#include "websocket_frames.hpp"
#include "websocket_request.hpp"

namespace godwit::net {

class WebSocket {
public:
    // `path` is what clients ask for, and outlives this.
    explicit WebSocket(std::string_view path) : path_(path) {}

    enum class State : std::uint8_t {
        upgrading,
        open,
        refused,  // by an answer of HTTP
        ended,    // the client has sent its Close frame
        failed,   // by a frame that the standard does not allow
    };
    [[nodiscard]] State state() const { return state_; }
    [[nodiscard]] bool is_over() const { return state_ > State::open; }  // and takes nothing more
    // What was wrong with the request or the frame; a literal.
    [[nodiscard]] std::string_view fault() const { return fault_; }

    // --- In

    // Takes what came over the wire and leaves the bytes of MQTT in it at its front; returns how
    // many those are. There may be some although this has ended or failed then.
    [[nodiscard]] std::size_t take(std::span<std::byte> wire);

    // The X-Forwarded-For of the request, once: it is not kept.
    [[nodiscard]] std::string take_forwarded_for() { return std::exchange(forwarded_for_, {}); }

    // --- Out

    // What goes over the wire to send `pieces`: a binary frame around all of them, or, where one is
    // not complete yet, what is left of it. Ours come in front. The result is good until the next
    // call; on_sent() tells how much of it has gone.
    static constexpr std::size_t kPiecesMax = 65;
    [[nodiscard]] std::span<const mqtt::Bytes> frame(std::span<const mqtt::Bytes> pieces,
                                                     std::span<mqtt::Bytes, kPiecesMax> wire);
    // What this has to say when nobody sends: an answer, a pong, a Close frame.
    [[nodiscard]] mqtt::Bytes own() const;
    // Returns how many of the bytes were those of the pieces.
    std::size_t on_sent(std::size_t bytes);

    // Says goodbye with a Close frame, where a frame can begin. Nothing may be sent after it.
    void close(core::CloseReason reason);

private:
    [[nodiscard]] std::span<std::byte> upgrade(std::span<std::byte> wire);
    void answer_request(std::string_view request);
    void refuse(const HttpRefusal& refusal);
    void answer_ping();
    [[nodiscard]] mqtt::Bytes own_bytes() const {
        return std::as_bytes(std::span(own_.data(), own_.size()));
    }

    std::string_view path_;
    std::string request_;  // as much as has come
    std::string forwarded_for_;
    FrameDecoder decoder_;
    // Ours, to go before any payload. A frame's header fits into the string itself.
    std::string own_;
    std::size_t frame_left_ = 0;  // bytes of the payload of our last frame that have not gone
    std::string_view fault_;
    State state_ = State::upgrading;
};

}  // namespace godwit::net
