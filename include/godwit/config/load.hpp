// From file, environment and flags to a Config, and from a Config back to YAML. Bad input is
// answered with one line for the user; nothing here logs, and nothing throws.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "godwit/config/config.hpp"

namespace godwit::config {

// One line without a newline: where (FILE:LINE:COLUMN, a variable, a flag), which key, what is
// wrong, and the nearest valid key or value where one is near.
struct Error {
    std::string message;
};

using Loaded = std::variant<Config, Error>;

using Environment = std::map<std::string, std::string, std::less<>>;

// What the command line says about the configuration.
struct Flags {
    std::vector<std::string> listen;  // HOST:PORT; any replaces the listeners of all other sources
    std::optional<std::string> data_dir;
    std::optional<std::string> log_level;
    std::vector<std::string> set;  // KEY=VALUE; a later one wins
};

// Precedence: flags, environment, file, defaults.
struct Sources {
    std::optional<std::string> file;  // a path; none: built-in defaults
    Environment environment;
    Flags flags;
};

// Reads the file that acl.file names as well.
[[nodiscard]] Loaded load(const Sources& sources);

// The same for the text of a file, without any other file; `name` stands for it in errors.
[[nodiscard]] Loaded load_text(std::string_view yaml, std::string_view name,
                               const Environment& environment = {}, const Flags& flags = {});

// Every key with its value in force. load_text() of the result gives the same configuration, but
// for password hashes: in their place stands `*`, which no password matches.
[[nodiscard]] std::string to_yaml(const Config& config);

// The same as JSON, for whoever may see the configuration and none of its secrets: in their place
// stands "***".
[[nodiscard]] std::string to_json(const Config& config);

}  // namespace godwit::config
