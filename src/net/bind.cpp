#include <charconv>

#include "godwit/net/settings.hpp"

namespace godwit::net {

namespace {

constexpr std::string_view kUnixPrefix = "unix:";

std::optional<std::uint16_t> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const char* const end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, port);
    if (error != std::errc{} || rest != end || text.empty()) return std::nullopt;
    return port;
}

std::optional<std::string> parse_host(std::string_view text) {
    if (text == "*") return std::string();
    if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
        const std::string_view v6 = text.substr(1, text.size() - 2);
        if (v6.find(':') == std::string_view::npos) return std::nullopt;
        return std::string(v6);
    }
    if (text.empty() || text.find_first_of("[]: \t") != std::string_view::npos) return std::nullopt;
    return std::string(text);
}

}  // namespace

std::optional<Bind> parse_bind(std::string_view text) {
    if (text.starts_with(kUnixPrefix)) {
        const std::string_view path = text.substr(kUnixPrefix.size());
        if (!path.starts_with('/') || path.find('\0') != std::string_view::npos) {
            return std::nullopt;
        }
        return UnixBind{std::string(path)};
    }
    const std::size_t colon = text.rfind(':');
    if (colon == std::string_view::npos) return std::nullopt;
    auto host = parse_host(text.substr(0, colon));
    const auto port = parse_port(text.substr(colon + 1));
    if (!host || !port) return std::nullopt;
    return TcpBind{std::move(*host), *port};
}

std::string to_string(const Bind& bind) {
    if (const auto* path = std::get_if<UnixBind>(&bind)) {
        return std::string(kUnixPrefix) + path->path;
    }
    const auto& tcp = std::get<TcpBind>(bind);
    const bool v6 = tcp.host.find(':') != std::string::npos;
    std::string host = tcp.host.empty() ? "*" : tcp.host;
    if (v6) host = "[" + host + "]";
    return host + ":" + std::to_string(tcp.port);
}

}  // namespace godwit::net
