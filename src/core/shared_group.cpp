#include "godwit/core/shared_group.hpp"

#include <algorithm>

namespace godwit::core {

SharedGroup::~SharedGroup() {
    for (GroupMember* member : members())
        delete member;
}

GroupMember* SharedGroup::find(const SessionHandle& session) const {
    const auto all = members();
    const auto found = std::find_if(all.begin(), all.end(),
                                    [&](const GroupMember* m) { return m->session == session; });
    return found == all.end() ? nullptr : *found;
}

GroupMember* SharedGroup::add(const SessionHandle& session, mqtt::Qos qos,
                              std::uint64_t client_hash, bool connected, Reclaimer& reclaimer) {
    auto* const member = new GroupMember{session, client_hash, qos, connected, false, 0, nullptr};
    members_.append(member, reclaimer);
    return member;
}

void SharedGroup::remove(GroupMember* member, Reclaimer& reclaimer) {
    members_.remove(member, reclaimer);
    reclaimer.retire(member);
}

}  // namespace godwit::core
