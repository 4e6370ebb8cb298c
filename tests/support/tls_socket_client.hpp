// A client's end of a TLS connection, by OpenSSL's blocking calls.
#pragma once

#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <csignal>
#include <cstring>
#include <memory>
#include <string>

#include "network_harness.hpp"

namespace godwit::test {

struct TlsClientOptions {
    std::string certificate;  // PEM
    std::string key;          // PEM
    std::string authority;    // PEM; empty: the server's certificate is not looked at
    int version = 0;          // TLS1_2_VERSION, TLS1_3_VERSION; 0: any
    std::string psk_identity;
    std::string psk_key;  // as bytes
    SSL_SESSION* session = nullptr;
};

class TlsSocket final : public Socket {
public:
    // Shakes hands at once. Whether that has worked tells error().
    explicit TlsSocket(std::uint16_t port, TlsClientOptions options = {})
        : Socket(port), options_(std::move(options)), context_(SSL_CTX_new(TLS_client_method())) {
        std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets whose other end is gone
        set_up();
        ssl_ = SSL_new(context_);
        SSL_set_fd(ssl_, descriptor());
        if (options_.session != nullptr) SSL_set_session(ssl_, options_.session);
        if (SSL_connect(ssl_) != 1) error_ = reason();
    }
    ~TlsSocket() override {
        SSL_free(ssl_);
        SSL_CTX_free(context_);
        SSL_SESSION_free(session_);
    }

    // Why there is no connection, in OpenSSL's words; empty: there is.
    [[nodiscard]] const std::string& error() const { return error_; }
    [[nodiscard]] SSL* ssl() { return ssl_; }
    [[nodiscard]] bool is_resumed() const { return SSL_session_reused(ssl_) == 1; }
    // To resume, once the server has sent a ticket. It lives as long as this client.
    [[nodiscard]] SSL_SESSION* session() const {
        return session_ != nullptr ? session_ : SSL_get_session(ssl_);
    }
    // Whether what is sent waits, to leave together once it no longer does.
    void hold_back(bool on) {
        const int value = on ? 1 : 0;
        setsockopt(descriptor(), IPPROTO_TCP, TCP_CORK, &value, sizeof value);
    }
    // Asks for new keys with the next bytes.
    void update_keys() { SSL_key_update(ssl_, SSL_KEY_UPDATE_REQUESTED); }

protected:
    ssize_t write_some(mqtt::Bytes bytes) override {
        return SSL_write(ssl_, bytes.data(), static_cast<int>(bytes.size()));
    }
    ssize_t read_some(std::span<std::byte> into) override {
        const int bytes = SSL_read(ssl_, into.data(), static_cast<int>(into.size()));
        if (bytes > 0) return bytes;
        const int error = SSL_get_error(ssl_, bytes);
        error_ = reason();
        return error == SSL_ERROR_WANT_READ ? -1 : 0;  // in vain for long
    }

private:
    void set_up() {
        SSL_CTX_set_app_data(context_, this);
        if (options_.version != 0) {
            SSL_CTX_set_min_proto_version(context_, options_.version);
            SSL_CTX_set_max_proto_version(context_, options_.version);
            SSL_CTX_set_security_level(context_, options_.version < TLS1_2_VERSION ? 0 : 1);
            if (options_.version < TLS1_2_VERSION) {
                SSL_CTX_set_cipher_list(context_, "ALL:@SECLEVEL=0");
            }
        }
        if (!options_.certificate.empty()) use_certificate();
        if (!options_.authority.empty()) trust();
        if (!options_.psk_identity.empty()) {
            SSL_CTX_set_psk_client_callback(context_, give_psk);
            SSL_CTX_set_cipher_list(context_, "PSK");
        }
        SSL_CTX_set_session_cache_mode(context_, SSL_SESS_CACHE_CLIENT);
        SSL_CTX_sess_set_new_cb(context_, keep_session);
    }

    void use_certificate() {
        BIO* in = BIO_new_mem_buf(options_.certificate.data(), -1);
        X509* certificate = PEM_read_bio_X509(in, nullptr, nullptr, nullptr);
        SSL_CTX_use_certificate(context_, certificate);
        X509_free(certificate);
        while ((certificate = PEM_read_bio_X509(in, nullptr, nullptr, nullptr)) != nullptr)
            SSL_CTX_add0_chain_cert(context_, certificate);
        BIO_free(in);
        in = BIO_new_mem_buf(options_.key.data(), -1);
        EVP_PKEY* key = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
        SSL_CTX_use_PrivateKey(context_, key);
        EVP_PKEY_free(key);
        BIO_free(in);
    }

    void trust() {
        BIO* in = BIO_new_mem_buf(options_.authority.data(), -1);
        X509* authority = PEM_read_bio_X509(in, nullptr, nullptr, nullptr);
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context_), authority);
        X509_free(authority);
        BIO_free(in);
        SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    }

    static unsigned give_psk(SSL* ssl, const char*, char* identity, unsigned identity_max,
                             unsigned char* key, unsigned) {
        const auto& options =
            static_cast<TlsSocket*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)))->options_;
        std::strncpy(identity, options.psk_identity.c_str(), identity_max);
        std::memcpy(key, options.psk_key.data(), options.psk_key.size());
        return static_cast<unsigned>(options.psk_key.size());
    }

    static int keep_session(SSL* ssl, SSL_SESSION* session) {
        auto* const self = static_cast<TlsSocket*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl)));
        SSL_SESSION_free(self->session_);
        self->session_ = session;
        return 1;
    }

    static std::string reason() {
        const char* text = ERR_reason_error_string(ERR_peek_last_error());
        ERR_clear_error();
        return text != nullptr ? text : "closed";
    }

    const TlsClientOptions options_;
    SSL_CTX* context_;
    SSL* ssl_ = nullptr;
    SSL_SESSION* session_ = nullptr;
    std::string error_;
};

}  // namespace godwit::test
