// Networks of IPv4 and IPv6 addresses. IPv4 addresses are compared as IPv6 maps them (RFC 4291,
// 2.5.5.2), so that one that came in through an IPv6 socket is the same.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace godwit::auth {

using HostAddress = std::array<std::uint8_t, 16>;

// ADDRESS, ADDRESS:PORT of IPv4, or [ADDRESS]:PORT; nothing where it is none, as a unix path.
[[nodiscard]] std::optional<HostAddress> parse_host(std::string_view text);

struct Network {
    HostAddress prefix{};
    unsigned bits = 0;  // of the prefix that count

    [[nodiscard]] bool contains(const HostAddress& address) const;
};

// ADDRESS or ADDRESS/BITS. Bits behind the prefix may be set; they do not count.
[[nodiscard]] std::optional<Network> parse_network(std::string_view text);

}  // namespace godwit::auth
