// Who may tell us on whose behalf it connects (listeners[].trusted_proxies), and whom it names in
// X-Forwarded-For.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "godwit/core/address_range.hpp"

namespace godwit::net {

using TrustedProxies = std::vector<core::AddressRange>;

// None stands for the peer of a unix socket, whom its file mode admits: it is trusted.
[[nodiscard]] bool is_trusted(const TrustedProxies& proxies,
                              const std::optional<core::IpAddress>& peer);

// The client behind the peer, by the X-Forwarded-For of its request: the last address of the list
// that is no trusted proxy's, since each proxy appends whom it heard from and a client may have
// begun the list itself. None where the peer may not say so or says nothing.
[[nodiscard]] std::optional<core::IpAddress> forwarded_client(
    const TrustedProxies& proxies, const std::optional<core::IpAddress>& peer,
    std::string_view forwarded_for);

}  // namespace godwit::net
