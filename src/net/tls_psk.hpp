// Handshakes with pre-shared keys: the keys of TlsContext as OpenSSL asks for them.
#pragma once

#include <optional>
#include <string>

#include "openssl.hpp"

namespace godwit::net {

// The context's app data is its TlsContext.
void use_psk(SSL_CTX* context);

// The identity whose key a connection has proved to know, also where it resumes a session.
[[nodiscard]] std::optional<std::string> psk_identity(SSL* ssl);

}  // namespace godwit::net
