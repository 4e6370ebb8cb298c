// auth.jwt: a JSON Web Token (RFC 7519) in the place of a password or user name. Constant; any
// thread.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "godwit/auth/settings.hpp"
#include "godwit/core/time.hpp"
#include "jwt_key.hpp"

namespace godwit::auth {

class Jwt {
public:
    // Throws SourceError.
    Jwt(const JwtSettings& settings, std::vector<std::string>& warnings)
        : settings_(settings), key_(settings, warnings) {}

    struct Bearer {
        std::string user_name;
    };
    struct NoToken {};  // it is not even of the form of one
    struct Refused {
        std::string_view why;  // a literal
    };
    using Outcome = std::variant<Bearer, NoToken, Refused>;

    // What the token makes of a client. Its time must have come and not be over; later, while the
    // client is connected, it is not looked at again. The user name is the one given, or, where the
    // token stands in its place, the claim `sub`.
    [[nodiscard]] Outcome examine(std::string_view token, std::string_view user_name,
                                  std::string_view client_id, core::WallTime now) const;

    [[nodiscard]] JwtSettings::From from() const { return settings_.from; }
    [[nodiscard]] const JwtKey& key() const { return key_; }

private:
    const JwtSettings settings_;
    const JwtKey key_;
};

}  // namespace godwit::auth
