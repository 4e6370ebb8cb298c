#include "admission.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace godwit::net {

namespace {

// Descriptors for what is no client: log files, poll sets, listening sockets.
constexpr std::size_t kDescriptorReserve = 64;

// Raises the limit on descriptors as far as it goes and returns how many clients it leaves room
// for.
std::size_t connections_by_descriptors() {
    rlimit limit{};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return 0;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    getrlimit(RLIMIT_NOFILE, &limit);
    const std::size_t descriptors = limit.rlim_cur;
    return std::max(descriptors, kDescriptorReserve + 1) - kDescriptorReserve;
}

std::size_t connections_max(const LimitSettings& limits) {
    const std::size_t possible = connections_by_descriptors();
    return limits.max_connections == 0 ? possible : std::min(possible, limits.max_connections);
}

}  // namespace

Admission::Admission(const LimitSettings& limits)
    : connections(connections_max(limits)),
      hosts(limits.max_connections_per_address),
      rate(limits.connect_rate) {}

void Admission::enforce(const LimitSettings& limits) {
    connections.set_max(connections_max(limits));
    hosts.set_max(limits.max_connections_per_address);
    rate.set(limits.connect_rate);
}

}  // namespace godwit::net
