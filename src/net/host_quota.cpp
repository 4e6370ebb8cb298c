#include "host_quota.hpp"

#include <algorithm>
#include <string_view>

namespace godwit::net {

namespace {

core::IpAddress host_of(core::IpAddress address) {
    if (!address.is_v4()) std::fill(address.bytes.begin() + 8, address.bytes.end(), 0);
    return address;
}

}  // namespace

std::size_t HostQuota::Hash::operator()(const core::IpAddress& host) const {
    return std::hash<std::string_view>{}(
        {reinterpret_cast<const char*>(host.bytes.data()), host.bytes.size()});
}

std::optional<HostQuota::Guest> HostQuota::take(const Address& address) {
    const std::size_t max = max_.load(std::memory_order_relaxed);
    const std::optional<core::IpAddress> ip = address.ip();
    if (max == 0 || !ip) return nullptr;
    const core::MutexLock lock(mutex_);
    const Guest host = &*hosts_.try_emplace(host_of(*ip), 0).first;
    if (host->second >= max) return std::nullopt;
    ++host->second;
    return host;
}

void HostQuota::give_back(Guest guest) {
    const core::MutexLock lock(mutex_);
    if (--guest->second == 0) hosts_.erase(core::IpAddress(guest->first));
}

}  // namespace godwit::net
