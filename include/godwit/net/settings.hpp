// What a user may set about the network, with its defaults. Filled by config/, constant while the
// broker runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "godwit/core/address_range.hpp"

namespace godwit::net {

// HOST:PORT. An empty host is '*': every address of both families. A host may be a name; it is
// looked up when the listener opens. Port 0 asks for a free one.
struct TcpBind {
    std::string host;
    std::uint16_t port = 0;

    friend bool operator==(const TcpBind&, const TcpBind&) = default;
};

struct UnixBind {
    std::string path;

    friend bool operator==(const UnixBind&, const UnixBind&) = default;
};

using Bind = std::variant<TcpBind, UnixBind>;

// Reads HOST:PORT, [V6]:PORT, *:PORT or unix:/path. Nothing when the text is none of these.
[[nodiscard]] std::optional<Bind> parse_bind(std::string_view text);
// The same text again.
[[nodiscard]] std::string to_string(const Bind& bind);

// Are clients without an authenticated user let in?
enum class Anonymous : std::uint8_t {
    automatic,  // where only this machine can connect: loopback and unix sockets. Once loaded,
                // it is only left where no authenticator is configured
    allow,
    deny,
};

// TLS of a listener. It has a certificate with its key, or a file of pre-shared keys. Files are
// PEM, named by their paths; an empty one is not used.
struct TlsSettings {
    enum class ClientCertificate : std::uint8_t { none, optional, required };
    enum class UsernameFrom : std::uint8_t {
        none,
        common_name,
        subject,  // the whole of it, as RFC 2253 writes it
    };
    enum class Version : std::uint8_t { tls_1_2, tls_1_3 };

    std::string certificate;  // with the chain of its issuers behind it
    std::string private_key;
    std::string ca;   // who may have issued a client's certificate
    std::string crl;  // what they have revoked
    ClientCertificate client_certificate = ClientCertificate::none;
    // With pre-shared keys, all but none mean the identity.
    UsernameFrom username_from = UsernameFrom::none;
    Version min_version = Version::tls_1_2;
    std::string ciphers;   // as OpenSSL writes them, TLS_... for TLS 1.3; empty: its defaults
    std::string psk_file;  // IDENTITY:HEXKEY, one a line

    friend bool operator==(const TlsSettings&, const TlsSettings&) = default;
};

// What clients speak: MQTT at once, or inside a WebSocket.
enum class Transport : std::uint8_t { tcp, websocket };

struct ListenerSettings {
    std::string name = "tcp";
    Bind bind = TcpBind{"127.0.0.1", 1883};
    Anonymous anonymous = Anonymous::automatic;  // auth.anonymous where the listener says nothing
    Transport transport = Transport::tcp;
    std::string path = "/mqtt";  // what a WebSocket has to ask for
    std::string mount_point;
    bool proxy_protocol = false;  // every connection begins with a PROXY header
    // Who may send that header (none: anyone) and X-Forwarded-For (none: nobody).
    std::vector<core::AddressRange> trusted_proxies;
    std::uint32_t socket_mode = 0660;  // of a unix socket
    std::size_t max_connections = 0;   // 0: no limit of its own
    std::optional<TlsSettings> tls;    // none: plain
};

struct LimitSettings {
    std::size_t max_connections = 0;  // 0: what the descriptor limit allows, less a reserve
    std::size_t max_connections_per_address = 0;
    std::size_t connect_rate = 0;  // connections a second, all listeners together
    int backlog = 4096;            // of each listening socket
};

struct Settings {
    std::size_t threads = 0;  // event loops; 0: one per usable core
    std::vector<ListenerSettings> listeners = {ListenerSettings{}};
    LimitSettings limits;
};

}  // namespace godwit::net
