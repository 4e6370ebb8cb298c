// A password as it is kept: in a form that lets it be checked and not be read. Three forms are
// understood:
//
//   $argon2id$v=19$m=19456,t=2,p=1$SALT$HASH   argon2id (RFC 9106), what make() gives
//   $7$ITERATIONS$SALT$HASH                    PBKDF2 with HMAC-SHA-512, as mosquitto_passwd writes
//   it $6$SALT$HASH                               SHA-512 of password and salt, by older ones
//
// and `*`, which no password matches. A plain value; any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace godwit::auth {

class PasswordHash {
public:
    // What no password matches.
    PasswordHash() = default;

    // The hash, or what is wrong with the text: a literal without anything of it. Costs beyond 64
    // MiB of memory or about a second are refused, so that nobody's hash can exhaust the machine.
    [[nodiscard]] static std::variant<PasswordHash, std::string_view> parse(std::string_view text);

    // A new argon2id hash with a salt of its own, at the least cost that OWASP's password storage
    // cheat sheet recommends: 19 MiB and two passes. Takes some ten milliseconds. Throws
    // std::runtime_error where memory or chance is out.
    [[nodiscard]] static PasswordHash make(std::string_view password);

    enum class Match : std::uint8_t {
        right,
        wrong,
        unknown,  // there was no memory to tell
    };
    // Takes as long as it takes: no loop may call it.
    [[nodiscard]] Match verify(std::string_view password) const;

    // As parse() takes it.
    [[nodiscard]] const std::string& text() const { return text_; }

    friend bool operator==(const PasswordHash&, const PasswordHash&) = default;

private:
    enum class Scheme : std::uint8_t { none, sha512, pbkdf2, argon2id };

    struct Parser;

    [[nodiscard]] bool derive(std::string_view password, std::string& digest) const;

    Scheme scheme_ = Scheme::none;
    std::uint32_t passes_ = 0;  // of PBKDF2: iterations
    std::uint32_t memory_kib_ = 0;
    std::uint32_t lanes_ = 0;
    std::string salt_;
    std::string digest_;
    std::string text_ = "*";
};

}  // namespace godwit::auth
