#include "tls_channel.hpp"

#include <openssl/err.h>

#include <cerrno>
#include <csignal>
#include <string>
#include <string_view>
#include <utility>

#include "failure.hpp"

namespace godwit::bench {
namespace {

std::string openssl_reason() {
    const unsigned long code = ERR_peek_last_error();
    const char* reason = code == 0 ? nullptr : ERR_reason_error_string(code);
    return reason == nullptr ? "unknown" : reason;
}

void check_file(bool usable, std::string_view option, const std::string& path) {
    if (usable) return;
    fail(ExitCode::usage,
         std::string(option) + ": " + path + " cannot be used: " + openssl_reason());
}

void set_version(SSL_CTX* context, const std::string& version) {
    if (version.empty()) return;
    if (version != "1.2" && version != "1.3") {
        fail(ExitCode::usage, "--tls-version: 1.2 or 1.3 is needed, not '" + version + "'");
    }
    const int only = version == "1.2" ? TLS1_2_VERSION : TLS1_3_VERSION;
    SSL_CTX_set_min_proto_version(context, only);
    SSL_CTX_set_max_proto_version(context, only);
}

}  // namespace

TlsClient::TlsClient(const TlsSettings& settings) : context_(SSL_CTX_new(TLS_client_method())) {
    std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes without MSG_NOSIGNAL.
    SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS |
                                   SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_read_ahead(context_, 1);
    // MQTT tells by itself whether all has come.
    SSL_CTX_set_options(context_, SSL_OP_IGNORE_UNEXPECTED_EOF);
    set_version(context_, settings.version);
    if (!settings.ca.empty()) require_broker(settings);
    if (!settings.certificate.empty()) use_certificate(settings);
    if (settings.resumes) keep_sessions();
}

TlsClient::~TlsClient() {
    SSL_CTX_free(context_);
}

void TlsClient::require_broker(const TlsSettings& settings) {
    check_file(SSL_CTX_load_verify_file(context_, settings.ca.c_str()) == 1, "--ca", settings.ca);
    SSL_CTX_set_verify(context_, SSL_VERIFY_PEER, nullptr);
    X509_VERIFY_PARAM_set1_ip_asc(SSL_CTX_get0_param(context_), settings.host.c_str());
}

void TlsClient::use_certificate(const TlsSettings& settings) {
    const std::string& certificate = settings.certificate;
    const std::string& key = settings.private_key.empty() ? certificate : settings.private_key;
    check_file(SSL_CTX_use_certificate_chain_file(context_, certificate.c_str()) == 1, "--cert",
               certificate);
    check_file(SSL_CTX_use_PrivateKey_file(context_, key.c_str(), SSL_FILETYPE_PEM) == 1, "--key",
               key);
}

void TlsClient::keep_sessions() {
    SSL_CTX_set_session_cache_mode(context_,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    SSL_CTX_sess_set_new_cb(context_, [](SSL* ssl, SSL_SESSION* session) {
        static_cast<TlsChannel*>(SSL_get_app_data(ssl))->keep(session);
        return 1;  // The session is the channel's now.
    });
}

void TlsClient::count_handshake(SSL* ssl) {
    handshakes_.fetch_add(1, std::memory_order_relaxed);
    if (SSL_session_reused(ssl) != 0) resumed_.fetch_add(1, std::memory_order_relaxed);
    version_ = SSL_get_version(ssl);
    cipher_ = SSL_get_cipher_name(ssl);
}

TlsChannel::~TlsChannel() {
    close();
    SSL_SESSION_free(session_);
}

void TlsChannel::open(int descriptor) {
    ssl_ = client_.new_connection();
    SSL_set_app_data(ssl_, this);
    SSL_set_fd(ssl_, descriptor);
    if (session_ != nullptr) SSL_set_session(ssl_, session_);
    SSL_set_connect_state(ssl_);
}

void TlsChannel::close() {
    if (ssl_ == nullptr) return;
    // Else OpenSSL takes the end for an attack and the session for unfit to be resumed.
    SSL_set_shutdown(ssl_, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(ssl_);
    ssl_ = nullptr;
    ready_ = false;
}

void TlsChannel::end() {
    SSL_shutdown(ssl_);
}

void TlsChannel::keep(SSL_SESSION* session) {
    SSL_SESSION_free(std::exchange(session_, session));
}

ssize_t TlsChannel::receive(std::span<std::uint8_t> room) {
    ERR_clear_error();
    if (!ready_ && !shake_hands()) return -1;
    std::size_t taken = 0;
    while (taken < room.size()) {
        std::size_t got = 0;
        const int result = SSL_read_ex(ssl_, room.data() + taken, room.size() - taken, &got);
        if (result != 1) return taken != 0 ? static_cast<ssize_t>(taken) : fault(result);
        taken += got;
    }
    return static_cast<ssize_t>(taken);
}

ssize_t TlsChannel::send(std::span<const std::uint8_t> bytes) {
    ERR_clear_error();
    std::size_t taken = 0;
    const int result = SSL_write_ex(ssl_, bytes.data(), bytes.size(), &taken);
    return result == 1 ? static_cast<ssize_t>(taken) : fault(result);
}

// False, with errno set, while it is under way or when the connection broke.
bool TlsChannel::shake_hands() {
    const int result = SSL_do_handshake(ssl_);
    if (result == 1) {
        ready_ = true;
        client_.count_handshake(ssl_);
        return true;
    }
    if (SSL_get_error(ssl_, result) == SSL_ERROR_SSL) {
        fail(ExitCode::setup, "the TLS handshake failed: " + openssl_reason());
    }
    if (fault(result) == 0) errno = ECONNRESET;
    return false;
}

// What recv() and send() would return. Nothing that is sent out of turn is more than a socket
// takes, so neither does reading wait for room nor writing for bytes.
ssize_t TlsChannel::fault(int result) {
    switch (SSL_get_error(ssl_, result)) {
        case SSL_ERROR_WANT_READ:
        case SSL_ERROR_WANT_WRITE: errno = EAGAIN; return -1;
        case SSL_ERROR_ZERO_RETURN: return 0;
        case SSL_ERROR_SYSCALL: return -1;
        default: errno = EPROTO; return -1;
    }
}

}  // namespace godwit::bench
