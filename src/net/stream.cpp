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
    : socket_(std::move(socket)), place_(std::move(place)) {}
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
    return tls_ != nullptr && tls_->has_more();
}

bool Stream::wants_to_send() const {
    return tls_ != nullptr && tls_->wants_to_send();
}

Stream::Status Stream::flush() {
    if (tls_ != nullptr) tls_->flush();
    return Status::ok;
}

Stream::Fault Stream::fault() const {
    return tls_ != nullptr ? tls_->fault() : Fault{};
}

Stream::Result Stream::receive(std::span<std::byte> into) {
    return receive_wire(into);
}

Stream::Result Stream::send(std::span<const mqtt::Bytes> pieces) {
    return send_wire(pieces);
}

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
    std::array<iovec, kPiecesMax> vectors;
    msghdr message{};
    message.msg_iov = vectors.data();
    for (const mqtt::Bytes& piece : pieces.first(std::min(pieces.size(), kPiecesMax))) {
        vectors[message.msg_iovlen++] = {const_cast<std::byte*>(piece.data()), piece.size()};
    }
    return result_of(sendmsg(socket_.get(), &message, MSG_NOSIGNAL));
}

void Stream::close() {
    if (tls_ != nullptr) tls_->close();
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
