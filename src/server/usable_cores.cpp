#include "usable_cores.hpp"

#include <sched.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

namespace godwit::server {

namespace {

namespace fs = std::filesystem;

std::optional<double> read_number(const fs::path& path) {
    double number = 0;
    if (std::ifstream(path) >> number) return number;
    return std::nullopt;
}

// cgroup v2: 'cpu.max' holds 'QUOTA PERIOD', or 'max PERIOD' where there is no quota.
std::optional<double> quota_v2(const fs::path& group) {
    std::ifstream file(group / "cpu.max");
    double quota = 0;
    double period = 0;
    if (file >> quota >> period && period > 0) return quota / period;
    return std::nullopt;
}

// cgroup v1: a quota of -1 is none.
std::optional<double> quota_v1(const fs::path& group) {
    const auto quota = read_number(group / "cpu.cfs_quota_us");
    const auto period = read_number(group / "cpu.cfs_period_us");
    if (quota && period && *quota > 0 && *period > 0) return *quota / *period;
    return std::nullopt;
}

// The smallest quota of a group and the groups around it, in cores.
template <typename Read>
double smallest_quota(const fs::path& root, fs::path group, Read read) {
    double smallest = CPU_SETSIZE;
    for (;; group = group.parent_path()) {
        if (const auto quota = read(root / group.relative_path())) {
            smallest = std::min(smallest, *quota);
        }
        if (!group.has_relative_path()) return smallest;
    }
}

double cgroup_quota() {
    double smallest = CPU_SETSIZE;
    std::ifstream groups("/proc/self/cgroup");
    // ID:CONTROLLERS:/path, no controllers in version 2.
    for (std::string line; std::getline(groups, line);) {
        const std::size_t first = line.find(':');
        const std::size_t second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        const fs::path group = line.substr(second + 1);
        if (controllers.empty()) {
            smallest = std::min(smallest, smallest_quota("/sys/fs/cgroup", group, quota_v2));
        } else if (("," + controllers + ",").find(",cpu,") != std::string::npos) {
            smallest = std::min(smallest, smallest_quota("/sys/fs/cgroup/cpu", group, quota_v1));
        }
    }
    return smallest;
}

}  // namespace

std::size_t usable_cores() {
    cpu_set_t set;
    CPU_ZERO(&set);
    double cores = 1;
    if (sched_getaffinity(0, sizeof set, &set) == 0) cores = CPU_COUNT(&set);
    return static_cast<std::size_t>(std::max(1.0, std::min(cores, cgroup_quota())));
}

}  // namespace godwit::server
