#include "tls_socket.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

namespace godwit::net {

namespace {

int socket_of(BIO* bio) {
    return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool is_temporary(int error) {
    return error == EAGAIN || error == EWOULDBLOCK || error == EINTR;
}

int on_read(BIO* bio, char* into, std::size_t size, std::size_t* bytes) {
    BIO_clear_retry_flags(bio);
    const ssize_t received = recv(socket_of(bio), into, size, 0);
    *bytes = received > 0 ? static_cast<std::size_t>(received) : 0;
    if (received > 0) return 1;
    if (received == 0) {
        BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
    } else if (is_temporary(errno)) {
        BIO_set_retry_read(bio);
    }
    return 0;
}

int on_write(BIO* bio, const char* from, std::size_t size, std::size_t* bytes) {
    BIO_clear_retry_flags(bio);
    const ssize_t sent = send(socket_of(bio), from, size, MSG_NOSIGNAL);
    *bytes = sent > 0 ? static_cast<std::size_t>(sent) : 0;
    if (sent > 0) return 1;
    if (is_temporary(errno)) BIO_set_retry_write(bio);
    return 0;
}

long on_control(BIO* bio, int command, long, void*) {
    if (command == BIO_CTRL_FLUSH) return 1;
    if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    return 0;
}

BIO_METHOD* make_method() {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket");
    if (method == nullptr) return nullptr;
    BIO_meth_set_read_ex(method, on_read);
    BIO_meth_set_write_ex(method, on_write);
    BIO_meth_set_ctrl(method, on_control);
    return method;
}

}  // namespace

bool attach_socket(SSL* ssl, int socket) {
    static BIO_METHOD* const kMethod = make_method();
    BIO* bio = kMethod != nullptr ? BIO_new(kMethod) : nullptr;
    if (bio == nullptr) return false;
    BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl, bio, bio);
    return true;
}

}  // namespace godwit::net
