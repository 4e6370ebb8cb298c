// One filter that somebody subscribes to, with all who do. Read without a lock; the router alone
// changes it, under its lock.
#pragma once

#include <span>
#include <string_view>

#include "godwit/core/read_array.hpp"
#include "godwit/core/shared_group.hpp"
#include "godwit/core/subscriber_list.hpp"
#include "godwit/core/text_tail.hpp"

namespace godwit::core {

class FilterNode : public TextTail<FilterNode> {
public:
    ~FilterNode();

    [[nodiscard]] std::string_view filter() const { return text(); }
    [[nodiscard]] const SubscriberList& subscribers() const { return subscribers_; }
    [[nodiscard]] std::span<SharedGroup* const> groups() const { return groups_.view(); }

    // For the router.
    [[nodiscard]] SubscriberList& subscribers() { return subscribers_; }
    [[nodiscard]] SharedGroup* find_group(std::string_view name, bool local) const;
    SharedGroup* add_group(std::string_view name, bool local, std::uint64_t id,
                           Reclaimer& reclaimer);
    void remove_group(SharedGroup* group, Reclaimer& reclaimer);
    [[nodiscard]] bool unused() const { return subscribers_.empty() && groups().empty(); }

private:
    friend TextTail;
    FilterNode() = default;

    SubscriberList subscribers_;
    ReadArray<SharedGroup> groups_;  // in the order they were formed; owned
};

}  // namespace godwit::core
