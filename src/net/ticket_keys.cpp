#include "ticket_keys.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <algorithm>
#include <utility>

namespace godwit::net {

namespace {

constexpr int kIvBytes = 16;  // of AES-CBC

std::optional<TicketKeys::Key> make_key() {
    TicketKeys::Key key;
    const auto fill = [](auto& bytes) {
        return RAND_priv_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1;
    };
    if (!fill(key.name) || !fill(key.cipher) || !fill(key.mac)) return std::nullopt;
    return key;
}

int place_of_keys() {
    static const int kIndex = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
    return kIndex;
}

TicketKeys& keys_of(SSL* ssl) {
    return *static_cast<TicketKeys*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), place_of_keys()));
}

bool set_mac(EVP_MAC_CTX* mac, TicketKeys::Key& key) {
    char digest[] = "SHA256";
    const OSSL_PARAM parameters[] = {
        OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac.data(), key.mac.size()),
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    return EVP_MAC_CTX_set_params(mac, parameters) == 1;
}

// What OpenSSL expects: -1 failed, 0 not found, 1 done, 2 done and a new ticket is due.
int encrypt(TicketKeys& keys, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
            EVP_MAC_CTX* mac) {
    auto key = keys.current(std::chrono::steady_clock::now());
    if (!key || RAND_bytes(iv, kIvBytes) != 1) return -1;
    std::copy(key->name.begin(), key->name.end(), name);
    const bool done =
        EVP_EncryptInit_ex2(cipher, EVP_aes_256_cbc(), key->cipher.data(), iv, nullptr) == 1 &&
        set_mac(mac, *key);
    return done ? 1 : -1;
}

int decrypt(TicketKeys& keys, bool single_use, const unsigned char* name, const unsigned char* iv,
            EVP_CIPHER_CTX* cipher, EVP_MAC_CTX* mac) {
    const std::span<const unsigned char, 16> its_name(name, 16);
    auto found = keys.find(its_name, std::chrono::steady_clock::now());
    if (!found) return 0;
    const bool done =
        set_mac(mac, found->key) &&
        EVP_DecryptInit_ex2(cipher, EVP_aes_256_cbc(), found->key.cipher.data(), iv, nullptr) == 1;
    if (!done) return -1;
    return found->is_current && !single_use ? 1 : 2;
}

int on_ticket_key(SSL* ssl, unsigned char* name, unsigned char* iv, EVP_CIPHER_CTX* cipher,
                  EVP_MAC_CTX* mac, int encrypts) {
    TicketKeys& keys = keys_of(ssl);
    // Clients use a ticket of TLS 1.3 once, so that nobody can tell connections of one client by
    // it, and want another for their next (RFC 8446, C.4).
    const bool single_use = SSL_version(ssl) == TLS1_3_VERSION;
    return encrypts != 0 ? encrypt(keys, name, iv, cipher, mac)
                         : decrypt(keys, single_use, name, iv, cipher, mac);
}

bool has_expired(const SSL_SESSION* session) {
    // OpenSSL's getter takes what it does not change as if it did.
    const X509* peer = SSL_SESSION_get0_peer(const_cast<SSL_SESSION*>(session));
    return peer != nullptr && X509_cmp_current_time(X509_get0_notAfter(peer)) < 0;
}

// A ticket carries the client's certificate, which a whole handshake would look at again.
SSL_TICKET_RETURN on_ticket(SSL*, SSL_SESSION* session, const unsigned char*, std::size_t,
                            SSL_TICKET_STATUS status, void*) {
    switch (status) {
        case SSL_TICKET_SUCCESS:
            return has_expired(session) ? SSL_TICKET_RETURN_IGNORE_RENEW : SSL_TICKET_RETURN_USE;
        case SSL_TICKET_SUCCESS_RENEW:
            return has_expired(session) ? SSL_TICKET_RETURN_IGNORE_RENEW
                                        : SSL_TICKET_RETURN_USE_RENEW;
        default: return SSL_TICKET_RETURN_IGNORE_RENEW;
    }
}

}  // namespace

std::optional<TicketKeys::Key> TicketKeys::current(Time now) {
    const core::MutexLock lock(mutex_);
    turn(now);
    return current_;
}

std::optional<TicketKeys::Found> TicketKeys::find(std::span<const unsigned char, 16> name,
                                                  Time now) {
    const core::MutexLock lock(mutex_);
    turn(now);
    for (const auto* key : {&current_, &previous_}) {
        if (*key && std::ranges::equal((*key)->name, name)) return Found{**key, key == &current_};
    }
    return std::nullopt;
}

void TicketKeys::turn(Time now) {
    if (current_ && now < made_ + kLifetime) return;
    const bool lives_on = current_ && now < made_ + 2 * kLifetime;
    previous_ = lives_on ? current_ : std::nullopt;
    current_ = make_key();
    made_ = now;
}

void use_ticket_keys(SSL_CTX* context, TicketKeys& keys) {
    SSL_CTX_set_ex_data(context, place_of_keys(), &keys);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context, on_ticket_key);
    SSL_CTX_set_session_ticket_cb(context, nullptr, on_ticket, nullptr);
    SSL_CTX_set_timeout(context, std::chrono::seconds(TicketKeys::kLifetime).count());
}

}  // namespace godwit::net
