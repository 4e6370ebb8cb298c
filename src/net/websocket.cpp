#include "websocket.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace godwit::net {

namespace {

constexpr std::string_view kRequestEnd = "\r\n\r\n";

CloseCode code_of(core::CloseReason reason) {
    using core::CloseReason;
    switch (reason) {
        case CloseReason::disconnect: return CloseCode::normal;
        case CloseReason::server_stopping: return CloseCode::going_away;
        case CloseReason::malformed_packet:
        case CloseReason::protocol_violation:
        case CloseReason::unsupported_protocol: return CloseCode::protocol_error;
        case CloseReason::packet_too_large: return CloseCode::message_too_big;
        case CloseReason::server_unavailable: return CloseCode::internal_error;
        default: return CloseCode::policy_violation;
    }
}

// An empty string may keep what it had.
void free_memory(std::string& text) {
    std::string().swap(text);
}

}  // namespace

// --- In

std::size_t WebSocket::take(std::span<std::byte> wire) {
    std::span<std::byte> frames = wire;
    if (state_ == State::upgrading) frames = upgrade(wire);
    if (state_ != State::open) return 0;
    const std::size_t bytes = decoder_.decode(frames);
    if (frames.data() != wire.data() && bytes != 0) {
        std::memmove(wire.data(), frames.data(), bytes);
    }
    answer_ping();
    if (const auto& end = decoder_.end()) {
        state_ = end->violated ? State::failed : State::ended;
        fault_ = end->detail;
    }
    return bytes;
}

// Returns what lies behind the request.
std::span<std::byte> WebSocket::upgrade(std::span<std::byte> wire) {
    const std::size_t before = request_.size();
    const std::size_t count = std::min(wire.size(), kRequestMax - before);
    request_.append(reinterpret_cast<const char*>(wire.data()), count);
    if (is_no_request(request_)) {
        answer_request(request_);
        return {};
    }
    // Its end may have begun with what came before.
    const std::size_t begin = before - std::min(before, kRequestEnd.size() - 1);
    const std::size_t end = request_.find(kRequestEnd, begin);
    if (end != std::string::npos) {
        answer_request(std::string_view(request_).substr(0, end));
        free_memory(request_);
        return wire.subspan(end + kRequestEnd.size() - before);
    }
    if (request_.size() == kRequestMax) refuse(refuse_long_request());
    return {};
}

void WebSocket::answer_request(std::string_view request) {
    auto parsed = parse_upgrade(request, path_);
    if (const auto* refusal = std::get_if<HttpRefusal>(&parsed)) return refuse(*refusal);
    auto& accepted = std::get<UpgradeRequest>(parsed);
    own_ = accept_upgrade(accepted);
    forwarded_for_ = std::move(accepted.forwarded_for);
    state_ = State::open;
}

void WebSocket::refuse(const HttpRefusal& refusal) {
    own_ = refuse_upgrade(refusal);
    state_ = State::refused;
    fault_ = refusal.detail;
}

// --- Out

std::span<const mqtt::Bytes> WebSocket::frame(std::span<const mqtt::Bytes> pieces,
                                              std::span<mqtt::Bytes, kPiecesMax> wire) {
    pieces = pieces.first(std::min(pieces.size(), kPiecesMax - 1));
    if (frame_left_ == 0) {
        for (const mqtt::Bytes& piece : pieces)
            frame_left_ += piece.size();
        own_ += FrameHeader(Opcode::binary, frame_left_).bytes();
    }
    std::size_t count = 0;
    if (!own_.empty()) wire[count++] = own_bytes();
    std::size_t left = frame_left_;
    for (const mqtt::Bytes& piece : pieces) {
        if (left == 0) break;
        wire[count++] = piece.first(std::min(piece.size(), left));
        left -= wire[count - 1].size();
    }
    return std::span(wire).first(count);
}

mqtt::Bytes WebSocket::own() const {
    return frame_left_ == 0 ? own_bytes() : mqtt::Bytes{};
}

std::size_t WebSocket::on_sent(std::size_t bytes) {
    const std::size_t own = std::min(bytes, own_.size());
    own_.erase(0, own);
    if (own_.empty()) free_memory(own_);
    frame_left_ -= bytes - own;
    answer_ping();
    return bytes - own;
}

// Between two frames of ours, and one answer at a time: a client that reads none gets no more.
void WebSocket::answer_ping() {
    if (frame_left_ != 0 || !own_.empty()) return;
    if (const auto ping = decoder_.take_ping()) own_ += pong_frame(ping->view());
}

void WebSocket::close(core::CloseReason reason) {
    if (state_ == State::upgrading || state_ == State::refused || frame_left_ != 0) return;
    own_ += close_frame(decoder_.end() ? decoder_.end()->code : code_of(reason));
}

}  // namespace godwit::net
