#include "jwt.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "base64.hpp"
#include "godwit/mqtt/topic.hpp"

namespace godwit::auth {
namespace {

using Json = nlohmann::json;

// Tokens are checked on the loop: what they can cost there has a bound.
constexpr std::size_t kTokenBytesMax = 8192;

struct Parts {
    std::string_view header;
    std::string_view payload;
    std::string_view signed_text;  // both of them
    std::string_view signature;
};

std::optional<Parts> split(std::string_view token) {
    const std::size_t first = token.find('.');
    if (first == std::string_view::npos) return std::nullopt;
    const std::size_t second = token.find('.', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    return Parts{token.substr(0, first), token.substr(first + 1, second - first - 1),
                 token.substr(0, second), token.substr(second + 1)};
}

std::optional<Json> decode_object(std::string_view part) {
    const auto text = decode_base64(part, Base64::url);
    if (!text) return std::nullopt;
    Json json = Json::parse(*text, nullptr, false);
    if (!json.is_object()) return std::nullopt;
    return json;
}

bool is_text(const Json& object, const char* name, std::string_view expected) {
    const auto found = object.find(name);
    return found != object.end() && found->is_string() &&
           found->get_ref<const std::string&>() == expected;
}

// Some claims, such as `aud`, may be one text or a list of them.
bool says(const Json& claims, const std::string& name, const std::string& expected) {
    const auto found = claims.find(name);
    if (found == claims.end()) return false;
    if (!found->is_array()) return *found == expected;
    return std::find(found->begin(), found->end(), Json(expected)) != found->end();
}

std::string expand(std::string_view pattern, std::string_view user_name,
                   std::string_view client_id) {
    std::string text;
    while (!pattern.empty()) {
        const bool is_user = pattern.starts_with("%u");
        if (is_user || pattern.starts_with("%c")) {
            text += is_user ? user_name : client_id;
            pattern.remove_prefix(2);
        } else {
            text += pattern.front();
            pattern.remove_prefix(1);
        }
    }
    return text;
}

// What is wrong with the times of a token. Where it names none, it is always valid.
std::optional<std::string_view> time_problem(const Json& claims, core::WallTime now) {
    const double seconds = std::chrono::duration<double>(now.time_since_epoch()).count();
    if (const auto exp = claims.find("exp"); exp != claims.end()) {
        if (!exp->is_number()) return "the token's exp is no number";
        if (seconds >= exp->get<double>()) return "the token has expired";
    }
    if (const auto nbf = claims.find("nbf"); nbf != claims.end()) {
        if (!nbf->is_number()) return "the token's nbf is no number";
        if (seconds < nbf->get<double>()) return "the token is not valid yet";
    }
    return std::nullopt;
}

std::optional<std::string> subject(const Json& claims) {
    const auto found = claims.find("sub");
    if (found == claims.end() || !found->is_string()) return std::nullopt;
    const auto& text = found->get_ref<const std::string&>();
    if (text.empty() || !mqtt::is_utf8_string(text)) return std::nullopt;
    return text;
}

}  // namespace

Jwt::Outcome Jwt::examine(std::string_view token, std::string_view user_name,
                          std::string_view client_id, core::WallTime now) const {
    const auto parts = split(token);
    if (!parts) return NoToken{};
    if (token.size() > kTokenBytesMax) return Refused{"a token of more than 8 KiB"};
    const auto header = decode_object(parts->header);
    if (!header) return NoToken{};

    // The header says what it is signed with, but not to us: one algorithm is allowed, `none`
    // never.
    if (!is_text(*header, "alg", key_.algorithm())) {
        return Refused{"the token is not signed with auth.jwt.algorithm"};
    }
    // What we do not know must be understood. RFC 7515, section 4.1.11.
    if (header->contains("crit")) return Refused{"the token has critical extensions"};
    const auto signature = decode_base64(parts->signature, Base64::url);
    if (!signature || !key_.verify(parts->signed_text, *signature)) {
        return Refused{"the token's signature is wrong"};
    }

    const auto claims = decode_object(parts->payload);
    if (!claims) return Refused{"the token has no claims"};
    if (const auto problem = time_problem(*claims, now)) return Refused{*problem};
    Bearer bearer{std::string(user_name)};
    if (settings_.from == JwtSettings::From::user_name) {
        auto sub = subject(*claims);
        if (!sub) return Refused{"the token has no sub to be the user name"};
        bearer.user_name = *std::move(sub);
    }
    for (const auto& [name, pattern] : settings_.claims) {
        if (!says(*claims, name, expand(pattern, bearer.user_name, client_id))) {
            return Refused{"the token's claims are not those of auth.jwt.claims"};
        }
    }
    return bearer;
}

}  // namespace godwit::auth
