// What the broker may still hold when everything is at rest: counters and committed state against
// the model.
#pragma once

#include "broker.hpp"
#include "model.hpp"

namespace godwit::simulation {

// Throws Broken. REQUIRES: all clients are connected, nothing is under way.
void audit(const Broker& broker, Model& model);

// Throws Broken where a stored session is not where it is served, right after a restart.
void audit_places(const Broker& broker);

}  // namespace godwit::simulation
