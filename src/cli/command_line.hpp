// What the user typed, understood.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "ctl_command.hpp"
#include "godwit/config/load.hpp"
#include "passwd_command.hpp"

namespace godwit::cli {

// Promised to scripts.
inline constexpr int kExitSuccess = 0;
inline constexpr int kExitFailure = 1;  // at run time
inline constexpr int kExitUsage = 2;    // wrong command line or configuration

enum class Command : std::uint8_t {
    serve,
    check,
    passwd,
    import_mosquitto,
    ctl,
    store_verify,
    store_repair,
    store_export,
};

struct CommandLine {
    Command command = Command::serve;
    std::optional<std::string> file;
    config::Flags flags;
    PasswdRequest passwd;
    std::string mosquitto_file;
    CtlRequest ctl;
};

// Where the user asked for help, or wrongly, that is already answered: the program is to exit.
struct Answered {
    int exit_code;
};

[[nodiscard]] std::variant<CommandLine, Answered> parse_command_line(int argc,
                                                                     const char* const* argv);

}  // namespace godwit::cli
