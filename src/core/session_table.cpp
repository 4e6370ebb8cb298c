#include "session_table.hpp"

#include <cassert>
#include <utility>

namespace godwit::core {

Session& SessionTable::create(std::string client_id) {
    std::uint32_t slot = static_cast<std::uint32_t>(slots_.size());
    if (free_.empty()) {
        slots_.emplace_back();
    } else {
        slot = free_.back();
        free_.pop_back();
    }
    return enter(slot, std::move(client_id));
}

Session& SessionTable::restore(std::string client_id, const SessionHandle& place) {
    if (place.slot >= slots_.size()) slots_.resize(place.slot + 1);
    assert(slots_[place.slot].session == nullptr);
    slots_[place.slot].generation = place.generation;
    return enter(place.slot, std::move(client_id));
}

void SessionTable::end_restore() {
    free_.clear();
    for (std::size_t i = slots_.size(); i > 0; --i) {
        if (!slots_[i - 1].session) free_.push_back(static_cast<std::uint32_t>(i - 1));
    }
}

Session& SessionTable::enter(std::uint32_t slot, std::string client_id) {
    slots_[slot].session = std::make_unique<Session>();
    Session& session = *slots_[slot].session;
    session.client_id = std::move(client_id);
    session.handle = {shard_, slot, slots_[slot].generation};
    [[maybe_unused]] const bool fresh = by_client_id_.emplace(session.client_id, &session).second;
    assert(fresh);
    return session;
}

std::unique_ptr<Session> SessionTable::remove(Session& session) {
    by_client_id_.erase(session.client_id);
    Slot& slot = slots_[session.handle.slot];
    if (++slot.generation == 0) slot.generation = 1;
    free_.push_back(session.handle.slot);
    return std::move(slot.session);
}

Session* SessionTable::find(std::string_view client_id) const {
    const auto found = by_client_id_.find(client_id);
    return found == by_client_id_.end() ? nullptr : found->second;
}

}  // namespace godwit::core
