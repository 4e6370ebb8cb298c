#include "groups.hpp"

#include <algorithm>

#include "godwit/core/hash.hpp"

namespace godwit::core {

namespace {

// The member with the highest hash: when one leaves, only its share moves.
GroupMember* highest_hash(std::span<GroupMember* const> candidates, std::uint64_t subject) {
    const auto weight = [&](const GroupMember* member) {
        const std::uint64_t words[] = {member->client_hash, subject};
        return hash_bytes({reinterpret_cast<const char*>(words), sizeof words}, 0);
    };
    return *std::max_element(
        candidates.begin(), candidates.end(),
        [&](const GroupMember* a, const GroupMember* b) { return weight(a) < weight(b); });
}

}  // namespace

std::optional<Groups::Choice> Groups::choose(const SharedGroup& group, const Subject& subject,
                                             std::span<const SessionHandle> tried) {
    return choose_ranked(group, subject, tried, Rank::absent_full);
}

std::optional<Groups::Choice> Groups::choose_connected(const SharedGroup& group,
                                                       const Subject& subject,
                                                       std::span<const SessionHandle> tried) {
    return choose_ranked(group, subject, tried, Rank::connected);
}

bool Groups::has_connected(const SharedGroup& group, const SessionHandle& but) const {
    const auto members = group.members();
    return std::any_of(members.begin(), members.end(), [&](const GroupMember* member) {
        return rank(*member, mqtt::Qos::exactly_once, {&but, 1}) == Rank::connected;
    });
}

std::optional<Groups::Choice> Groups::choose_ranked(const SharedGroup& group,
                                                    const Subject& subject,
                                                    std::span<const SessionHandle> tried,
                                                    Rank worst) {
    Rank best = worst;
    candidates_.clear();
    for (GroupMember* member : group.members()) {
        const Rank rank_of = rank(*member, subject.qos, tried);
        if (rank_of > best || !may_receive(*member, subject.topic)) continue;
        if (rank_of < best) candidates_.clear();
        best = rank_of;
        candidates_.push_back(member);
    }
    if (candidates_.empty()) return std::nullopt;
    const bool nobody_has_room = best == Rank::connected_full || best == Rank::absent_full;
    return Choice{pick(group, subject, candidates_), nobody_has_room};
}

Groups::Rank Groups::rank(const GroupMember& member, mqtt::Qos qos,
                          std::span<const SessionHandle> tried) const {
    if (std::find(tried.begin(), tried.end(), member.session) != tried.end()) return Rank::none;
    const bool full = member.full.load(std::memory_order_relaxed);
    if (member.connected.load(std::memory_order_relaxed)) {
        return full ? Rank::connected_full : Rank::connected;
    }
    // QoS 0 waits for nobody, unless it is queued too.
    const mqtt::Qos delivered = std::min(qos, member.qos.load(std::memory_order_relaxed));
    if (delivered == mqtt::Qos::at_most_once && !context_.settings().session.queue_qos0) {
        return Rank::none;
    }
    return full ? Rank::absent_full : Rank::absent;
}

bool Groups::may_receive(const GroupMember& member, std::string_view topic) const {
    const RightsHolder* const holder = member.checked.load(std::memory_order_acquire);
    return holder == nullptr || context_.rights.may_receive(*holder, topic);
}

GroupMember* Groups::pick(const SharedGroup& group, const Subject& subject,
                          std::span<GroupMember* const> candidates) {
    switch (context_.settings().shared_subscriptions.of(group.name())) {
        case ShareStrategy::random: return candidates[context_.random.next() % candidates.size()];
        case ShareStrategy::sticky: return highest_hash(candidates, group.id());
        case ShareStrategy::hash_client_id:
            return highest_hash(candidates,
                                hash_bytes(subject.publisher, context_.commons.hash_key));
        case ShareStrategy::hash_topic:
            return highest_hash(candidates, hash_bytes(subject.topic, context_.commons.hash_key));
        case ShareStrategy::least_inflight:
            return *std::min_element(candidates.begin(), candidates.end(),
                                     [](const GroupMember* a, const GroupMember* b) {
                                         return a->load.load(std::memory_order_relaxed) <
                                                b->load.load(std::memory_order_relaxed);
                                     });
        case ShareStrategy::round_robin: break;
    }
    return candidates[cursor(group)++ % candidates.size()];
}

std::uint32_t& Groups::cursor(const SharedGroup& group) {
    // Nobody tells us of a group's end. There are no more groups than members, so most of what is
    // beyond that is of groups long gone; that the others begin anew costs them one turn.
    if (cursors_.size() > 2 * context_.commons.router.shared_subscriptions() + kForgottenMax) {
        cursors_.clear();
    }
    return cursors_[group.id()];
}

}  // namespace godwit::core
