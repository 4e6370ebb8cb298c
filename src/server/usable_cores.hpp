#pragma once

#include <cstddef>

namespace godwit::server {

// How many cores this process may keep busy: those of its affinity, and no more than the CPU quota
// of its cgroup pays for. At least 1.
[[nodiscard]] std::size_t usable_cores();

}  // namespace godwit::server
