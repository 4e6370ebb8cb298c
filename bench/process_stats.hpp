// What the broker and this program have used so far, read from /proc and getrusage.
#pragma once

#include <sys/types.h>

#include <cstdint>

#include "clock.hpp"

namespace godwit::bench {

struct Usage {
    TimePoint at;
    double own_cpu_s = 0;
    double broker_user_s = 0;
    double broker_system_s = 0;
    std::int64_t broker_rss_kib = 0;
    std::uint64_t broker_threads = 0;

    double broker_cpu_s() const { return broker_user_s + broker_system_s; }
};

class ProcessStats {
public:
    // Without a broker (pid 0) its figures stay 0. A pid that is not there ends the program with
    // ExitCode::usage.
    explicit ProcessStats(pid_t broker_pid);

    bool has_broker() const { return broker_pid_ != 0; }
    Usage read() const;

private:
    void read_cpu(Usage& usage) const;
    void read_status(Usage& usage) const;

    pid_t broker_pid_;
};

}  // namespace godwit::bench
