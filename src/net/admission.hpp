// Who may come in, all listeners together: how many connections, how many from one host, how fast.
// Outlives all connections. Any thread.
#pragma once

#include "connect_rate.hpp"
#include "godwit/net/settings.hpp"
#include "host_quota.hpp"
#include "quota.hpp"

namespace godwit::net {

struct Admission {
    explicit Admission(const LimitSettings& limits);
    // From now on these are in force, for newcomers.
    void enforce(const LimitSettings& limits);

    Quota connections;
    HostQuota hosts;
    ConnectRate rate;
};

}  // namespace godwit::net
