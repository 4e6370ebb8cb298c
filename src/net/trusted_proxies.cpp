#include "trusted_proxies.hpp"

#include <algorithm>

namespace godwit::net {

namespace {

constexpr std::string_view kSpace = " \t";

// ADDRESS, ADDRESS:PORT or [V6]:PORT; some proxies add the port.
std::optional<core::IpAddress> parse_entry(std::string_view entry) {
    const std::size_t begin = entry.find_first_not_of(kSpace);
    if (begin == std::string_view::npos) return std::nullopt;
    entry = entry.substr(begin, entry.find_last_not_of(kSpace) - begin + 1);
    if (entry.starts_with('[')) {
        const std::size_t end = entry.find(']');
        if (end == std::string_view::npos) return std::nullopt;
        return core::IpAddress::parse(entry.substr(1, end - 1));
    }
    const std::size_t colon = entry.find(':');
    const bool has_port = colon != std::string_view::npos && colon == entry.rfind(':');
    return core::IpAddress::parse(has_port ? entry.substr(0, colon) : entry);
}

// Takes what follows the last comma, and the comma, off the end; all where there is none.
std::string_view take_last(std::string_view& list) {
    const std::size_t comma = list.rfind(',');
    const bool is_only = comma == std::string_view::npos;
    const std::string_view last = is_only ? list : list.substr(comma + 1);
    list = is_only ? std::string_view() : list.substr(0, comma);
    return last;
}

}  // namespace

bool is_trusted(const TrustedProxies& proxies, const std::optional<core::IpAddress>& peer) {
    return !peer || std::any_of(proxies.begin(), proxies.end(),
                                [&](const auto& range) { return range.contains(*peer); });
}

std::optional<core::IpAddress> forwarded_client(const TrustedProxies& proxies,
                                                const std::optional<core::IpAddress>& peer,
                                                std::string_view forwarded_for) {
    if (proxies.empty() || !is_trusted(proxies, peer)) return std::nullopt;
    std::optional<core::IpAddress> client;
    while (!forwarded_for.empty()) {
        const auto address = parse_entry(take_last(forwarded_for));
        if (!address) break;  // whatever stands before it was not written by a proxy of ours
        client = address;
        if (!is_trusted(proxies, client)) break;
    }
    return client;
}

}  // namespace godwit::net
