// SIGHUP: the configuration is read again, and what has changed is put into force and told.
#pragma once

#include <string>

#include "broker.hpp"
#include "godwit/config/load.hpp"
#include "godwit/server/log.hpp"

namespace godwit::server {

// Where the new configuration is broken, or cannot be put into force, the one that is stays, and
// the log says why. Returns that too; empty after a success.
std::string reload(Broker& broker, Log& log, const config::Loaded& loaded);

}  // namespace godwit::server
