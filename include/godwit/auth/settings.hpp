// What a user may set about who is let in, with its defaults. Filled by config/, constant while the
// broker runs. Of secrets there are only the paths here, but for the hashes of inline users.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "godwit/auth/password_hash.hpp"
#include "godwit/core/time.hpp"

namespace godwit::auth {

struct InlineUser {
    std::string user_name;
    PasswordHash password_hash;
};

// RFC 7518, section 3.1: HMAC, RSASSA-PKCS1-v1_5 and ECDSA, each with SHA-2 of that many bits.
enum class JwtAlgorithm : std::uint8_t {
    none,  // not set
    hs256,
    hs384,
    hs512,
    rs256,
    rs384,
    rs512,
    es256,
    es384,
    es512,
};

struct JwtSettings {
    enum class From : std::uint8_t { password, user_name };

    std::string secret_file;      // of HS algorithms
    std::string public_key_file;  // of the others; PEM
    JwtAlgorithm algorithm = JwtAlgorithm::none;
    From from = From::password;  // which field of CONNECT is the token
    // What the token must say, %u being the user name and %c the client id.
    std::map<std::string, std::string, std::less<>> claims{{"sub", "%u"}};

    [[nodiscard]] bool configured() const {
        return !secret_file.empty() || !public_key_file.empty();
    }
};

struct HttpSettings {
    std::string url;  // empty: no hook
    core::Duration timeout = std::chrono::seconds{5};
    core::Duration cache = std::chrono::seconds{60};  // 0: every CONNECT is asked about
};

struct LockoutSettings {
    std::size_t failures = 0;  // within the window; 0: nobody is locked out
    core::Duration window = std::chrono::minutes{1};
    core::Duration duration = std::chrono::minutes{5};
};

struct Settings {
    std::string password_file;  // empty: none
    std::vector<InlineUser> users;
    JwtSettings jwt;
    HttpSettings http;
    LockoutSettings lockout;

    // Whether there is anything that could tell right credentials from wrong ones.
    [[nodiscard]] bool configured() const {
        return !password_file.empty() || !users.empty() || jwt.configured() || !http.url.empty();
    }
};

}  // namespace godwit::auth
