// TLS on a stream's non-blocking socket, as the server. The handshake is part of receive(), which
// then says 'blocked' until it is through. It owns no buffer while nothing is on its way. Used by
// one thread at a time.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "stream.hpp"
#include "tls_context.hpp"

namespace godwit::net {

class Tls {
public:
    // The socket outlives it.
    Tls(std::shared_ptr<const TlsContext> context, int socket);

    [[nodiscard]] Stream::Result receive(std::span<std::byte> into);
    // What has not gone must come again as the beginning of the next call: it may be encrypted
    // already.
    [[nodiscard]] Stream::Result send(std::span<const mqtt::Bytes> pieces);
    // Says that nothing will follow, without waiting for an answer. Once.
    void close();

    [[nodiscard]] bool has_more() const { return has_more_; }
    // receive() is held up until the socket takes bytes: records of the handshake.
    [[nodiscard]] bool wants_to_send() const { return wants_to_send_; }
    void flush() { wants_to_send_ = false; }  // the next receive() tries again
    [[nodiscard]] Stream::Fault fault() const { return fault_; }

    // An update of keys in TLS 1.3 is no handshake.
    [[nodiscard]] bool is_shaking_hands() const {
        return !is_through_ && SSL_is_init_finished(ssl_.get()) == 0;
    }
    // See TlsContext.
    [[nodiscard]] std::optional<std::string> certified_name() const;

private:
    void prepare();
    [[nodiscard]] Stream::Status status_of_failure(int result);

    std::shared_ptr<const TlsContext> context_;
    SslPtr ssl_;
    Stream::Fault fault_;
    const int socket_;
    std::size_t offered_ = 0;                    // bytes of a record that the socket has not taken
    Stream::Status state_ = Stream::Status::ok;  // 'ended' and 'failed' stay
    bool is_through_ = false;                    // the handshake was seen to be done
    bool has_more_ = false;
    bool wants_to_send_ = false;
};

}  // namespace godwit::net
