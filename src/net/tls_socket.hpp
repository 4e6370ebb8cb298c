// The socket under a TLS connection, as OpenSSL wants it.
#pragma once

#include "openssl.hpp"

namespace godwit::net {

// From now on the connection reads and writes the non-blocking socket, which outlives it. Without
// SIGPIPE. False: no memory.
[[nodiscard]] bool attach_socket(SSL* ssl, int socket);

// The same by an object that all connections of a thread share: for those whose handshake is done
// (until then OpenSSL puts a buffer in front of it), before each call of OpenSSL.
[[nodiscard]] bool lend_socket(SSL* ssl, int socket);

// Forgets the keys that both sides made for the handshake alone. They take memory, and whoever
// finds our private one later could read along.
void wipe_key_share(SSL* ssl);

}  // namespace godwit::net
