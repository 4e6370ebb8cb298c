// What lies between a connection's MQTT packets and its socket: TLS, WebSocket, or one within the
// other. A plain connection has none. Belongs to one connection and lives on its loop.
#pragma once

#include <sys/socket.h>
#include <sys/types.h>

#include <cstdint>
#include <span>

namespace godwit::bench {

class Channel {
public:
    Channel() = default;
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;
    virtual ~Channel() = default;

    // Takes a connected, non-blocking socket, which stays the connection's. A channel may be opened
    // again after close().
    virtual void open(int descriptor) = 0;
    virtual void close() = 0;

    // Says to the peer that nothing more will be sent.
    virtual void end() {}

    // True once packets may be sent; receive() brings it there.
    virtual bool ready() const = 0;

    // As recv() on the socket: bytes, 0 at the end, or -1 with errno. Takes what there is until
    // `room` is full, as the poller does not see what a channel holds back.
    virtual ssize_t receive(std::span<std::uint8_t> room) = 0;

    // As send() on the socket. After -1 with EAGAIN the same bytes come again, with more behind
    // them or not.
    virtual ssize_t send(std::span<const std::uint8_t> bytes) = 0;
};

// The socket itself, for a channel that stands on another one.
class SocketChannel final : public Channel {
public:
    void open(int descriptor) override { descriptor_ = descriptor; }
    void close() override { descriptor_ = -1; }
    bool ready() const override { return true; }
    ssize_t receive(std::span<std::uint8_t> room) override {
        return ::recv(descriptor_, room.data(), room.size(), 0);
    }
    ssize_t send(std::span<const std::uint8_t> bytes) override {
        return ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    }

private:
    int descriptor_ = -1;
};

}  // namespace godwit::bench
