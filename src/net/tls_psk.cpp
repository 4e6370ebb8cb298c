#include "tls_psk.hpp"

#include <algorithm>

#include "godwit/mqtt/topic.hpp"
#include "tls_context.hpp"

namespace godwit::net {

namespace {

const std::string* key_of(SSL* ssl, std::string_view identity) {
    const void* const context = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    return static_cast<const TlsContext*>(context)->psk(identity);
}

// TLS 1.2. Returns the bytes of the key, 0 where the identity is unknown.
unsigned find_key(SSL* ssl, const char* identity, unsigned char* into, unsigned room) {
    const std::string* key = identity != nullptr ? key_of(ssl, identity) : nullptr;
    if (key == nullptr || key->size() > room) return 0;
    std::copy(key->begin(), key->end(), into);
    return static_cast<unsigned>(key->size());
}

// A key that was agreed on without TLS 1.3 in mind goes with SHA-256. [RFC 8446 4.2.11]
SslSessionPtr session_of(SSL* ssl, const std::string& key, std::string_view identity) {
    constexpr unsigned char kAes128GcmSha256[] = {0x13, 0x01};
    const SSL_CIPHER* cipher = SSL_CIPHER_find(ssl, kAes128GcmSha256);
    const auto* bytes = reinterpret_cast<const unsigned char*>(key.data());
    SslSessionPtr session(SSL_SESSION_new());
    const bool complete =
        session && cipher != nullptr &&
        SSL_SESSION_set1_master_key(session.get(), bytes, key.size()) == 1 &&
        SSL_SESSION_set_cipher(session.get(), cipher) == 1 &&
        SSL_SESSION_set_protocol_version(session.get(), TLS1_3_VERSION) == 1 &&
        // Travels in the tickets too.
        SSL_SESSION_set1_ticket_appdata(session.get(), identity.data(), identity.size()) == 1;
    if (!complete) session.reset();
    return session;
}

// TLS 1.3. Returns 0 for failures alone; without a session the handshake goes on, and fails for
// want of a certificate.
int find_session(SSL* ssl, const unsigned char* identity, std::size_t size, SSL_SESSION** session) {
    const std::string_view name(reinterpret_cast<const char*>(identity), size);
    const std::string* key = key_of(ssl, name);
    *session = key != nullptr ? session_of(ssl, *key, name).release() : nullptr;
    return key == nullptr || *session != nullptr ? 1 : 0;
}

std::string_view identity_of(SSL* ssl) {
    if (SSL_version(ssl) != TLS1_3_VERSION) {
        const char* identity = SSL_get_psk_identity(ssl);
        return identity != nullptr ? identity : std::string_view{};
    }
    void* data = nullptr;
    std::size_t size = 0;
    SSL_SESSION_get0_ticket_appdata(SSL_get_session(ssl), &data, &size);
    return {static_cast<const char*>(data), data != nullptr ? size : 0};
}

}  // namespace

void use_psk(SSL_CTX* context) {
    SSL_CTX_set_psk_server_callback(context, find_key);
    SSL_CTX_set_psk_find_session_callback(context, find_session);
}

std::optional<std::string> psk_identity(SSL* ssl) {
    const std::string_view identity = identity_of(ssl);
    if (identity.empty() || !mqtt::is_utf8_string(identity)) return std::nullopt;
    return std::string(identity);
}

}  // namespace godwit::net
