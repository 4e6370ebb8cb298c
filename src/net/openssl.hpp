// Owning pointers to what OpenSSL allocates, and its errors in words.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <memory>
#include <string_view>

namespace godwit::net {

template <auto kFree>
struct FreedBy {
    template <typename Object>
    void operator()(Object* object) const {
        kFree(object);
    }
};

using BioPtr = std::unique_ptr<BIO, FreedBy<BIO_free>>;
using CertificatePtr = std::unique_ptr<X509, FreedBy<X509_free>>;
using CrlPtr = std::unique_ptr<X509_CRL, FreedBy<X509_CRL_free>>;
using KeyPtr = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;
using SslContextPtr = std::unique_ptr<SSL_CTX, FreedBy<SSL_CTX_free>>;
using SslPtr = std::unique_ptr<SSL, FreedBy<SSL_free>>;
using SslSessionPtr = std::unique_ptr<SSL_SESSION, FreedBy<SSL_SESSION_free>>;

// Why the last call on this thread failed; empty where OpenSSL does not say. A literal of its own.
[[nodiscard]] inline std::string_view openssl_reason() {
    const char* reason = ERR_reason_error_string(ERR_peek_last_error());
    return reason != nullptr ? reason : std::string_view{};
}

}  // namespace godwit::net
