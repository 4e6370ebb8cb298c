// What a hook said lately, by the keyed hash of the question. Holds no password. Any thread.
#pragma once

#include <cstddef>
#include <cstring>
#include <deque>
#include <optional>
#include <unordered_map>

#include "godwit/core/mutex.hpp"
#include "godwit/core/time.hpp"
#include "hook.hpp"
#include "keyed_hash.hpp"

namespace godwit::auth {

class HookCache {
public:
    // Beyond so many answers the oldest is forgotten.
    explicit HookCache(std::size_t answers_max = 100'000) : answers_max_(answers_max) {}

    [[nodiscard]] std::optional<HookAnswer> find(const Digest& question,
                                                 core::SteadyTime now) const;
    void keep(const Digest& question, const HookAnswer& answer, core::SteadyTime until);

private:
    struct Kept {
        HookAnswer answer;
        core::SteadyTime until;
    };
    struct Hash {
        std::size_t operator()(const Digest& digest) const {
            std::size_t beginning = 0;
            std::memcpy(&beginning, digest.data(), sizeof beginning);
            return beginning;
        }
    };

    const std::size_t answers_max_;
    mutable core::Mutex mutex_;
    std::unordered_map<Digest, Kept, Hash> answers_ GODWIT_GUARDED_BY(mutex_);
    std::deque<Digest> by_age_ GODWIT_GUARDED_BY(mutex_);
};

}  // namespace godwit::auth
