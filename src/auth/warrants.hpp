// A warrant says by what a client was let in: a keyed hash of how and with what. Whoever would get
// the same one from another chain would be let in by it. Never 0, which stands for strangers.
#pragma once

#include <cstdint>
#include <string_view>

#include "keyed_hash.hpp"

namespace godwit::auth {

enum class Ground : std::uint8_t { certificate, password, token, hook };

class Warrants {
public:
    explicit Warrants(const KeyedHash& keyed_hash) : keyed_hash_(keyed_hash) {}

    // `detail`: what must not change, as the stored hash of a password.
    [[nodiscard]] std::uint64_t issue(Ground ground, std::string_view user_name,
                                      std::string_view detail) const {
        const char kind = static_cast<char>(ground);
        return keyed_hash_.short_digest({"warrant", {&kind, 1}, user_name, detail}) | 1;
    }

private:
    const KeyedHash& keyed_hash_;
};

}  // namespace godwit::auth
