#include "access.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <cctype>

#include "problem.hpp"

namespace godwit::admin {
namespace {

constexpr std::string_view kBearer = "bearer ";

bool equals_ignoring_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
        return std::tolower(x) == std::tolower(y);
    });
}

bool starts_ignoring_case(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() &&
           equals_ignoring_case(text.substr(0, prefix.size()), prefix);
}

bool is_address(const std::string& host) {
    in6_addr address{};
    if (host.starts_with('[') && host.ends_with(']')) {
        return inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &address) == 1;
    }
    return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

// HOST, HOST:PORT or [V6]:PORT without the port.
std::string without_port(std::string_view authority) {
    const std::size_t colon = authority.rfind(':');
    const bool in_brackets = authority.ends_with(']');
    if (colon == std::string_view::npos || in_brackets) return std::string(authority);
    return std::string(authority.substr(0, colon));
}

bool is_ours(const std::string& host, std::string_view node_name) {
    return is_address(host) || equals_ignoring_case(host, "localhost") ||
           equals_ignoring_case(host, node_name);
}

// What stands behind 'https://'.
std::string_view authority_of(std::string_view origin) {
    const std::size_t scheme = origin.find("://");
    return scheme == std::string_view::npos ? "" : origin.substr(scheme + 3);
}

std::optional<std::string_view> bearer_token(const Request& request) {
    if (!request.authorization) return std::nullopt;
    const std::string_view text = *request.authorization;
    return starts_ignoring_case(text, kBearer) ? text.substr(kBearer.size()) : "";
}

Problem unauthorized() {
    return {401, "unauthorized", "this needs the token: Authorization: Bearer TOKEN"};
}

}  // namespace

std::optional<std::string_view> session_cookie(std::string_view cookies) {
    while (!cookies.empty()) {
        std::string_view one = cookies.substr(0, cookies.find(';'));
        cookies.remove_prefix(std::min(cookies.size(), one.size() + 1));
        while (one.starts_with(' '))
            one.remove_prefix(1);
        if (one.starts_with(kCookie) && one.substr(kCookie.size()).starts_with('=')) {
            return one.substr(kCookie.size() + 1);
        }
    }
    return std::nullopt;
}

void check_host(const Request& request, std::string_view node_name) {
    if (!request.host) return;  // HTTP/1.0, which no browser speaks
    if (is_ours(without_port(*request.host), node_name)) return;
    throw Problem{421, "wrong_host",
                  "'" + *request.host +
                      "' is not a name of this node; use its address, localhost or node.name"};
}

void check_origin(const Request& request) {
    const bool is_change = request.method != "GET" && request.method != "HEAD";
    if (!is_change) return;
    const bool by_cookie = !request.authorization && session_cookie(request.cookies);
    if (!request.origin && !by_cookie) return;
    if (request.origin && request.host &&
        equals_ignoring_case(authority_of(*request.origin), *request.host)) {
        return;
    }
    throw Problem{403, "forbidden", "a change by a page of another origin"};
}

void check_credentials(const Request& request, const Credentials& credentials, core::WallTime now) {
    if (const auto token = bearer_token(request)) {
        if (!credentials.is_token(*token)) throw unauthorized();
        return;
    }
    const auto cookie = session_cookie(request.cookies);
    if (!cookie || !credentials.is_session(*cookie, now)) throw unauthorized();
}

}  // namespace godwit::admin
