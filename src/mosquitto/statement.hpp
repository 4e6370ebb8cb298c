// One line of a mosquitto.conf.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "godwit/mosquitto/import.hpp"

namespace godwit::mosquitto {

struct Statement {
    std::string file;  // empty: the one that is imported, else one that it includes
    std::size_t line = 0;
    std::string option;
    std::string value;
};

using Statements = std::vector<Statement>;

// All lines that say something, those of included files behind their include_dir.
[[nodiscard]] std::variant<Statements, Refusal> read_statements(const std::string& path);
// The same for the text of a file, which is called `path`; nothing is included.
[[nodiscard]] std::variant<Statements, Refusal> split_statements(std::string_view text,
                                                                 const std::string& path);

// "line 3", "line 3 of conf.d/a.conf".
[[nodiscard]] std::string place_of(const Statement& statement);

// The line as it was written, without secrets.
[[nodiscard]] std::string text_of(const Statement& statement);

}  // namespace godwit::mosquitto
