#include "broker.hpp"

namespace godwit::mosquitto {

Listener& Broker::current(const Statement& statement) {
    const auto found = current_listeners.find(statement.file);
    return found == current_listeners.end() ? default_listener : listeners[found->second];
}

Access& Broker::access_of(const Statement& statement) {
    return per_listener.value ? current(statement).access : access;
}

}  // namespace godwit::mosquitto
