#include "import_command.hpp"

#include <iostream>
#include <variant>

#include "failure.hpp"
#include "godwit/mosquitto/import.hpp"

namespace godwit::cli {

int import_mosquitto(const std::string& path) {
    const auto outcome = mosquitto::import_file(path);
    if (const auto* refusal = std::get_if<mosquitto::Refusal>(&outcome)) {
        std::cerr << refusal->message << '\n';
        return kExitUsage;
    }
    const auto& import = std::get<mosquitto::Import>(outcome);
    for (const std::string& warning : import.warnings)
        std::cerr << "warning: " << warning << '\n';
    std::cout << import.yaml << std::flush;
    if (std::cout) return kExitSuccess;
    return fail("the configuration cannot be written to the standard output");
}

}  // namespace godwit::cli
