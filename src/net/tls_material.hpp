// The certificates and keys of a listener, read from their files at one time and looked at.
#pragma once

#include <vector>

#include "godwit/net/psk_file.hpp"
#include "godwit/net/tls_problem.hpp"
#include "openssl.hpp"

namespace godwit::net {

struct TlsMaterial {
    std::vector<CertificatePtr> certificates;  // our own first, its issuers behind it
    KeyPtr private_key;
    std::vector<CertificatePtr> authorities;
    std::vector<CrlPtr> revocations;
    PskKeys psk_keys;
    std::vector<TlsProblem> problems;
};

[[nodiscard]] TlsMaterial read_tls_material(const TlsSettings& settings);

}  // namespace godwit::net
