// The table of mosquitto's options. An Option ties a name to what its value means for a Broker.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker.hpp"

namespace godwit::mosquitto {

struct Option {
    std::string_view name;  // a star at its end stands for anything
    // What is wrong with the value; empty: nothing.
    std::function<std::string(Broker&, const Statement&)> apply;
};

using Options = std::vector<Option>;

[[nodiscard]] Options listener_options();
[[nodiscard]] Options tls_options();
[[nodiscard]] Options access_options();
[[nodiscard]] Options limit_options();
[[nodiscard]] Options log_options();
// Those that become no key of Godwit's, each with the reason.
[[nodiscard]] Options untranslated_options();

// All of the above.
[[nodiscard]] const Options& options();
[[nodiscard]] const Option* find_option(std::string_view name);

// "line 3: port 1883".
[[nodiscard]] std::string origin_of(const Statement& statement);

void note(Broker& broker, const Statement& statement, std::string reason);
void warn(Broker& broker, const Statement& statement, std::string reason);

// Each sets the target, or answers what mosquitto expects there.
[[nodiscard]] std::string read(Said<bool>& target, const Statement& statement);
[[nodiscard]] std::string read(Said<std::int64_t>& target, const Statement& statement);
[[nodiscard]] std::string read(Said<std::string>& target, const Statement& statement);

// An option of the whole broker.
template <typename Value>
Option global(std::string_view name, Said<Value> Broker::*member) {
    return {name, [member](Broker& broker, const Statement& statement) {
                return read(broker.*member, statement);
            }};
}

// An option of the current listener, whose value a function finds.
template <typename Part>
Option of_listener(std::string_view name, Part part) {
    return {name, [part](Broker& broker, const Statement& statement) {
                return read(part(broker.current(statement)), statement);
            }};
}

// An option that changes the default listener so that mosquitto opens it.
[[nodiscard]] Option wakes_default(Option option);

}  // namespace godwit::mosquitto
