#include "process_stats.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <string>

#include "failure.hpp"

namespace godwit::bench {
namespace {

std::string proc_path(pid_t pid, const char* file) {
    return "/proc/" + std::to_string(pid) + "/" + file;
}

double to_seconds(const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

}  // namespace

ProcessStats::ProcessStats(pid_t broker_pid) : broker_pid_(broker_pid) {
    if (has_broker() && !std::ifstream(proc_path(broker_pid_, "stat"))) {
        fail(ExitCode::usage, "--broker-pid: no process " + std::to_string(broker_pid_));
    }
}

Usage ProcessStats::read() const {
    Usage usage;
    usage.at = Clock::now();
    rusage own{};
    getrusage(RUSAGE_SELF, &own);
    usage.own_cpu_s = to_seconds(own.ru_utime) + to_seconds(own.ru_stime);
    if (has_broker()) {
        read_cpu(usage);
        read_status(usage);
    }
    return usage;
}

void ProcessStats::read_cpu(Usage& usage) const {
    std::ifstream file(proc_path(broker_pid_, "stat"));
    std::string line;
    std::getline(file, line);
    // The command's name may hold spaces; it ends with the last parenthesis. utime and stime are
    // fields 14 and 15, the name is field 2.
    std::istringstream fields(line.substr(line.rfind(')') + 1));
    std::string skipped;
    for (int field = 3; field < 14; ++field)
        fields >> skipped;
    double user_ticks = 0;
    double system_ticks = 0;
    fields >> user_ticks >> system_ticks;
    const auto ticks_per_second = static_cast<double>(sysconf(_SC_CLK_TCK));
    usage.broker_user_s = user_ticks / ticks_per_second;
    usage.broker_system_s = system_ticks / ticks_per_second;
}

void ProcessStats::read_status(Usage& usage) const {
    std::ifstream file(proc_path(broker_pid_, "status"));
    for (std::string line; std::getline(file, line);) {
        std::istringstream fields(line);
        std::string key;
        fields >> key;
        if (key == "VmRSS:") fields >> usage.broker_rss_kib;
        if (key == "Threads:") fields >> usage.broker_threads;
    }
}

}  // namespace godwit::bench
