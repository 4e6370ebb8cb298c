// AdminNode: shared groups. Their members are clients of any shard, so a page is put together from
// a walk over all of them.
#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <tuple>
#include <utility>

#include "admin_node.hpp"
#include "shard_walk.hpp"

namespace godwit::server {

namespace {

using core::GroupView;
using ThenGroups = admin::Then<std::optional<core::Page<GroupView>>>;

// In the order of the list.
struct GroupKey {
    std::string filter;
    std::string name;
    bool local = false;

    friend bool operator<(const GroupKey& a, const GroupKey& b) {
        return std::tie(a.filter, a.name, a.local) < std::tie(b.filter, b.name, b.local);
    }
};

// A name has no '/'.
std::string encode(const GroupKey& key) {
    return (key.local ? "1." : "0.") + key.name + "/" + key.filter;
}

std::optional<GroupKey> decode(std::string_view cursor) {
    core::ShardIndex local = 0;
    if (!take_number(cursor, local) || local > 1) return std::nullopt;
    const std::size_t end = cursor.find('/');
    if (end == std::string_view::npos) return std::nullopt;
    return GroupKey{std::string(cursor.substr(end + 1)), std::string(cursor.substr(0, end)),
                    local == 1};
}

// Keeps the first so many groups behind a key, each with all its members.
class Groups {
public:
    Groups(std::optional<GroupKey> after, std::size_t limit, ThenGroups then)
        : after_(std::move(after)), limit_(limit), then_(std::move(then)) {}

    std::size_t take(std::vector<GroupView> memberships, bool at_end) {
        for (GroupView& membership : memberships)
            add(std::move(membership));
        if (!at_end) return kWantedMax;
        core::Page<GroupView> page;
        for (auto& [key, group] : groups_) {
            sort_members(group);
            page.items.push_back(std::move(group));
        }
        if (more_) page.next = encode(groups_.rbegin()->first);
        then_(std::move(page));
        return 0;
    }

    static constexpr std::size_t kWantedMax = 1000;  // memberships a slice

private:
    void add(GroupView membership) {
        GroupKey key{membership.filter, membership.name, membership.local};
        if (after_ && !(*after_ < key)) return;
        const auto found = groups_.find(key);
        if (found != groups_.end()) {
            found->second.members.push_back(std::move(membership.members.front()));
            return;
        }
        groups_.emplace(std::move(key), std::move(membership));
        if (groups_.size() <= limit_) return;
        // Whatever else of this group comes finds the place taken, too.
        groups_.erase(std::prev(groups_.end()));
        more_ = true;
    }

    static void sort_members(GroupView& group) {
        std::sort(group.members.begin(), group.members.end(),
                  [](const auto& a, const auto& b) { return a.client_id < b.client_id; });
    }

    const std::optional<GroupKey> after_;
    const std::size_t limit_;
    ThenGroups then_;
    std::map<GroupKey, GroupView> groups_;
    bool more_ = false;
};

}  // namespace

void AdminNode::groups(std::string_view cursor, std::size_t limit, ThenGroups then) {
    std::optional<GroupKey> after;
    if (!cursor.empty() && !(after = decode(cursor))) return then(std::nullopt);
    const auto groups = std::make_shared<Groups>(std::move(after), limit, std::move(then));
    const auto walk = std::make_shared<ShardWalk<GroupView, core::SubscriptionPlace>>(
        broker_, 0, broker_.shards() - 1,
        [](core::Shard& shard, const core::SubscriptionPlace& place, std::size_t wanted,
           const core::Now&) { return shard.memberships(place, wanted); },
        [groups](std::optional<std::vector<GroupView>> memberships,
                 const std::optional<std::string>& next) {
            return groups->take(*std::move(memberships), !next);
        });
    walk->start(Groups::kWantedMax);
}

}  // namespace godwit::server
