// `godwit import-mosquitto`: mosquitto.conf in, Godwit's configuration out.
#pragma once

#include <string>

namespace godwit::cli {

// Prints the configuration, and on stderr what needs the user's attention. Returns the exit code.
[[nodiscard]] int import_mosquitto(const std::string& path);

}  // namespace godwit::cli
