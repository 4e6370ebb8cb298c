// The users whose password hashes we have: those of auth.users and of auth.password_file. Constant
// once made, but for the proofs; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "godwit/auth/settings.hpp"
#include "godwit/core/mutex.hpp"
#include "keyed_hash.hpp"

namespace godwit::auth {

class Users {
public:
    struct User {
        std::string user_name;
        PasswordHash hash;
    };

    // Throws SourceError where the password file cannot be read or used.
    Users(const Settings& settings, const KeyedHash& keyed_hash,
          std::vector<std::string>& warnings);

    [[nodiscard]] bool empty() const { return users_.empty(); }

    // Null: there is none of that name.
    [[nodiscard]] const User* find(std::string_view user_name) const;

    // The user whose hash an unknown name is checked against, without its outcome meaning anything:
    // what takes no time would tell who exists. The same one for a name each time, as a user's own
    // hash is, so that also where hashes differ in cost no name stands out. REQUIRES: !empty().
    [[nodiscard]] const User& stand_in(std::string_view user_name) const;

    // Whether this password was right before. As sure as checking it, and it costs next to nothing:
    // what lets a thousand clients back in at once. A proof is a keyed hash of name, password and
    // stored hash; it dies with this object.
    [[nodiscard]] bool is_proved(const User& user, std::string_view password) const;
    void prove(const User& user, std::string_view password);

private:
    void add(std::string user_name, PasswordHash hash);
    void add_file(const std::string& path, std::vector<std::string>& warnings);
    [[nodiscard]] Digest proof(const User& user, std::string_view password) const;
    [[nodiscard]] std::size_t index_of(const User& user) const;

    const KeyedHash& keyed_hash_;
    std::vector<User> users_;
    std::unordered_map<std::string, std::size_t> by_name_;
    mutable core::Mutex mutex_;
    // Of each user the last password that was right; empty until there was one.
    std::vector<std::optional<Digest>> proofs_ GODWIT_GUARDED_BY(mutex_);
};

}  // namespace godwit::auth
