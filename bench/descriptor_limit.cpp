#include "descriptor_limit.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace godwit::bench {
namespace {

constexpr rlim_t kDescriptorsWanted = 200'000;

}  // namespace

void raise_descriptor_limit() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    const rlimit raised = {std::max(limit.rlim_max, kDescriptorsWanted),
                           std::max(limit.rlim_max, kDescriptorsWanted)};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace godwit::bench
