// auth.lockout: who guesses at a password too often is not listened to for a while. Counted for
// each pair of user name and address, so that nobody can lock a user out from elsewhere. Outlives a
// chain. Any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string_view>
#include <unordered_map>

#include "godwit/auth/settings.hpp"
#include "godwit/core/mutex.hpp"
#include "godwit/core/time.hpp"
#include "keyed_hash.hpp"

namespace godwit::auth {

class Failures {
public:
    // Beyond so many pairs the oldest is forgotten, locked out or not.
    explicit Failures(std::size_t pairs_max = 100'000) : pairs_max_(pairs_max) {}

    struct Who {
        std::string_view user_name;
        std::string_view host;
    };

    [[nodiscard]] bool locked_out(const LockoutSettings& settings, const Who& who,
                                  core::SteadyTime now) const;

    // A wrong password. The first one opens a window; enough of them within it lock the pair out.
    void add(const LockoutSettings& settings, const Who& who, core::SteadyTime now);

    // A right one.
    void forgive(const LockoutSettings& settings, const Who& who);

private:
    struct Record {
        std::size_t count = 0;
        core::SteadyTime window_end{};
        core::SteadyTime locked_until{};
    };

    [[nodiscard]] std::uint64_t key(const Who& who) const {
        return keyed_hash_.short_digest({who.user_name, who.host});
    }
    [[nodiscard]] Record& record(std::uint64_t key) GODWIT_REQUIRES(mutex_);

    const KeyedHash keyed_hash_;
    const std::size_t pairs_max_;
    mutable core::Mutex mutex_;
    std::unordered_map<std::uint64_t, Record> records_ GODWIT_GUARDED_BY(mutex_);
    std::deque<std::uint64_t> by_age_ GODWIT_GUARDED_BY(mutex_);
};

}  // namespace godwit::auth
