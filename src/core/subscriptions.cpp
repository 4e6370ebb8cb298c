#include "subscriptions.hpp"

#include <algorithm>
#include <utility>

#include "godwit/core/hash.hpp"
#include "godwit/mqtt/encoder.hpp"
#include "godwit/mqtt/topic.hpp"

namespace godwit::core {

using mqtt::Qos;

void Subscriptions::subscribe(Session& session, const mqtt::Subscribe& packet) {
    std::vector<Wanted> all;
    std::size_t new_ones = 0;
    for (const mqtt::SubscribeRequest& request : packet.requests) {
        all.push_back(judge(session, request, new_ones));
        if (!all.back().text.empty() && !session.subscriptions.contains(all.back().text)) {
            ++new_ones;
        }
    }
    const auto refused = [](const Wanted& wanted) { return wanted.text.empty(); };
    if (std::all_of(all.begin(), all.end(), refused)) {
        return suback(session, packet.packet_id, all);  // Nothing to wait for.
    }
    if (context_.keeps(session)) {
        for (Wanted& wanted : all)
            write(session, wanted);
    }
    session.replays_asked += static_cast<std::uint32_t>(std::count_if(
        all.begin(), all.end(), [](const Wanted& wanted) { return !wanted.replay.empty(); }));
    commits_.after(
        session, [this, connection = ConnectionHandle{session.handle, session.attachments},
                  packet_id = packet.packet_id, epoch = context_.rights.epoch(),
                  all = std::move(all)]() mutable {
            Session* found = context_.sessions.find(connection.session);
            if (found == nullptr) return;
            if (epoch != context_.rights.epoch()) judge_again(*found, all);
            for (const Wanted& wanted : all) {
                if (!wanted.text.empty()) apply(*found, wanted);
            }
            for (const Wanted& wanted : all) {
                if (!wanted.replay.empty())
                    add_replay(*found, wanted.replay, wanted.qos, wanted.number);
            }
            if (!found->connected() || found->attachment->number != connection.attachment) return;
            suback(*found, packet_id, all);
            run_replays(*found);
        });
}

void Subscriptions::write(Session& session, Wanted& wanted) {
    if (wanted.text.empty()) return;
    context_.store.put_subscription(session.incarnation, {wanted.text, wanted.qos});
    if (wanted.replay.empty()) return;
    wanted.number = context_.store.next_number();
    context_.store.put_replay(session.incarnation, {wanted.number, wanted.replay, wanted.qos});
}

Subscriptions::Wanted Subscriptions::judge(const Session& session,
                                           const mqtt::SubscribeRequest& request,
                                           std::size_t new_ones) const {
    const Settings& settings = context_.settings();
    const auto key = parse_filter(request.filter);
    if (!key) return {};
    // It could not be kept.
    if (context_.failing && context_.keeps(session)) return {};
    if (key->shared && !settings.shared_subscriptions.enabled) return {};
    if (!settings.mqtt.wildcard_subscriptions && mqtt::has_wildcard(key->filter)) return {};
    if (key->filter.size() + session.mount_point().size() > settings.mqtt.max_topic_length ||
        mqtt::level_count(key->filter) > settings.mqtt.max_topic_levels) {
        return {};
    }
    const std::string filter = std::string(session.mount_point()).append(key->filter);
    const Rights::Scope scope = context_.rights.may_subscribe(session, filter);
    if (scope == Rights::Scope::none) return {};
    Wanted wanted{canonical_filter(*key, session.mount_point()),
                  std::min(request.qos, settings.mqtt.max_qos), scope == Rights::Scope::some};
    // Every SUBSCRIBE gets them, a repeated one too [MQTT-3.8.4-3]; shared ones never do.
    if (settings.retained.enabled && !key->shared) wanted.replay = filter;
    const std::size_t limit = settings.limits.max_subscriptions;
    if (limit != 0 && !session.subscriptions.contains(wanted.text) &&
        session.subscriptions.size() + new_ones >= limit) {
        return {};
    }
    return wanted;
}

// The rules have changed since, while the store kept the subscriptions.
void Subscriptions::judge_again(const Session& session, std::vector<Wanted>& all) {
    for (Wanted& wanted : all) {
        if (wanted.text.empty()) continue;
        const FilterKey key = *parse_filter(wanted.text);
        const Rights::Scope scope = context_.rights.may_subscribe(session, key.filter);
        wanted.checked = scope == Rights::Scope::some;
        if (scope != Rights::Scope::none) continue;
        // Where an earlier one stands, enforce() has removed it.
        if (context_.keeps(session)) {
            context_.store.delete_subscription(session.incarnation, wanted.text);
            if (wanted.number != 0)
                context_.store.delete_replay(session.incarnation, wanted.number);
        }
        wanted = {};
    }
}

// Enters the subscription, or gives an existing one its new QoS [MQTT-3.8.4-3].
void Subscriptions::apply(Session& session, const Wanted& wanted) {
    const auto found = session.subscriptions.find(wanted.text);
    Subscription* subscription = nullptr;
    if (found != session.subscriptions.end()) {
        subscription = found->second.get();
    } else {
        auto fresh = std::make_unique<Subscription>();
        fresh->text = wanted.text;
        fresh->key = *parse_filter(fresh->text);
        subscription = fresh.get();
        session.subscriptions.emplace(fresh->text, std::move(fresh));
        context_.subscriptions(subscription->key.shared).add();
    }
    subscription->qos = wanted.qos;
    const Router::Placed placed =
        context_.commons.router.subscribe(subscription->key, session.handle, wanted.qos,
                                          hash_bytes(session.client_id, context_.commons.hash_key),
                                          session.connected(), context_.keeps(session));
    if (placed.existed || !subscription->key.shared) {
        return set_checked(session, *subscription, wanted.checked);
    }
    subscription->group = placed.group;
    subscription->member = placed.member;
    set_checked(session, *subscription, wanted.checked);
    session.memberships.push_back({placed.group->id(), placed.member});
    if (session.connected()) wake_absent_members(session, *placed.group);
}

// Return codes in the order of the filters [MQTT-3.8.4-5].
void Subscriptions::suback(Session& session, mqtt::PacketId packet_id,
                           const std::vector<Wanted>& all) {
    std::vector<std::uint8_t> codes;
    for (const Wanted& wanted : all) {
        codes.push_back(wanted.text.empty() ? mqtt::kSubackFailure
                                            : static_cast<std::uint8_t>(wanted.qos));
    }
    Link& link = *session.attachment->link;
    link.outbox().append(mqtt::encode_suback(packet_id, codes));
    link.flush_soon();
    context_.count_sent(mqtt::PacketType::suback);
}

void Subscriptions::unsubscribe(Session& session, const mqtt::Unsubscribe& packet) {
    std::vector<std::string> texts;
    for (const std::string_view filter : packet.filters) {
        const auto key = parse_filter(filter);
        if (!key) continue;
        texts.push_back(canonical_filter(*key, session.mount_point()));
        if (context_.keeps(session)) {
            context_.store.delete_subscription(session.incarnation, texts.back());
        }
    }
    commits_.after(
        session, [this, connection = ConnectionHandle{session.handle, session.attachments},
                  packet_id = packet.packet_id, texts = std::move(texts)] {
            Session* found = context_.sessions.find(connection.session);
            if (found == nullptr) return;
            for (const std::string& text : texts)
                remove(*found, text);
            if (!found->connected() || found->attachment->number != connection.attachment) return;
            outbound_.send_ack(*found, {mqtt::PacketType::unsuback, packet_id});
        });
}

void Subscriptions::remove(Session& session, const std::string& text) {
    const auto found = session.subscriptions.find(text);
    if (found == session.subscriptions.end()) return;
    const std::unique_ptr<Subscription> subscription = std::move(found->second);
    session.subscriptions.erase(found);
    context_.subscriptions(subscription->key.shared).subtract();
    context_.commons.router.unsubscribe(subscription->key, session.handle);
    if (subscription->checked) --session.checked;
    if (subscription->group == nullptr) return;
    std::erase_if(session.memberships,
                  [&](const Membership& one) { return one.member == subscription->member; });
    // What was not sent goes to another member; what was sent stays.
    hand_over_all(session, *subscription->group, false, true);
}

std::vector<Subscription*> Subscriptions::in_order(Session& session) {
    std::vector<Subscription*> all;
    for (const auto& [text, subscription] : session.subscriptions)
        all.push_back(subscription.get());
    return all;
}

// --- Rights ------------------------------------------------------------------------------------

void Subscriptions::set_checked(Session& session, Subscription& subscription, bool checked) {
    if (checked && !subscription.checked) ++session.checked;
    if (!checked && subscription.checked) --session.checked;
    subscription.checked = checked;
    if (subscription.member != nullptr) publish_holder(session, subscription);
}

// All shards choose among the members of a group.
void Subscriptions::publish_holder(const Session& session, const Subscription& subscription) {
    RightsHolder* const fresh =
        subscription.checked ? new RightsHolder(Rights::holder_of(session)) : nullptr;
    RightsHolder* const old = subscription.member->checked.exchange(fresh);
    if (old != nullptr) context_.commons.reclaimer.retire(old);
}

void Subscriptions::restore(Session& session, const SubscriptionRecord& record) {
    const FilterKey key = *parse_filter(record.filter);
    const Rights::Scope scope = context_.rights.may_subscribe(session, key.filter);
    apply(session, {record.filter, record.qos, scope != Rights::Scope::all});
}

void Subscriptions::check_again(Session& session) {
    if (!context_.rights.restricts() && session.checked == 0) return;
    for (const auto& [text, subscription] : session.subscriptions) {
        const Rights::Scope scope =
            context_.rights.may_subscribe(session, subscription->key.filter);
        set_checked(session, *subscription, scope != Rights::Scope::all);
    }
}

bool Subscriptions::enforce(Session& session) {
    check_again(session);
    if (session.checked == 0) return true;
    bool allowed = true;
    for (const Subscription* subscription : in_order(session)) {
        if (context_.rights.may_subscribe(session, subscription->key.filter) !=
            Rights::Scope::none) {
            continue;
        }
        allowed = false;
        const std::string text = subscription->text;
        if (context_.keeps(session)) {
            context_.store.delete_subscription(session.incarnation, text);
        }
        remove(session, text);
    }
    return allowed;
}

// --- Shared groups -----------------------------------------------------------------------------

std::vector<Subscription*> Subscriptions::shared_ones(Session& session) {
    if (session.memberships.empty()) return {};
    std::vector<Subscription*> shared = in_order(session);
    std::erase_if(shared, [](const Subscription* one) { return one->group == nullptr; });
    return shared;
}

void Subscriptions::client_came(Session& session) {
    for (Subscription* subscription : shared_ones(session)) {
        subscription->member->connected.store(true, std::memory_order_relaxed);
    }
    for (Subscription* subscription : shared_ones(session)) {
        wake_absent_members(session, *subscription->group);
    }
}

void Subscriptions::client_left(Session& session, bool session_ends) {
    for (Subscription* subscription : shared_ones(session)) {
        subscription->member->connected.store(false, std::memory_order_relaxed);
    }
    for (Subscription* subscription : shared_ones(session)) {
        hand_over_all(session, *subscription->group, true, !session_ends);
    }
}

void Subscriptions::wake_absent_members(const Session& session, const SharedGroup& group) {
    for (const GroupMember* member : group.members()) {
        if (member->connected.load(std::memory_order_relaxed)) continue;
        if (member->session == session.handle) continue;
        if (member->session.shard != context_.index) {
            mail_.post(member->session.shard, GroupWake{member->session, group.id()});
        } else if (Session* absent = context_.sessions.find(member->session)) {
            wake(*absent, group.id());
        }
    }
}

void Subscriptions::wake(Session& session, std::uint64_t group) {
    if (session.connected() || session.queue.empty()) return;
    for (Subscription* subscription : shared_ones(session)) {
        if (subscription->group->id() != group) continue;
        hand_over_all(session, *subscription->group, true, true);
        return;
    }
}

void Subscriptions::hand_over_all(Session& session, const SharedGroup& group, bool unacknowledged,
                                  bool connected_only) {
    if (session.queue.empty() && !session.held) return;
    if (connected_only && !groups_.has_connected(group, session.handle)) return;
    for (QueueEntry& entry : outbound_.take_group(session, group.id(), unacknowledged)) {
        if (publications_.hand_over(group, session, entry, connected_only)) continue;
        if (connected_only) {  // Nobody has room any more, or the last one left.
            outbound_.put_back(session, std::move(entry));
            continue;
        }
        if (entry.stored) context_.store.delete_queued(session.incarnation, entry.sequence);
        context_.count_drop(DropReason::no_member);
        outbound_.placed(entry.placement);
    }
}

void Subscriptions::forget(Session& session) {
    session.memberships.clear();
    for (const auto& [text, subscription] : session.subscriptions) {
        context_.commons.router.unsubscribe(subscription->key, session.handle);
        context_.subscriptions(subscription->key.shared).subtract();
    }
    session.subscriptions.clear();
    session.checked = 0;
    session.replays.reset();
    context_.replaying.erase(session.handle.slot);
}

// --- Replays of retained messages --------------------------------------------------------------

void Subscriptions::add_replay(Session& session, const std::string& filter, Qos qos,
                               std::uint64_t number) {
    if (!session.replays) session.replays = std::make_unique<std::deque<Replay>>();
    session.replays->push_back({context_.commons.retained.replay(filter), qos, number});
}

// The first of them is over.
void Subscriptions::end_replay(Session& session) {
    const std::uint64_t number = session.replays->front().number;
    session.replays->pop_front();
    --session.replays_asked;
    if (session.attachment && !has_many_replays(session)) {
        publications_.lift(session, Pause::replays);
    }
    if (number != 0) context_.store.delete_replay(session.incarnation, number);
}

void Subscriptions::run_replays(Session& session) {
    if (!session.replays) return;
    std::size_t left = kReplaySlice;
    bool blocked = false;
    bool at_end = true;
    while (!session.replays->empty() && at_end) {
        Replay& replay = session.replays->front();
        const auto visit = [&](const RetainedTree::Value& value) {
            const Qos qos = std::min(value.qos, replay.qos);
            if (left == 0) return false;
            if (!session.sees(value.message->topic())) return true;
            if (!context_.rights.may_receive(session, value.message->topic())) {
                --left;
                context_.drop(session, DropReason::denied_delivery,
                              session.plain(value.message->topic()), qos);
                return true;
            }
            blocked = !outbound_.can_replay(session, qos);
            if (blocked) return false;
            --left;
            outbound_.place_retained(session, value.message, qos);
            return true;
        };
        at_end = context_.commons.retained.advance(*replay.cursor, context_.now.wall, visit,
                                                   kReplaySteps);
        if (at_end) end_replay(session);
    }
    if (session.replays->empty()) {
        session.replays.reset();
    } else if (!blocked) {
        context_.replaying.insert(session.handle.slot);
    }
}

void Subscriptions::continue_replays() {
    for (const std::uint32_t slot : std::exchange(context_.replaying, {})) {
        if (Session* session = context_.sessions.at(slot)) run_replays(*session);
    }
}

void Subscriptions::resume_replays(Session& session) {
    if (session.replays) context_.replaying.insert(session.handle.slot);
}

}  // namespace godwit::core
