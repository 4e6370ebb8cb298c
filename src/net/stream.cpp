#include "stream.hpp"

#include <sys/uio.h>

#include <array>
#include <cerrno>

#include "tls.hpp"

namespace godwit::net {

namespace {

Stream::Result result_of(ssize_t bytes) {
    if (bytes >= 0) return {Stream::Status::ok, static_cast<std::size_t>(bytes)};
    const bool blocked = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    return {blocked ? Stream::Status::blocked : Stream::Status::failed};
}

}  // namespace

Stream::Stream(Descriptor socket, Place place)
    : socket_(std::move(socket)), place_(std::move(place)) {
    const std::string& path = place_.sign().web_socket_path;
    if (!path.empty()) web_socket_ = std::make_unique<WebSocket>(path);
}

Stream::Stream(Stream&& other) noexcept = default;
Stream& Stream::operator=(Stream&& other) noexcept = default;
Stream::~Stream() = default;

void Stream::begin_tls() {
    tls_ = std::make_unique<Tls>(place_.sign().certificates->current(), socket_.get());
}

bool Stream::is_shaking_hands() const {
    return tls_ != nullptr && tls_->is_shaking_hands();
}

std::optional<std::string> Stream::certified_name() const {
    return tls_ != nullptr ? tls_->certified_name() : std::nullopt;
}

bool Stream::has_more() const {
    return (web_socket_ && web_socket_->is_over()) || (tls_ && tls_->has_more());
}

bool Stream::wants_to_send() const {
    return (web_socket_ && !web_socket_->own().empty()) || (tls_ && tls_->wants_to_send());
}

// Looks ahead first, since what follows belongs to others. All that is seen of the header is taken,
// so the poller tells of the socket again only when there is more.
Stream::Status Stream::receive(ProxyHeader& header) {
    while (header.state() == ProxyHeader::State::incomplete) {
        std::array<std::byte, 256> ahead;
        const ssize_t seen = recv(socket_.get(), ahead.data(), ahead.size(), MSG_PEEK);
        if (seen == 0) return Status::ended;
        if (seen < 0) return result_of(seen).status;
        const std::size_t part = header.take(mqtt::Bytes(ahead).first(seen));
        if (recv(socket_.get(), ahead.data(), part, 0) != static_cast<ssize_t>(part)) {
            return Status::failed;
        }
    }
    return Status::ok;
}

Stream::Result Stream::receive(std::span<std::byte> into) {
    return web_socket_ ? receive_frames(into) : receive_wire(into);
}

Stream::Result Stream::send(std::span<const mqtt::Bytes> pieces) {
    return web_socket_ ? send_frame(pieces) : send_wire(pieces);
}

// --- What the WebSocket says

// Frames may hold no data: the end, and that nothing came, is told once there is no data to give.
Stream::Result Stream::receive_frames(std::span<std::byte> into) {
    if (!web_socket_->is_over()) {
        const Result wire = receive_wire(into);
        if (wire.status != Status::ok) return wire;
        const std::size_t bytes = web_socket_->take(into.first(wire.bytes));
        (void)send_own();  // where it fails the next receive() tells
        if (bytes != 0) return {Status::ok, bytes};
    }
    if (!web_socket_->is_over()) return {Status::blocked};
    const bool ended = web_socket_->state() == WebSocket::State::ended;
    return {ended ? Status::ended : Status::failed};
}

Stream::Result Stream::send_frame(std::span<const mqtt::Bytes> pieces) {
    std::array<mqtt::Bytes, WebSocket::kPiecesMax> wire;
    const Result sent = send_wire(web_socket_->frame(pieces, wire));
    if (sent.status != Status::ok) return sent;
    return {Status::ok, web_socket_->on_sent(sent.bytes)};
}

Stream::Status Stream::flush() {
    if (tls_) tls_->flush();
    return web_socket_ ? send_own() : Status::ok;
}

Stream::Status Stream::send_own() {
    while (!web_socket_->own().empty()) {
        const mqtt::Bytes own = web_socket_->own();
        const Result sent = send_wire({&own, 1});
        if (sent.status != Status::ok) return sent.status;
        web_socket_->on_sent(sent.bytes);
    }
    return Status::ok;
}

Stream::Fault Stream::fault() const {
    if (tls_ && !tls_->fault().detail.empty()) return tls_->fault();
    if (!web_socket_ || web_socket_->fault().empty()) return {};
    return {core::CloseReason::websocket_error, web_socket_->fault()};
}

std::string Stream::take_forwarded_for() {
    return web_socket_ ? web_socket_->take_forwarded_for() : std::string();
}

// --- What goes over the wire

Stream::Result Stream::receive_wire(std::span<std::byte> into) {
    if (tls_ != nullptr) return tls_->receive(into);
    const ssize_t bytes = recv(socket_.get(), into.data(), into.size(), 0);
    if (bytes == 0) return {Status::ended};
    return result_of(bytes);
}

Stream::Result Stream::send_wire(std::span<const mqtt::Bytes> pieces) {
    if (tls_ != nullptr) return tls_->send(pieces);
    if (pieces.size() == 1) {
        return result_of(::send(socket_.get(), pieces[0].data(), pieces[0].size(), MSG_NOSIGNAL));
    }
    std::array<iovec, WebSocket::kPiecesMax> vectors;
    msghdr message{};
    message.msg_iov = vectors.data();
    for (const mqtt::Bytes& piece : pieces.first(std::min(pieces.size(), vectors.size()))) {
        vectors[message.msg_iovlen++] = {const_cast<std::byte*>(piece.data()), piece.size()};
    }
    return result_of(sendmsg(socket_.get(), &message, MSG_NOSIGNAL));
}

void Stream::close(core::CloseReason reason) {
    if (web_socket_) {
        web_socket_->close(reason);
        (void)send_own();  // where it does not go at once nobody reads
    }
    if (tls_) tls_->close();
    std::array<std::byte, 16 * 1024> thrown_away;
    for (int reads = 0; reads < 16; ++reads) {
        const ssize_t bytes = recv(socket_.get(), thrown_away.data(), thrown_away.size(), 0);
        if (bytes < static_cast<ssize_t>(thrown_away.size())) break;
    }
    tls_.reset();
    socket_.close();
    place_.give_up();
}

}  // namespace godwit::net
