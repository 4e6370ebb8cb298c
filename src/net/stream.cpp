#include "stream.hpp"

#include <sys/uio.h>

#include <array>
#include <cerrno>

namespace godwit::net {

namespace {

Stream::Result result_of(ssize_t bytes) {
    if (bytes >= 0) return {Stream::Status::ok, static_cast<std::size_t>(bytes)};
    const bool blocked = errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR;
    return {blocked ? Stream::Status::blocked : Stream::Status::failed};
}

}  // namespace

Stream::Result Stream::receive(std::span<std::byte> into) {
    const ssize_t bytes = recv(socket_.get(), into.data(), into.size(), 0);
    if (bytes == 0) return {Status::ended};
    return result_of(bytes);
}

Stream::Result Stream::send(std::span<const mqtt::Bytes> pieces) {
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
    std::array<std::byte, 16 * 1024> thrown_away;
    for (int reads = 0; reads < 16; ++reads) {
        const ssize_t bytes = recv(socket_.get(), thrown_away.data(), thrown_away.size(), 0);
        if (bytes < static_cast<ssize_t>(thrown_away.size())) break;
    }
    socket_.close();
    place_.give_up();
}

}  // namespace godwit::net
