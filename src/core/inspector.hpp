// What an operator sees of one shard. It looks and changes nothing, and no call takes longer than a
// slice: a list walks so many sessions and subscriptions, whether they are asked for or not.
#pragma once

#include <optional>
#include <string_view>

#include "context.hpp"
#include "godwit/core/inspection.hpp"
#include "outbound.hpp"

namespace godwit::core {

class Inspector {
public:
    Inspector(ShardContext& context, const Outbound& outbound)
        : context_(context), outbound_(outbound) {}

    // See Shard.
    [[nodiscard]] Slice<SessionView, SessionPlace> sessions(const SessionQuery& query,
                                                            SessionPlace from,
                                                            std::size_t limit) const;
    [[nodiscard]] std::optional<SessionDetail> session(std::string_view client_id) const;
    [[nodiscard]] Slice<SubscriptionView, SubscriptionPlace> subscriptions(
        const SubscriptionQuery& query, const SubscriptionPlace& from, std::size_t limit) const;
    [[nodiscard]] Slice<GroupView, SubscriptionPlace> memberships(const SubscriptionPlace& from,
                                                                  std::size_t limit) const;

    // explanation.cpp
    [[nodiscard]] std::optional<Explanation> explain(std::string_view client_id,
                                                     std::string_view topic) const;

    // retained_list.cpp
    [[nodiscard]] std::optional<Slice<RetainedView, RetainedPlace>> retained(
        std::string_view filter, const std::optional<RetainedPlace>& from, std::size_t limit,
        std::size_t payload_max) const;
    [[nodiscard]] std::optional<RetainedView> retained_value(std::string_view topic) const;

private:
    static constexpr std::size_t kSliceMax = 500;          // sessions, or subscriptions
    static constexpr std::size_t kDetailMax = 1000;        // subscriptions of one session
    static constexpr std::size_t kRetainedSliceMax = 500;  // messages
    static constexpr std::size_t kRetainedSteps = 5000;    // through the tree

    [[nodiscard]] SessionView view_of(const Session& session) const;
    [[nodiscard]] static SubscriptionView view_of(const Session& session,
                                                  const Subscription& subscription);
    [[nodiscard]] GroupView membership_view(Session& session,
                                            const Subscription& subscription) const;
    template <typename Visit>
    [[nodiscard]] std::optional<SubscriptionPlace> walk(const SubscriptionPlace& from,
                                                        std::optional<SessionPlace> only,
                                                        Visit visit) const;
    [[nodiscard]] std::vector<Explanation::Match> matches(Session& session,
                                                          std::string_view topic) const;
    [[nodiscard]] Explanation::Verdict verdict(
        const Session& session, const std::vector<Explanation::Match>& matches) const;

    ShardContext& context_;
    const Outbound& outbound_;
};

}  // namespace godwit::core
