// The socket under a TLS connection, as OpenSSL wants it.
#pragma once

#include "openssl.hpp"

namespace godwit::net {

// From now on the connection reads and writes the non-blocking socket, which outlives it. Without
// SIGPIPE. False: no memory.
[[nodiscard]] bool attach_socket(SSL* ssl, int socket);

}  // namespace godwit::net
