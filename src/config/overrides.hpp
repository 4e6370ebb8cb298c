// What the environment and the command line change. Both lead through the same table of keys as a
// file does.
#pragma once

#include <optional>

#include "draft.hpp"

namespace godwit::config {

[[nodiscard]] std::optional<Error> apply_environment(Draft& draft, const Environment& environment);

[[nodiscard]] std::optional<Error> apply_flags(Draft& draft, const Flags& flags);

}  // namespace godwit::config
