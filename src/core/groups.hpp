// Which member of a shared group gets a message. Chosen by the publishing shard from what the
// members' shards publish about them; a choice that proves wrong comes back as a miss. A member
// that may not receive the topic is passed over.
#pragma once

#include <absl/container/flat_hash_map.h>

#include <optional>
#include <span>
#include <string_view>

#include "context.hpp"

namespace godwit::core {

class Groups {
public:
    explicit Groups(ShardContext& context) : context_(context) {}

    struct Choice {
        GroupMember* member;
        bool last_choice;  // nobody has room: the overflow policy of this member decides
    };
    struct Subject {
        std::string_view topic;      // with the mount point
        std::string_view publisher;  // its client id, for hash_client_id
        mqtt::Qos qos;
    };
    // Nothing where no member can take it. `tried`: members not to be asked again.
    [[nodiscard]] std::optional<Choice> choose(const SharedGroup& group, const Subject& subject,
                                               std::span<const SessionHandle> tried);
    // As choose(), among connected members with room alone.
    [[nodiscard]] std::optional<Choice> choose_connected(const SharedGroup& group,
                                                         const Subject& subject,
                                                         std::span<const SessionHandle> tried);
    // Whether choose_connected() would find one; nobody's turn is used up.
    [[nodiscard]] bool has_connected(const SharedGroup& group, const SessionHandle& but) const;

private:
    // How good a member is as a place for a message, best first.
    enum class Rank : std::uint8_t { connected, absent, connected_full, absent_full, none };

    [[nodiscard]] Rank rank(const GroupMember& member, mqtt::Qos qos,
                            std::span<const SessionHandle> tried) const;
    [[nodiscard]] bool may_receive(const GroupMember& member, std::string_view topic) const;
    [[nodiscard]] std::optional<Choice> choose_ranked(const SharedGroup& group,
                                                      const Subject& subject,
                                                      std::span<const SessionHandle> tried,
                                                      Rank worst);
    [[nodiscard]] GroupMember* pick(const SharedGroup& group, const Subject& subject,
                                    std::span<GroupMember* const> candidates);
    // Where round robin stands in this group.
    [[nodiscard]] std::uint32_t& cursor(const SharedGroup& group);

    static constexpr std::size_t kForgottenMax = 1024;  // cursors of groups that are no more

    ShardContext& context_;
    // By group id. Looked up alone, never walked.
    absl::flat_hash_map<std::uint64_t, std::uint32_t> cursors_;
    std::vector<GroupMember*> candidates_;  // scratch
};

}  // namespace godwit::core
