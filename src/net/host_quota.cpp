#include "host_quota.hpp"

#include <string_view>

namespace godwit::net {

std::size_t HostQuota::Hash::operator()(const HostKey& key) const {
    return std::hash<std::string_view>{}({key.data(), key.size()});
}

std::optional<HostQuota::Guest> HostQuota::take(const Address& address) {
    const std::size_t max = max_.load(std::memory_order_relaxed);
    const std::optional<HostKey> key = address.host_key();
    if (max == 0 || !key) return nullptr;
    const core::MutexLock lock(mutex_);
    const Guest host = &*hosts_.try_emplace(*key, 0).first;
    if (host->second >= max) return std::nullopt;
    ++host->second;
    return host;
}

void HostQuota::give_back(Guest guest) {
    const core::MutexLock lock(mutex_);
    if (--guest->second == 0) hosts_.erase(HostKey(guest->first));
}

}  // namespace godwit::net
