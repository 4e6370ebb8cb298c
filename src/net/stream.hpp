// A client's stream of MQTT bytes, never blocking, over a TCP or unix socket: with TLS, and inside
// the frames of a WebSocket, where its door asks for them. It may travel to another loop while no
// loop watches it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "door.hpp"
#include "godwit/core/link.hpp"
#include "godwit/mqtt/packet.hpp"
#include "proxy_header.hpp"
#include "socket.hpp"
#include "websocket.hpp"

namespace godwit::net {

class Tls;

class Stream {
public:
    Stream(Descriptor socket, Place place);
    Stream(Stream&& other) noexcept;
    Stream& operator=(Stream&& other) noexcept;
    ~Stream();

    // From now on it speaks TLS with what the door has for that. receive() shakes hands first.
    void begin_tls();
    [[nodiscard]] bool has_tls() const { return tls_ != nullptr; }
    [[nodiscard]] bool is_shaking_hands() const;
    // Who the other end is, where its certificate or its pre-shared key tells the listener.
    [[nodiscard]] std::optional<std::string> certified_name() const;

    enum class Status : std::uint8_t {
        ok,
        blocked,  // nothing could be done now; the loop tells when it can
        ended,    // the peer sends no more
        failed,   // the connection is lost
    };
    struct Result {
        Status status;
        std::size_t bytes = 0;
    };
    // To be called before anything else where the door asks for such a header: takes what has come
    // of it, and nothing behind it. `ok` once it is complete or broken.
    [[nodiscard]] Status receive(ProxyHeader& header);
    [[nodiscard]] Result receive(std::span<std::byte> into);
    // Sends the pieces in order, as much of them as goes.
    static constexpr std::size_t kPiecesMax = WebSocket::kPiecesMax - 1;  // it adds one of its own
    [[nodiscard]] Result send(std::span<const mqtt::Bytes> pieces);

    // There is something that receive() has not told and the poller does not tell about.
    [[nodiscard]] bool has_more() const;
    // Something of the stream's own waits for the socket to take it: then flush() is due once it
    // does, and receive() may have been held up by it.
    [[nodiscard]] bool wants_to_send() const;
    [[nodiscard]] Status flush();

    // A WebSocket is asked for, and its request has not come yet.
    [[nodiscard]] bool is_upgrading() const {
        return web_socket_ && web_socket_->state() == WebSocket::State::upgrading;
    }
    // The X-Forwarded-For that came with it, once.
    [[nodiscard]] std::string take_forwarded_for();

    // Why the stream has failed.
    struct Fault {
        core::CloseReason reason = core::CloseReason::network_error;
        std::string_view detail;  // for the log; a literal
    };
    [[nodiscard]] Fault fault() const;

    // Ends the stream behind what was sent, and tells the peer why where its protocol can. What the
    // peer still sends is thrown away, as far as it has come: closing over it would reset the
    // connection and could lose our last bytes.
    void close(core::CloseReason reason);

    [[nodiscard]] int descriptor() const { return socket_.get(); }
    [[nodiscard]] const Place& place() const { return place_; }
    [[nodiscard]] Place& place() { return place_; }

private:
    // What goes over the socket, below whatever the stream speaks on top of it: through TLS or as
    // it is. What send_wire() left has to come first in its next call, byte for byte.
    [[nodiscard]] Result receive_wire(std::span<std::byte> into);
    [[nodiscard]] Result send_wire(std::span<const mqtt::Bytes> pieces);

    [[nodiscard]] Result receive_frames(std::span<std::byte> into);
    [[nodiscard]] Result send_frame(std::span<const mqtt::Bytes> pieces);
    [[nodiscard]] Status send_own();

    Descriptor socket_;
    Place place_;
    std::unique_ptr<Tls> tls_;               // null: plain
    std::unique_ptr<WebSocket> web_socket_;  // none: MQTT goes over the wire as it is
};

}  // namespace godwit::net
