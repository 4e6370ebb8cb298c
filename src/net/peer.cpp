#include "peer.hpp"

#include <cstring>

#include "worker.hpp"

namespace godwit::net {

namespace {

// A longer tail is no longer copied in front of each read: its packet may take many of them.
constexpr std::size_t kShortTail = 4096;

}  // namespace

Stream::Status Peer::read(mqtt::Bytes& bytes) {
    const std::span<std::byte> buffer = worker_.read_buffer();
    const bool in_front = tail_.size() <= kShortTail;
    const std::size_t begin = in_front ? tail_.size() : 0;
    if (begin != 0) std::memcpy(buffer.data(), tail_.data(), begin);

    const Stream::Result received = stream_.receive(buffer.subspan(begin));
    if (received.status != Stream::Status::ok) return received.status;
    worker_.traffic().bytes_received.add(received.bytes);

    bytes = buffer.first(begin + received.bytes);
    if (!in_front) {
        tail_.insert(tail_.end(), bytes.begin(), bytes.end());
        bytes = tail_;
    }
    return received.status;
}

void Peer::keep(mqtt::Bytes rest) {
    if (rest.size() == tail_.size() && rest.data() == tail_.data()) return;
    // A new vector, so that no more memory stays than is used.
    tail_ = std::vector<std::byte>(rest.begin(), rest.end());
}

void Peer::leave() {
    gone_ = true;
    worker_.bury(*this);
}

void Peer::hang_up(core::CloseReason reason) {
    stream_.close(reason);
    leave();
}

}  // namespace godwit::net
