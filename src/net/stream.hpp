// A client's stream of MQTT bytes, never blocking, over a TCP or unix socket. It may travel to
// another loop while no loop watches it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "door.hpp"
#include "godwit/core/link.hpp"
#include "godwit/mqtt/packet.hpp"
#include "socket.hpp"

namespace godwit::net {

class Stream {
public:
    Stream(Descriptor socket, Place place) : socket_(std::move(socket)), place_(std::move(place)) {}

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
    [[nodiscard]] Result receive(std::span<std::byte> into);
    // Sends the pieces in order, as much of them as goes.
    static constexpr std::size_t kPiecesMax = 64;
    [[nodiscard]] Result send(std::span<const mqtt::Bytes> pieces);

    // Bytes are here that receive() has not given out and the poller does not tell about.
    [[nodiscard]] bool has_more() const { return false; }
    // Something of the stream's own waits for the socket to take it: then flush() is due once it
    // does, and receive() may have been held up by it.
    [[nodiscard]] bool wants_to_send() const { return false; }
    [[nodiscard]] Status flush() { return Status::ok; }

    // Why the stream has failed.
    struct Fault {
        core::CloseReason reason = core::CloseReason::network_error;
        std::string_view detail;  // for the log; a literal
    };
    [[nodiscard]] Fault fault() const { return {}; }

    // Ends the stream behind what was sent. What the peer still sends is thrown away, as far as it
    // has come: closing over it would reset the connection and could lose our last bytes.
    void close();

    [[nodiscard]] int descriptor() const { return socket_.get(); }
    [[nodiscard]] const Place& place() const { return place_; }

private:
    Descriptor socket_;
    Place place_;
};

}  // namespace godwit::net
