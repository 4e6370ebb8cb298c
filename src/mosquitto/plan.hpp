// Which listeners mosquitto would open, whom each lets in, and what of that Godwit can do.
#pragma once

#include <string>
#include <vector>

#include "broker.hpp"

namespace godwit::mosquitto {

struct PlannedListener {
    Listener listener;
    bool is_encrypted = false;
    bool allows_anonymous = false;
    Access access;
    std::string left_out;  // why Godwit must not open it as it is; empty: it may
    std::string warning;   // what is stricter than it was; empty: nothing
};

struct Plan {
    std::vector<PlannedListener> listeners;
    // What all listeners share in Godwit.
    Said<std::string> password_file;
    Said<std::string> acl_file;
    Said<std::string> plugin;
};

[[nodiscard]] Plan make_plan(const Broker& broker);

}  // namespace godwit::mosquitto
