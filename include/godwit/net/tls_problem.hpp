// What is wrong with the files that a listener's `tls` names, in words for an operator.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "godwit/net/settings.hpp"

namespace godwit::net {

struct TlsProblem {
    enum class Weight : std::uint8_t {
        advice,    // works, and should still be changed
        untimely,  // expired or not yet valid: clients will refuse it, or be refused
        broken,    // cannot be used
    };
    Weight weight = Weight::broken;
    std::string key;   // of the section: certificate
    std::string file;  // FILE or FILE:LINE; empty: the value of the key itself is wrong
    std::string what;
};

// 'server.pem: listeners[0].tls.certificate: has expired ...'
[[nodiscard]] std::string to_string(const TlsProblem& problem, std::size_t listener);

// Reads all files as a listener would.
[[nodiscard]] std::vector<TlsProblem> examine_tls(const TlsSettings& settings);

}  // namespace godwit::net
