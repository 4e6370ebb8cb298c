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
    BIO_clear_flags(bio, BIO_FLAGS_RWS | BIO_FLAGS_SHOULD_RETRY | BIO_FLAGS_IN_EOF);
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

BioPtr make_bio() {
    static BIO_METHOD* const kMethod = make_method();
    BioPtr bio(kMethod != nullptr ? BIO_new(kMethod) : nullptr);
    if (bio) BIO_set_init(bio.get(), 1);
    return bio;
}

void set_socket(BIO* bio, int socket) {
    BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(socket)));
}

}  // namespace

bool attach_socket(SSL* ssl, int socket) {
    BioPtr bio = make_bio();
    if (!bio) return false;
    set_socket(bio.get(), socket);
    BIO* const owned = bio.release();
    SSL_set_bio(ssl, owned, owned);
    return true;
}

bool lend_socket(SSL* ssl, int socket) {
    thread_local const BioPtr bio = make_bio();
    if (!bio) return false;
    set_socket(bio.get(), socket);
    if (SSL_get_rbio(ssl) == bio.get()) return true;
    // Each connection has a reference, so that it may leave the thread, or outlive it.
    BIO_up_ref(bio.get());
    SSL_set_bio(ssl, bio.get(), bio.get());
    return true;
}

void wipe_key_share(SSL* ssl) {
    EVP_PKEY* key = nullptr;
    // To give a key its type once more empties it.
    if (SSL_get_tmp_key(ssl, &key) == 1) {
        EVP_PKEY_set_type(key, EVP_PKEY_get_base_id(key));
        EVP_PKEY_free(key);
    }
    if (SSL_get_peer_tmp_key(ssl, &key) == 1) {
        EVP_PKEY_set_type(key, EVP_PKEY_get_base_id(key));
        EVP_PKEY_free(key);
    }
}

}  // namespace godwit::net
