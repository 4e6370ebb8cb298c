// The sections of Godwit's configuration, each from what mosquitto would do.
#pragma once

#include <string>
#include <vector>

#include "plan.hpp"
#include "yaml.hpp"

namespace godwit::mosquitto {

// The whole text of the section. Adds a warning for each listener that is not what it was.
[[nodiscard]] std::string listeners_section(const Plan& plan, bool per_listener,
                                            std::vector<Remark>& remarks);

// What all listeners say; nothing where they differ.
[[nodiscard]] Said<std::int64_t> max_qos_of_all(const Plan& plan);

[[nodiscard]] Keys auth_keys(const Plan& plan, bool per_listener);
[[nodiscard]] Keys acl_keys(const Plan& plan);
[[nodiscard]] Keys mqtt_keys(const Broker& broker, const Plan& plan);
[[nodiscard]] Keys session_keys(const Broker& broker);
[[nodiscard]] Keys retained_keys(const Broker& broker);
[[nodiscard]] Keys persistence_keys(const Broker& broker);
[[nodiscard]] Keys limit_keys(const Broker& broker);
[[nodiscard]] Keys sys_topics_keys(const Broker& broker);
[[nodiscard]] Keys log_keys(const Broker& broker);

}  // namespace godwit::mosquitto
