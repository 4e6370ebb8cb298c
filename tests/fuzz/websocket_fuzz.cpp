// A WebSocket from its first byte on, the bytes whole and in pieces: the same bytes of MQTT come
// out and the same end, and what goes back is frames or one answer of HTTP.
//
// The first byte of the input chooses the sizes of the pieces.

#include <cstdint>
#include <cstdlib>
#include <random>
#include <string>
#include <string_view>

#include "websocket.hpp"

using godwit::mqtt::Bytes;
using godwit::net::WebSocket;

namespace {

void require(bool condition) {
    if (!condition) std::abort();
}

struct Outcome {
    std::string data;
    std::string sent;
    WebSocket::State state;
    std::string_view fault;
};

std::string send_all(WebSocket& web_socket) {
    std::string sent;
    while (!web_socket.own().empty()) {
        const Bytes own = web_socket.own();
        sent.append(reinterpret_cast<const char*>(own.data()), own.size());
        web_socket.on_sent(own.size());
    }
    return sent;
}

template <typename NextSize>
Outcome run(std::string_view input, NextSize next_size) {
    WebSocket web_socket("/mqtt");
    Outcome outcome{};
    while (!input.empty() && !web_socket.is_over()) {
        // A copy of the exact size, so that a byte beyond it is noticed.
        std::string piece(input.substr(0, next_size()));
        input.remove_prefix(piece.size());
        const std::size_t size = web_socket.take(std::as_writable_bytes(std::span(piece)));
        require(size <= piece.size());
        outcome.data += piece.substr(0, size);
        outcome.sent += send_all(web_socket);
    }
    outcome.state = web_socket.state();
    outcome.fault = web_socket.fault();
    web_socket.close(godwit::core::CloseReason::kicked);
    outcome.sent += send_all(web_socket);
    return outcome;
}

void check_sent(const Outcome& outcome) {
    std::string_view sent = outcome.sent;
    if (outcome.state == WebSocket::State::upgrading) return require(sent.empty());
    const std::size_t head = sent.find("\r\n\r\n");
    require(sent.starts_with("HTTP/1.1 ") && head != sent.npos);
    if (outcome.state == WebSocket::State::refused) return require(!outcome.fault.empty());
    require(sent.starts_with("HTTP/1.1 101 "));
    sent.remove_prefix(head + 4);
    bool closed = false;
    while (!sent.empty()) {  // control frames alone, a Close frame being the last one
        require(!closed && sent.size() >= 2 && (sent[0] == '\x8a' || sent[0] == '\x88'));
        const auto size = static_cast<std::uint8_t>(sent[1]);
        require(size <= 125 && sent.size() >= 2U + size);
        closed = sent[0] == '\x88';
        sent.remove_prefix(2U + size);
    }
    require(closed);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
    const Outcome whole = run(input, [&] { return input.size(); });
    std::mt19937 random(data[0]);
    const Outcome pieces = run(input, [&] { return 1 + random() % (1 + data[0] % 64); });
    require(whole.data == pieces.data && whole.state == pieces.state);
    require(whole.fault == pieces.fault);
    check_sent(whole);
    check_sent(pieces);
    return 0;
}
