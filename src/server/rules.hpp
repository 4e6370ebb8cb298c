// What is in force, all of it together: a configuration, and what was made of the files that it
// names.
#pragma once

#include "godwit/config/config.hpp"
#include "open_access.hpp"
#include "open_door.hpp"

namespace godwit::server {

struct Rules {
    explicit Rules(config::Config its_config) : config(std::move(its_config)) {}

    const config::Config config;
    OpenAccess access;
    OpenDoor authenticator;
};

}  // namespace godwit::server
