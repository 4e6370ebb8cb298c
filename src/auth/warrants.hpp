// A warrant says by what a client was let in: a keyed hash of how and with what. Who would get the
// same one from another chain would be let in by it.
#pragma once

#include <cstdint>
#include <string_view>

#include "godwit/core/arrival.hpp"
#include "keyed_hash.hpp"

namespace godwit::auth {

enum class Ground : std::uint8_t { certificate, stranger, password, token, hook };

class Warrants {
public:
    explicit Warrants(const KeyedHash& keyed_hash) : keyed_hash_(keyed_hash) {}

    // `detail`: what must not change, as the stored hash of a password.
    [[nodiscard]] std::uint64_t issue(Ground ground, const std::optional<std::string>& user_name,
                                      std::string_view detail) const {
        const char kind = static_cast<char>(ground);
        return keyed_hash_.short_digest({"warrant",
                                         {&kind, 1},
                                         user_name ? "named" : "unnamed",
                                         user_name.value_or(""),
                                         detail});
    }

    [[nodiscard]] bool covers(const core::Identity& identity, Ground ground,
                              std::string_view detail) const {
        return identity.warrant == issue(ground, identity.user_name, detail);
    }

private:
    const KeyedHash& keyed_hash_;
};

}  // namespace godwit::auth
