#include "websocket_channel.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <functional>
#include <string_view>
#include <utility>

#include "codec.hpp"
#include "failure.hpp"

namespace godwit::bench {
namespace {

constexpr std::size_t kResponseBytesMax = 8192;
constexpr std::string_view kHeadEnd = "\r\n\r\n";
// The example of RFC 6455, 1.3: what must be answered to it needs no hash.
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kAccept = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

std::span<const std::uint8_t> as_bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string in_lower_case(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return text;
}

[[noreturn]] void fail_upgrade(const std::string& reason) {
    fail(ExitCode::setup, "the WebSocket upgrade failed: " + reason);
}

}  // namespace

WebSocketChannel::WebSocketChannel(std::unique_ptr<Channel> lower, std::string path)
    : lower_(std::move(lower)),
      path_(std::move(path)),
      mask_(static_cast<std::uint32_t>(std::hash<const void*>{}(this)) | 1) {}

void WebSocketChannel::open(int descriptor) {
    lower_->open(descriptor);
    step_ = Step::lower_opening;
    response_.clear();
    frames_ = {};
    unsent_.clear();
    framed_ = 0;
}

void WebSocketChannel::close() {
    lower_->close();
}

ssize_t WebSocketChannel::receive(std::span<std::uint8_t> room) {
    return ready() ? receive_data(room) : upgrade();
}

// The frames go out before any of `bytes` counts as sent, so that a frame is never made twice.
ssize_t WebSocketChannel::send(std::span<const std::uint8_t> bytes) {
    if (framed_ == 0) {
        append_packets(bytes);
        framed_ = bytes.size();
    }
    if (!flush()) return -1;
    return static_cast<ssize_t>(std::exchange(framed_, 0));
}

// Never more than 0: packets come behind it.
ssize_t WebSocketChannel::upgrade() {
    std::array<std::uint8_t, kResponseBytesMax> buffer;
    const ssize_t got = lower_->receive(buffer);
    if (got == 0 || (got < 0 && errno != EAGAIN)) return got;
    if (step_ == Step::lower_opening && lower_->ready()) {
        step_ = Step::upgrading;
        append_request();
        if (!flush() && errno != EAGAIN) return -1;
    }
    if (got > 0) {
        response_.append(buffer.begin(), buffer.begin() + got);
        check_response();
    }
    errno = EAGAIN;
    return -1;
}

void WebSocketChannel::append_request() {
    const std::string request = "GET " + path_ +
                                " HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                                "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                                "Sec-WebSocket-Protocol: mqtt\r\nSec-WebSocket-Key: " +
                                std::string(kKey) + "\r\n\r\n";
    unsent_.append(as_bytes(request));
}

// [MQTT-6.0.0-4]
void WebSocketChannel::check_response() {
    const std::size_t end = response_.find(kHeadEnd);
    if (end == std::string::npos) {
        if (response_.size() > kResponseBytesMax) fail_upgrade("an answer without end");
        return;
    }
    if (!response_.starts_with("HTTP/1.1 101 ")) {
        fail_upgrade(response_.substr(0, response_.find("\r\n")));
    }
    if (response_.find(kAccept) == std::string::npos) fail_upgrade("a wrong Sec-WebSocket-Accept");
    if (in_lower_case(response_).find("sec-websocket-protocol: mqtt\r\n") == std::string::npos) {
        fail_upgrade("the subprotocol is not mqtt");
    }
    if (response_.size() != end + kHeadEnd.size()) fail_upgrade("frames before any packet");
    step_ = Step::open;
}

ssize_t WebSocketChannel::receive_data(std::span<std::uint8_t> room) {
    std::size_t taken = 0;
    bool more = true;
    while (more && taken < room.size()) {
        const auto rest = room.subspan(taken);
        const ssize_t got = lower_->receive(rest);
        if (got <= 0) return taken != 0 ? static_cast<ssize_t>(taken) : got;
        const auto bytes = rest.first(static_cast<std::size_t>(got));
        taken += frames_.take(bytes);
        answer_control_frames();
        more = bytes.size() == rest.size();
    }
    if (taken != 0) return static_cast<ssize_t>(taken);
    if (frames_.state() == FrameReader::State::closed) return 0;
    errno = frames_.state() == FrameReader::State::malformed ? EPROTO : EAGAIN;
    return -1;
}

// An answer that the socket has no room for goes with the next packets.
void WebSocketChannel::answer_control_frames() {
    if (const auto payload = frames_.take_ping()) {
        append_frame(Opcode::pong, *payload);
        flush();
    }
    if (frames_.state() == FrameReader::State::closed) {
        append_frame(Opcode::close, {});
        flush();
    }
}

// One frame a packet, as MQTT's client libraries do.
void WebSocketChannel::append_packets(std::span<const std::uint8_t> bytes) {
    while (!bytes.empty()) {
        const std::size_t packet_bytes = next_frame(bytes).bytes;
        append_frame(Opcode::binary, bytes.first(packet_bytes));
        bytes = bytes.subspan(packet_bytes);
    }
}

// A mask hides nothing here, but differs from frame to frame as it should. [RFC 6455, 5.3]
void WebSocketChannel::append_frame(Opcode opcode, std::span<const std::uint8_t> payload) {
    mask_ = mask_ * 1664525 + 1013904223;
    append_masked_frame(unsent_, opcode, payload, mask_);
}

// False, with errno set, when something is left.
bool WebSocketChannel::flush() {
    while (!unsent_.empty()) {
        const ssize_t sent = lower_->send({unsent_.data(), unsent_.size()});
        if (sent <= 0) return false;
        unsent_.consume(static_cast<std::size_t>(sent));
    }
    return true;
}

}  // namespace godwit::bench
