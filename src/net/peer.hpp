// The other end of one of our sockets: a Newcomer until its CONNECT is read, a Connection from then
// on. Owned by the Worker of the loop it is on; only that loop's thread touches it. While nothing
// of a packet is left over it owns no buffer.
#pragma once

#include <cstdint>
#include <vector>

#include "godwit/mqtt/packet.hpp"
#include "stream.hpp"
#include "watched.hpp"

namespace godwit::net {

class Worker;

class Peer : public Watched {
public:
    Peer(Worker& worker, Stream stream) : worker_(worker), stream_(std::move(stream)) {}
    virtual ~Peer() = default;

    // The broker stops. A client of the core is closed by the core.
    virtual void on_stop() {}
    // The listener it came through may be another, or none, since a reload.
    virtual void on_rules() = 0;

    [[nodiscard]] bool gone() const { return gone_; }

protected:
    [[nodiscard]] Worker& worker() const { return worker_; }
    [[nodiscard]] Stream& stream() { return stream_; }
    [[nodiscard]] const Stream& stream() const { return stream_; }

    // Receives once. `bytes` is then all that waits for a decoder: what was kept and what is new.
    // It holds until the loop's next read.
    [[nodiscard]] Stream::Status read(mqtt::Bytes& bytes);
    // Keeps what the decoder left of the bytes it was given.
    void keep(mqtt::Bytes rest);
    [[nodiscard]] mqtt::Bytes kept() const { return tail_; }

    // The worker destroys this at the end of the turn; until then it is not called again.
    void leave();
    // The same, and closes the stream.
    void hang_up(core::CloseReason reason);

private:
    friend class Worker;

    Worker& worker_;
    Stream stream_;
    std::vector<std::byte> tail_;
    std::uint32_t index_ = 0;  // in the worker's table
    bool gone_ = false;
};

}  // namespace godwit::net
