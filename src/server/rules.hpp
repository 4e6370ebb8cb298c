// What is in force, all of it together: a configuration, and what was made of the files that it
// names.
#pragma once

#include "godwit/auth/acl.hpp"
#include "godwit/config/config.hpp"
#include "open_door.hpp"

namespace godwit::server {

struct Rules {
    explicit Rules(config::Config its_config) : config(std::move(its_config)), access(config.acl) {}

    const config::Config config;
    auth::Acl access;
    OpenDoor authenticator;
};

}  // namespace godwit::server
