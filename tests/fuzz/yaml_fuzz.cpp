// A configuration file may be anything. What is accepted must print, and load again, as it is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>

#include "godwit/config/load.hpp"

using godwit::config::Config;
using godwit::config::Error;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto loaded = godwit::config::load_text(text, "fuzz.yaml");
    if (const auto* error = std::get_if<Error>(&loaded)) {
        if (error->message.find('\n') != std::string::npos) std::abort();
        return 0;
    }
    const std::string printed = godwit::config::to_yaml(std::get<Config>(loaded));
    const auto again = godwit::config::load_text(printed, "printed.yaml");
    if (std::holds_alternative<Error>(again)) std::abort();
    if (godwit::config::to_yaml(std::get<Config>(again)) != printed) std::abort();
    return 0;
}
