// Who is let in, as the section `auth` of the configuration says. In this order:
//
//   1. a name that TLS proved is the user name, and nobody else is asked;
//   2. a client without a user name is a stranger: let in where its listener admits strangers;
//   3. auth.users and auth.password_file: a name that stands there needs its password;
//   4. auth.jwt: who shows a token is let in or refused by it;
//   5. auth.http: the hook allows, denies, or ignores.
//
// Who is ignored by all of them is refused: with CONNACK 5, or with CONNACK 4 where none could even
// read what the client sent. Where none of 3 to 5 is configured, strangers may call themselves what
// they like.
//
// A chain is constant: other settings make another one. What is expensive to make, or must not be
// forgotten with a chain, is in the Commons.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "godwit/auth/settings.hpp"
#include "godwit/core/authenticator.hpp"
#include "godwit/core/time.hpp"

namespace godwit::auth {

// A file that the settings name cannot be read or used; the text names file, line, key and reason,
// and nothing of a secret.
class SourceError : public std::runtime_error {
    using std::runtime_error::runtime_error;
};

// What all chains of a process share: the threads that hash passwords and ask hooks, the failures
// that lock users out, and the key that makes cached proofs worthless outside of this process.
class Commons {
public:
    using Clock = std::function<core::Now()>;
    // What an operator should read. Any thread.
    using Warn = std::function<void(const std::string& message)>;

    // Threads start when there is work for them. So many hash passwords at once.
    Commons(std::size_t hashing_threads, Clock clock, Warn warn);
    // Ends the threads. Questions that are still open are never answered.
    ~Commons();
    Commons(const Commons&) = delete;
    Commons& operator=(const Commons&) = delete;

    struct Parts;
    explicit Commons(std::unique_ptr<Parts> parts);
    [[nodiscard]] Parts& parts() { return *parts_; }

private:
    std::unique_ptr<Parts> parts_;
};

class Chain final : public core::Authenticator {
public:
    // Reads the files that the settings name; throws SourceError. The commons outlive the chain and
    // hear its warnings.
    Chain(const Settings& settings, Commons& commons);
    // At any time: who was asked about before is still answered.
    virtual ~Chain();
    Chain(const Chain&) = delete;
    Chain& operator=(const Chain&) = delete;

    [[nodiscard]] std::optional<core::Verdict> authenticate(core::Credentials credentials,
                                                            Answer answer) override;
    // False where the user is gone, has another password, key or hook, or was a stranger that is
    // not admitted any more.
    [[nodiscard]] bool vouches_for(const core::Identity& identity) const override;

private:
    class Impl;
    // Shared with the answers that are still to come.
    std::shared_ptr<Impl> impl_;
};

// Reads the same files and lets nobody in: for `godwit check`. Throws SourceError; returns what a
// chain would warn of.
[[nodiscard]] std::vector<std::string> check_sources(const Settings& settings);

}  // namespace godwit::auth
