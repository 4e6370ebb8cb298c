// The HTTP request by which a client asks for a WebSocket (RFC 6455, section 4.2.1), and our answer
// to it.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>

namespace godwit::net {

// What a request has in it that matters here. Views into the request, but for literals.
struct UpgradeRequest {
    std::string_view key;
    std::string_view subprotocol;  // the one that we choose
    std::string forwarded_for;     // X-Forwarded-For, its lines joined as one list
};

// Why there will be no WebSocket. All literals.
struct HttpRefusal {
    std::string_view status;  // '404 Not Found'
    std::string_view detail;  // for the log, and for whoever tries it by hand
    std::string_view header;  // one more line for the answer, or nothing
};

inline constexpr std::size_t kRequestMax = 8 * 1024;  // bytes

// The first bytes of a request are wrong already, so that nobody has to wait for its end.
[[nodiscard]] bool is_no_request(std::string_view begin);

// The request without the empty line at its end. `path` is what it has to ask for; a query behind
// it does not matter.
[[nodiscard]] std::variant<UpgradeRequest, HttpRefusal> parse_upgrade(std::string_view request,
                                                                      std::string_view path);

[[nodiscard]] HttpRefusal refuse_long_request();

// The answers, whole. After the first one frames follow, after the other one nothing.
[[nodiscard]] std::string accept_upgrade(const UpgradeRequest& request);
[[nodiscard]] std::string refuse_upgrade(const HttpRefusal& refusal);

}  // namespace godwit::net
