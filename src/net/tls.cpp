#include "tls.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <new>

#include "tls_socket.hpp"

namespace godwit::net {

namespace {

constexpr std::size_t kRecordMax = SSL3_RT_MAX_PLAIN_LENGTH;  // 16 KiB

// The bytes of many pieces, taken record by record.
class Gathered {
public:
    explicit Gathered(std::span<const mqtt::Bytes> pieces) : pieces_(pieces) { skip_empty(); }

    [[nodiscard]] bool empty() const { return pieces_.empty(); }

    // The next bytes in one place, at most `max`: where they lie, or copied to one buffer that all
    // connections of a loop share. Valid until the next call on this thread.
    [[nodiscard]] mqtt::Bytes front(std::size_t max) const {
        const mqtt::Bytes first = pieces_[0].subspan(offset_);
        if (first.size() >= max || pieces_.size() == 1)
            return first.first(std::min(first.size(), max));
        thread_local std::array<std::byte, kRecordMax> buffer;
        std::size_t size = append(buffer, 0, first, max);
        for (std::size_t i = 1; i < pieces_.size() && size < max; ++i)
            size = append(buffer, size, pieces_[i], max);
        return std::span(buffer).first(size);
    }

    void consume(std::size_t bytes) {
        while (bytes != 0) {
            const std::size_t here = std::min(bytes, pieces_[0].size() - offset_);
            bytes -= here;
            offset_ += here;
            skip_empty();
        }
    }

private:
    static std::size_t append(std::span<std::byte> buffer, std::size_t size, mqtt::Bytes piece,
                              std::size_t max) {
        const std::size_t bytes = std::min(piece.size(), max - size);
        std::memcpy(buffer.data() + size, piece.data(), bytes);
        return size + bytes;
    }

    void skip_empty() {
        while (!pieces_.empty() && offset_ == pieces_[0].size()) {
            pieces_ = pieces_.subspan(1);
            offset_ = 0;
        }
    }

    std::span<const mqtt::Bytes> pieces_;
    std::size_t offset_ = 0;  // in the first piece
};

}  // namespace

Tls::Tls(std::shared_ptr<const TlsContext> context, int socket)
    : context_(std::move(context)), ssl_(context_->accept()), socket_(socket) {
    if (!ssl_ || !attach_socket(ssl_.get(), socket)) throw std::bad_alloc();
}

// Before each use of ssl_. Once the handshake is done, the connection gives up what only that
// needed.
void Tls::prepare() {
    if (!is_through_) {
        if (is_shaking_hands()) return;
        is_through_ = true;
        wipe_key_share(ssl_.get());
    }
    if (!lend_socket(ssl_.get(), socket_)) throw std::bad_alloc();
}

Stream::Result Tls::receive(std::span<std::byte> into) {
    has_more_ = wants_to_send_ = false;
    if (state_ != Stream::Status::ok) return {state_};
    prepare();
    std::size_t received = 0;
    while (received < into.size()) {
        ERR_clear_error();
        std::size_t bytes = 0;
        const std::span<std::byte> rest = into.subspan(received);
        const int result = SSL_read_ex(ssl_.get(), rest.data(), rest.size(), &bytes);
        received += bytes;
        if (result == 1) continue;
        const Stream::Status status = status_of_failure(result);
        wants_to_send_ = status == Stream::Status::blocked && SSL_want_write(ssl_.get());
        // What came before an end is given out first; the socket may not tell of the end again.
        has_more_ = received != 0 && status != Stream::Status::blocked;
        return received != 0 ? Stream::Result{Stream::Status::ok, received}
                             : Stream::Result{status};
    }
    has_more_ = SSL_has_pending(ssl_.get()) != 0;
    return {Stream::Status::ok, received};
}

Stream::Result Tls::send(std::span<const mqtt::Bytes> pieces) {
    if (state_ == Stream::Status::failed) return {state_};
    prepare();
    Gathered rest(pieces);
    std::size_t sent = 0;
    while (!rest.empty()) {
        // A record that is being sent is offered again as it was.
        const mqtt::Bytes record = rest.front(offered_ != 0 ? offered_ : kRecordMax);
        ERR_clear_error();
        std::size_t bytes = 0;
        const int result = SSL_write_ex(ssl_.get(), record.data(), record.size(), &bytes);
        if (result != 1) {
            const Stream::Status status = status_of_failure(result);
            if (status == Stream::Status::blocked) offered_ = record.size();
            return sent != 0 ? Stream::Result{Stream::Status::ok, sent} : Stream::Result{status};
        }
        offered_ = 0;
        rest.consume(bytes);
        sent += bytes;
    }
    return {Stream::Status::ok, sent};
}

void Tls::close() {
    if (state_ == Stream::Status::failed || is_shaking_hands()) return;
    state_ = Stream::Status::failed;
    prepare();
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
}

// What a call that brought nothing means. Remembered where it is final, since OpenSSL must not be
// called again then.
Stream::Status Tls::status_of_failure(int result) {
    switch (SSL_get_error(ssl_.get(), result)) {
        case SSL_ERROR_WANT_WRITE:
        case SSL_ERROR_WANT_READ: return Stream::Status::blocked;
        case SSL_ERROR_ZERO_RETURN: return state_ = Stream::Status::ended;
        case SSL_ERROR_SYSCALL: return state_ = Stream::Status::failed;
        default: break;
    }
    const std::string_view reason = openssl_reason();
    fault_ = {core::CloseReason::tls_error, reason.empty() ? "TLS failed" : reason};
    return state_ = Stream::Status::failed;
}

std::optional<std::string> Tls::certified_name() const {
    return context_->certified_name(ssl_.get());
}

}  // namespace godwit::net
