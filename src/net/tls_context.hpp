// What the TLS connections of a listener have in common: certificate, keys, rules, ticket keys. Not
// changed once built: a reload builds another one, with ticket keys of its own, so that whoever was
// let in under the old rules has to show anew who it is. Any thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "godwit/net/psk_file.hpp"
#include "godwit/net/tls_problem.hpp"
#include "openssl.hpp"
#include "ticket_keys.hpp"
#include "tls_material.hpp"

namespace godwit::net {

class TlsContext {
public:
    struct Built {
        std::shared_ptr<const TlsContext> context;  // null: something is broken
        std::vector<TlsProblem> problems;
    };
    // Reads all files.
    [[nodiscard]] static Built build(const TlsSettings& settings);

    TlsContext(const TlsContext&) = delete;
    TlsContext& operator=(const TlsContext&) = delete;

    // For one connection, which keeps the context alive. Null: no memory.
    [[nodiscard]] SslPtr accept() const;

    // Who the other end of a connection has proved to be, once its handshake is done, where the
    // listener takes the user name from it.
    [[nodiscard]] std::optional<std::string> certified_name(SSL* ssl) const;

    // The pre-shared key of an identity, as bytes; null: unknown.
    [[nodiscard]] const std::string* psk(std::string_view identity) const;

private:
    TlsContext(const TlsSettings& settings, PskKeys psk_keys);

    const TlsSettings::UsernameFrom username_from_;
    const PskKeys psk_keys_;
    TicketKeys ticket_keys_;
    SslContextPtr context_;
};

}  // namespace godwit::net
