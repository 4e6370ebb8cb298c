#include "godwit/core/filter_node.hpp"

#include <algorithm>

namespace godwit::core {

FilterNode::~FilterNode() {
    for (SharedGroup* group : groups())
        delete group;
}

SharedGroup* FilterNode::find_group(std::string_view name, bool local) const {
    const auto all = groups();
    const auto found = std::find_if(all.begin(), all.end(), [&](const SharedGroup* group) {
        return group->local() == local && group->name() == name;
    });
    return found == all.end() ? nullptr : *found;
}

SharedGroup* FilterNode::add_group(std::string_view name, bool local, std::uint64_t id,
                                   Reclaimer& reclaimer) {
    SharedGroup* const group = SharedGroup::make(name, id, local);
    groups_.append(group, reclaimer);
    return group;
}

void FilterNode::remove_group(SharedGroup* group, Reclaimer& reclaimer) {
    groups_.remove(group, reclaimer);
    reclaimer.retire(group);
}

}  // namespace godwit::core
