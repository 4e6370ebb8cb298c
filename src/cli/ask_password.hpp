// A new password, from whoever sits at the terminal or from a pipe. Where there is none both throw
// std::runtime_error, which says why.
#pragma once

#include <string>

namespace godwit::cli {

// Asked for twice at the terminal, without showing it.
[[nodiscard]] std::string ask_password();

// The first line of the standard input.
[[nodiscard]] std::string read_password();

}  // namespace godwit::cli
