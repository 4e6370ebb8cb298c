// What a user may set about the admin interface, with its defaults. Filled by config/, constant
// while the broker runs.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace godwit::admin {

// An empty host is every address of both families. A host may be a name; it is looked up when the
// interface opens. Port 0 asks for a free one.
struct Endpoint {
    std::string host;
    std::uint16_t port = 0;
};

// Paths of PEM files.
struct TlsSettings {
    std::string certificate;  // with the chain of its issuers behind it
    std::string private_key;
};

struct Settings {
    std::optional<Endpoint> bind = Endpoint{"127.0.0.1", 18083};  // none: there is no interface
    std::string token_file;  // never empty once loaded; made where it is missing
    bool dashboard = true;
    bool open_metrics = true;        // /metrics without the token
    std::optional<TlsSettings> tls;  // none: plain
};

}  // namespace godwit::admin
