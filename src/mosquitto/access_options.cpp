// Who is let in, and who may do what.
#include "option.hpp"

namespace godwit::mosquitto {
namespace {

// As its own affair it changes the default listener.
void wake_default(Broker& broker, const Statement& statement) {
    if (&broker.access_of(statement) == &broker.default_listener.access)
        broker.default_is_wanted = true;
}

// Of all listeners or, with per_listener_settings, of the current one.
template <typename Value>
Option of_access(std::string_view name, Said<Value> Access::*member) {
    return {name, [member](Broker& broker, const Statement& statement) {
                return read(broker.access_of(statement).*member, statement);
            }};
}

template <typename Value>
Option of_access_waking(std::string_view name, Said<Value> Access::*member) {
    return {name, [member](Broker& broker, const Statement& statement) {
                wake_default(broker, statement);
                return read(broker.access_of(statement).*member, statement);
            }};
}

std::string load_plugin(Broker& broker, const Statement& statement) {
    warn(broker, statement,
         "plugins of mosquitto cannot be loaded; auth.http or auth.jwt may take its place, and "
         "acl.rules what it allowed");
    wake_default(broker, statement);
    return read(broker.access_of(statement).plugin, statement);
}

}  // namespace

Options access_options() {
    return {
        global("per_listener_settings", &Broker::per_listener),
        of_access_waking("password_file", &Access::password_file),
        of_access("acl_file", &Access::acl_file),
        of_access_waking("psk_file", &Access::psk_file),
        of_access("allow_anonymous", &Access::allow_anonymous),
        {"auth_plugin", load_plugin},
        {"plugin", load_plugin},
    };
}

}  // namespace godwit::mosquitto
