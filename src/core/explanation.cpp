// Why a message would reach a client, or would not.
#include <algorithm>
#include <utility>

#include "inspector.hpp"

namespace godwit::core {

using Match = Explanation::Match;
using mqtt::Qos;

std::optional<Explanation> Inspector::explain(std::string_view client_id,
                                              std::string_view topic) const {
    Session* session = context_.sessions.find(client_id);
    if (session == nullptr) return std::nullopt;
    Explanation explanation;
    explanation.session = view_of(*session);
    explanation.max_inflight = context_.settings().session.max_inflight;
    explanation.queue_full = outbound_.full(*session, 0);
    if (session->drops) explanation.last_drops = session->drops->last.list();

    const PublishTarget target = parse_publish_topic(topic);
    if (target.kind == PublishTarget::Kind::nowhere) return explanation;
    const std::string routed = std::string(session->mount_point()).append(target.topic);
    explanation.retained = retained_value(routed).has_value();
    explanation.matches = matches(*session, routed);
    explanation.verdict = verdict(*session, explanation.matches);
    return explanation;
}

// Its subscriptions may be many: asked is the router, which finds the few that matter.
std::vector<Match> Inspector::matches(Session& session, std::string_view topic) const {
    std::vector<Match> matches;
    if (!session.sees(topic)) return matches;
    const bool allowed = session.checked == 0 || context_.rights.may_receive(session, topic);
    const std::string rule = context_.rights.receive_rule(session, topic);
    const auto add = [&](const FilterKey& key) {
        const auto found = session.subscriptions.find(canonical_filter(key, {}));
        if (found == session.subscriptions.end()) return;
        matches.push_back({view_of(session, *found->second).filter, found->second->qos, allowed,
                           rule, key.shared});
    };
    std::vector<const FilterNode*> nodes;
    context_.commons.router.match(topic, nodes);
    for (const FilterNode* node : nodes) {
        add({.filter = node->filter()});
        add({.filter = node->filter(), .local = true});
        for (const SharedGroup* group : node->groups()) {
            add({.filter = node->filter(),
                 .group = group->name(),
                 .shared = true,
                 .local = group->local()});
        }
    }
    return matches;
}

// As Outbound::place() would decide of a message with the highest QoS that is granted.
Explanation::Verdict Inspector::verdict(const Session& session,
                                        const std::vector<Match>& matches) const {
    using Outcome = Explanation::Verdict;
    if (matches.empty()) return Outcome::no_matching_subscription;
    if (!matches.front().allowed) return Outcome::denied_by_acl;
    const bool groups_alone = std::all_of(matches.begin(), matches.end(),
                                          [](const Match& match) { return match.shared; });
    const Outcome reached = groups_alone ? Outcome::shared : Outcome::subscribed;
    Qos qos = Qos::at_most_once;
    for (const Match& match : matches)
        if (match.shared == groups_alone) qos = std::max(qos, match.qos);

    const Settings& settings = context_.settings();
    const bool full = outbound_.full(session, 0);
    if (qos != Qos::at_most_once) {
        // The other policies find it a place, now or later; so does the choice of another member.
        const bool refused = full && settings.session.overflow == Overflow::drop_newest;
        return refused && !groups_alone ? Outcome::queue_full : reached;
    }
    const bool queues = settings.session.queue_qos0 && !session.clean;
    if (!session.connected() || (queues && session.queue.waiting() != 0)) {
        if (!queues) return Outcome::absent_qos0;
        return full ? Outcome::queue_full : reached;
    }
    const std::size_t limit = settings.limits.outbound_buffer;
    const bool no_room = limit != 0 && session.attachment->link->outbox().size() >= limit;
    return no_room ? Outcome::outbound_full : reached;
}

}  // namespace godwit::core
