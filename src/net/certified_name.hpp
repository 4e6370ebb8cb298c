// The user name that a client's certificate carries.
#pragma once

#include <optional>
#include <string>

#include "openssl.hpp"

namespace godwit::net {

// Nothing where there is none that could be a user name in MQTT.

// The last common name of the subject, which is the most specific one.
[[nodiscard]] std::optional<std::string> common_name_of(const X509* certificate);
// The whole subject as in RFC 2253: 'CN=pump 7,O=Plant'.
[[nodiscard]] std::optional<std::string> subject_of(const X509* certificate);

}  // namespace godwit::net
