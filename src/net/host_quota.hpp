// How many connections there are from each host, and may be (limits.max_connections_per_address). A
// host is an IPv4 address or the first 64 bits of an IPv6 one, of which whoever has one has them
// all. Any thread.
#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <unordered_map>

#include "godwit/core/address_range.hpp"
#include "godwit/core/mutex.hpp"
#include "socket.hpp"

namespace godwit::net {

class HostQuota {
    struct Hash {
        std::size_t operator()(const core::IpAddress& host) const;
    };
    using Hosts = std::unordered_map<core::IpAddress, std::size_t, Hash>;

public:
    explicit HostQuota(std::size_t max) : max_(max) {}

    // 0: any number, and nobody is counted. Those that are too many by now stay; those that came
    // while nobody was counted never count.
    void set_max(std::size_t max) { max_.store(max, std::memory_order_relaxed); }

    // A connection that counts, to be given back.
    using Guest = Hosts::value_type*;
    // One more; nothing when there may be no more, a null pointer where it does not count: clients
    // of unix sockets never do.
    [[nodiscard]] std::optional<Guest> take(const Address& address);
    void give_back(Guest guest);

private:
    std::atomic<std::size_t> max_;
    core::Mutex mutex_;
    Hosts hosts_ GODWIT_GUARDED_BY(mutex_);  // those with connections
};

}  // namespace godwit::net
