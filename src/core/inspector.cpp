#include "inspector.hpp"

#include <algorithm>
#include <utility>

#include "godwit/mqtt/topic.hpp"

namespace godwit::core {

namespace {

char lower(char letter) {
    return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
}

bool contains(std::string_view text, std::string_view part) {
    return std::search(text.begin(), text.end(), part.begin(), part.end(),
                       [](char a, char b) { return lower(a) == lower(b); }) != text.end();
}

bool is_asked_for(const Session& session, const SessionQuery& query) {
    if (query.connected && *query.connected != session.connected()) return false;
    if (query.text.empty()) return true;
    std::string_view address;
    if (session.last_address) address = *session.last_address;
    if (session.attachment) address = session.attachment->address;
    return contains(session.client_id, query.text) || contains(session.user_name(), query.text) ||
           contains(address, query.text);
}

std::vector<std::string> pause_names(std::uint16_t pauses) {
    static constexpr std::pair<Pause, std::string_view> kNames[] = {
        {Pause::unanswered, "unanswered"},
        {Pause::held, "held"},
        {Pause::credit, "credit"},
        {Pause::qos2_commit, "qos2_commit"},
        {Pause::stopping, "stopping"},
        {Pause::store, "store"},
        {Pause::rate, "rate"},
        {Pause::memory, "memory"},
        {Pause::replays, "replays"},
    };
    std::vector<std::string> names;
    for (const auto& [pause, name] : kNames) {
        if ((pauses & static_cast<std::uint16_t>(pause)) != 0) names.emplace_back(name);
    }
    return names;
}

// As the client named it.
std::string plain_filter(const Session& session, const Subscription& subscription) {
    FilterKey key = subscription.key;
    key.filter = session.plain(key.filter);
    return canonical_filter(key, {});
}

WillView will_view(const Session& session, const OwnedWill& will) {
    const std::string_view prefix = will.kind == PublishTarget::Kind::local ? "$local/" : "";
    return {std::string(prefix).append(session.plain(will.message->topic())), will.qos,
            will.retain};
}

}  // namespace

// --- Sessions ----------------------------------------------------------------------------------

SessionView Inspector::view_of(const Session& session) const {
    SessionView view;
    view.client_id = session.client_id;
    if (session.owner) {
        view.user_name = session.owner->user_name;
        view.mount_point = session.owner->mount_point;
    }
    view.clean = session.clean;
    view.connected = session.connected();
    if (session.attachment) {
        const Attachment& attachment = *session.attachment;
        view.address = attachment.address;
        view.level = attachment.level;
        view.keep_alive = attachment.keep_alive;
        view.connected_at = attachment.connected_at;
        view.pauses = pause_names(attachment.pauses);
    } else {
        if (session.last_address) view.address = *session.last_address;
        if (session.deadline) {
            view.expires_at = context_.now.wall + (*session.deadline - context_.now.steady);
        }
    }
    view.subscriptions = session.subscriptions.size();
    view.queued_messages = session.queue.waiting();
    view.queued_bytes = session.queue.waiting_bytes();
    view.inflight_messages = session.queue.inflight();
    view.awaiting_rel = session.incoming.size();
    view.held_messages = session.held ? session.held->size() : 0;
    return view;
}

Slice<SessionView, SessionPlace> Inspector::sessions(const SessionQuery& query, SessionPlace from,
                                                     std::size_t limit) const {
    Slice<SessionView, SessionPlace> slice;
    const std::size_t end = std::min(context_.sessions.slots(), from + kSliceMax);
    SessionPlace place = from;
    for (; place < end && slice.items.size() < limit; ++place) {
        const Session* session = context_.sessions.at(place);
        if (session == nullptr || !is_asked_for(*session, query)) continue;
        slice.items.push_back(view_of(*session));
    }
    if (place < context_.sessions.slots()) slice.next = place;
    return slice;
}

std::optional<SessionDetail> Inspector::session(std::string_view client_id) const {
    const Session* session = context_.sessions.find(client_id);
    if (session == nullptr) return std::nullopt;
    SessionDetail detail;
    detail.session = view_of(*session);
    for (const auto& [text, subscription] : session->subscriptions) {
        if (detail.subscriptions.size() == kDetailMax) break;
        detail.subscriptions.push_back(view_of(*session, *subscription));
    }
    if (session->attachment && session->attachment->will) {
        detail.will = will_view(*session, *session->attachment->will);
    }
    if (session->drops) detail.last_drops = session->drops->last.list();
    return detail;
}

// --- Subscriptions -----------------------------------------------------------------------------

SubscriptionView Inspector::view_of(const Session& session, const Subscription& subscription) {
    return {session.client_id, plain_filter(session, subscription), subscription.qos,
            session.connected()};
}

// Calls visit(Session&, Subscription&) from that place on, in one session or all; where it returns
// false, or a slice is over, the next call begins.
template <typename Visit>
std::optional<SubscriptionPlace> Inspector::walk(const SubscriptionPlace& from,
                                                 std::optional<SessionPlace> only,
                                                 Visit visit) const {
    std::size_t left = kSliceMax;
    const auto end = only ? std::size_t{*only} + 1 : context_.sessions.slots();
    for (SessionPlace place = from.session; place < end; ++place) {
        Session* session = context_.sessions.at(place);
        if (session != nullptr) {
            auto& all = session->subscriptions;
            auto one = place == from.session ? all.lower_bound(from.text) : all.begin();
            for (; one != all.end(); ++one) {
                if (left == 0 || !visit(*session, *one->second)) {
                    return SubscriptionPlace{place, std::string(one->first)};
                }
                --left;
            }
        }
        if (left == 0 && place + 1 < end) return SubscriptionPlace{place + 1, {}};
        if (left != 0) --left;
    }
    return std::nullopt;
}

Slice<SubscriptionView, SubscriptionPlace> Inspector::subscriptions(const SubscriptionQuery& query,
                                                                    const SubscriptionPlace& from,
                                                                    std::size_t limit) const {
    std::optional<SessionPlace> only;
    if (query.client_id) {
        const Session* session = context_.sessions.find(*query.client_id);
        if (session == nullptr) return {};
        only = session->handle.slot;
    }
    const auto wanted = query.filter ? parse_filter(*query.filter) : std::nullopt;
    if (query.filter && !wanted) return {};
    const auto is_wanted = [&](const Session& session, const Subscription& one) {
        if (wanted) {
            FilterKey key = one.key;
            key.filter = session.plain(key.filter);
            if (key != *wanted) return false;
        }
        return !query.match ||
               (session.sees(*query.match) && mqtt::matches(one.key.filter, *query.match));
    };
    Slice<SubscriptionView, SubscriptionPlace> slice;
    const SubscriptionPlace begin{only ? *only : from.session,
                                  !only || *only == from.session ? from.text : std::string()};
    slice.next = walk(begin, only, [&](const Session& session, const Subscription& one) {
        if (!is_wanted(session, one)) return true;
        if (slice.items.size() == limit) return false;
        slice.items.push_back(view_of(session, one));
        return true;
    });
    return slice;
}

// --- Shared groups -----------------------------------------------------------------------------

Slice<GroupView, SubscriptionPlace> Inspector::memberships(const SubscriptionPlace& from,
                                                           std::size_t limit) const {
    Slice<GroupView, SubscriptionPlace> slice;
    slice.next = walk(from, std::nullopt, [&](Session& session, const Subscription& one) {
        if (one.group == nullptr) return true;
        if (slice.items.size() == limit) return false;
        slice.items.push_back(membership_view(session, one));
        return true;
    });
    return slice;
}

GroupView Inspector::membership_view(Session& session, const Subscription& subscription) const {
    const Membership* membership = session.find_membership(subscription.group->id());
    GroupMemberView member{.client_id = session.client_id,
                           .connected = session.connected(),
                           .qos = subscription.qos,
                           .deliveries = membership != nullptr ? membership->deliveries : 0,
                           .inflight_messages = session.queue.inflight()};
    const FilterKey& key = subscription.key;
    const ShareStrategy strategy = context_.settings().shared_subscriptions.of(key.group);
    return {std::string(key.group),
            std::string(key.filter),
            key.local,
            std::string(to_string(strategy)),
            {std::move(member)}};
}

}  // namespace godwit::core
