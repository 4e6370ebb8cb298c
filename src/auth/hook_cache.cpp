#include "hook_cache.hpp"

namespace godwit::auth {

std::optional<HookAnswer> HookCache::find(const Digest& question, core::SteadyTime now) const {
    const core::MutexLock lock(mutex_);
    const auto found = answers_.find(question);
    if (found == answers_.end() || now >= found->second.until) return std::nullopt;
    return found->second.answer;
}

void HookCache::keep(const Digest& question, const HookAnswer& answer, core::SteadyTime until) {
    const core::MutexLock lock(mutex_);
    if (!answers_.insert_or_assign(question, Kept{answer, until}).second) return;
    by_age_.push_back(question);
    if (by_age_.size() <= answers_max_) return;
    answers_.erase(by_age_.front());
    by_age_.pop_front();
}

}  // namespace godwit::auth
