// What is behind auth::Commons.
#pragma once

#include <memory>

#include "failures.hpp"
#include "godwit/auth/chain.hpp"
#include "hook.hpp"
#include "keyed_hash.hpp"
#include "worker_pool.hpp"

namespace godwit::auth {

// Members that have threads stand behind what these use.
struct Commons::Parts {
    Parts(std::size_t hashing_threads, Clock its_clock, Warn its_warn,
          std::unique_ptr<Hook> its_hook);

    const KeyedHash keyed_hash;
    const Clock clock;
    const Warn warn;
    Failures failures;
    WorkerPool hashing;
    const std::unique_ptr<Hook> hook;
};

}  // namespace godwit::auth
