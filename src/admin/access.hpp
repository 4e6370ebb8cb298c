// Which requests are let in, whatever they ask for: by the host that they were sent to, the page
// that they come from, and what they show. What is refused is thrown as a Problem.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "credentials.hpp"
#include "message.hpp"

namespace godwit::admin {

inline constexpr std::string_view kCookie = "godwit";

// The value of our cookie in a header that may hold others.
[[nodiscard]] std::optional<std::string_view> session_cookie(std::string_view cookies);

// Refuses a host that is no loopback name, no address and not `node_name`: a foreign name that was
// made to point here gives its pages no way in.
void check_host(const Request& request, std::string_view node_name);

// Refuses a change that a page of another origin asks for. A program says no origin; a browser that
// shows a cookie has to.
void check_origin(const Request& request);

// Refuses who shows neither the token nor a cookie that is valid.
void check_credentials(const Request& request, const Credentials& credentials, core::WallTime now);

}  // namespace godwit::admin
