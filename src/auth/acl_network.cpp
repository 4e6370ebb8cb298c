#include "acl_network.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <string>

namespace godwit::auth {

namespace {

constexpr unsigned kMappedBits = 96;  // of an IPv4 address in IPv6, before its own

std::optional<HostAddress> parse_ipv4(const std::string& text) {
    HostAddress address{};
    if (inet_pton(AF_INET, text.c_str(), address.data() + kMappedBits / 8) != 1) return {};
    address[10] = address[11] = 0xFF;
    return address;
}

std::optional<HostAddress> parse_ipv6(const std::string& text) {
    HostAddress address{};
    if (inet_pton(AF_INET6, text.c_str(), address.data()) != 1) return {};
    return address;
}

bool is_ipv6(std::string_view text) {
    return std::count(text.begin(), text.end(), ':') > 1;
}

}  // namespace

std::optional<HostAddress> parse_host(std::string_view text) {
    if (text.starts_with('[')) return parse_ipv6(std::string(text.substr(1, text.find(']') - 1)));
    if (is_ipv6(text)) return parse_ipv6(std::string(text));
    return parse_ipv4(std::string(text.substr(0, text.find(':'))));
}

bool Network::contains(const HostAddress& address) const {
    const std::size_t whole = bits / 8;
    if (!std::equal(prefix.begin(), prefix.begin() + whole, address.begin())) return false;
    const unsigned rest = bits % 8;
    return rest == 0 || (prefix[whole] ^ address[whole]) >> (8 - rest) == 0;
}

std::optional<Network> parse_network(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::string host(text.substr(0, slash));
    const bool v6 = is_ipv6(host);
    const auto prefix = v6 ? parse_ipv6(host) : parse_ipv4(host);
    if (!prefix) return std::nullopt;
    const unsigned bits_max = v6 ? 128 : 32;
    unsigned bits = bits_max;
    if (slash != std::string_view::npos) {
        const std::string_view number = text.substr(slash + 1);
        const auto [end, error] =
            std::from_chars(number.data(), number.data() + number.size(), bits);
        if (error != std::errc{} || end != number.data() + number.size() || bits > bits_max) {
            return std::nullopt;
        }
    }
    return Network{*prefix, v6 ? bits : kMappedBits + bits};
}

}  // namespace godwit::auth
