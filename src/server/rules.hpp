// What is in force, all of it together: a configuration, and what was made of the files that it
// names.
#pragma once

#include <utility>

#include "godwit/auth/acl.hpp"
#include "godwit/auth/chain.hpp"
#include "godwit/config/config.hpp"

namespace godwit::server {

struct Rules {
    // Throws auth::SourceError. The commons outlive the rules.
    Rules(config::Config its_config, auth::Commons& auth_commons)
        : config(std::move(its_config)),
          access(config.acl),
          authenticator(config.auth.chain, auth_commons) {}

    const config::Config config;
    auth::Acl access;
    auth::Chain authenticator;
};

}  // namespace godwit::server
