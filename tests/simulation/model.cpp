#include "model.hpp"

#include <algorithm>
#include <charconv>

namespace godwit::simulation {

using mqtt::Qos;

namespace {

// The core counts milliseconds, and turns take their time.
constexpr Time kSlack = std::chrono::milliseconds{20};
constexpr Time kGrace = std::chrono::seconds{10};  // after a restart
constexpr Time kCommitMax = std::chrono::seconds{1};

}  // namespace

Model::Model(Stage& stage, const Plan& plan)
    : stage_(stage), plan_(plan), sessions_(plan.clients), retained_(stage, plan) {}

std::size_t Model::client_of(std::string_view client_id) {
    std::size_t client = 0;
    std::from_chars(client_id.data() + 1, client_id.data() + client_id.size(), client);
    return client;
}

// --- What clients do ---------------------------------------------------------------------------

Message& Model::publish(std::size_t client, std::uint64_t connection, const std::string& topic,
                        Qos qos, bool retain, bool clears) {
    Message& message = messages_.emplace_back();
    message.number = messages_.size() - 1;
    message.publisher = client;
    message.connection = connection;
    message.qos = qos;
    message.clears = clears;
    message.sent = stage_.time();
    message.sent_wall = stage_.now().wall;
    const bool local = topic.starts_with("$local/");
    message.nowhere = topic.starts_with("$share/") || topic.starts_with("$queue/");
    message.topic = local ? topic.substr(7) : topic;
    message.retain = retain && !local && !message.nowhere;
    if (message.retain) retained_.written(message);
    return message;
}

Message& Model::make_will(std::size_t client, std::uint64_t connection, const std::string& topic,
                          Qos qos, bool retain) {
    Message& message = publish(client, connection, topic, qos, retain, false);
    message.will = true;
    message.sent = kNever;
    wills_[connection] = &message;
    return message;
}

void Model::acknowledged(Message& message) {
    message.acked = std::min(message.acked, stage_.time());
    message.stored = message.acked;
}

// --- Connections and sessions ------------------------------------------------------------------

void Model::connecting(Connection& connection, bool store_failing) {
    SessionModel& session = sessions_[client_of(connection.client_id())];
    const bool continues = session.exists && !session.clean && !connection.clean_session();
    const bool needs_store = !connection.clean_session() || (session.exists && !session.clean);
    const auto expiry = plan_.settings.session.expiry;
    if (session.exists && session.attached == 0 && expiry.count() != 0 &&
        !(crashed_ && plan_.wall_jumps) &&
        stage_.time() > std::max(session.absent_since + expiry, session.expires_after) +
                            std::chrono::seconds{1}) {
        throw Broken(cat("the session of ", connection.client_id(), " should have expired"));
    }
    if (store_failing && needs_store) {
        refused_.insert(connection.number());
        return;
    }
    if (!continues) {
        if (session.exists) end_session(session);
        session.began = stage_.time();
        session.number_before = disk_ == nullptr ? 0 : disk_->last_number;
    }
    session.exists = true;
    session.clean = connection.clean_session();
    session.present_expected = continues;
    session.attached = connection.number();
    session.connections.insert(connection.number());
}

void Model::arrived(Connection& connection, bool store_failing) {
    const std::uint64_t number = connection.number();
    if (connection.served() == refused(number)) {
        throw Broken(cat(connection.client_id(), " was ", refused(number) ? "not " : "",
                         "refused, and its store ", store_failing ? "fails" : "does not fail"));
    }
    if (!store_failing || refused(number)) return;
    // A clean one goes on, unless what it had before is still to be wiped.
    if (!accepted_.contains(number) &&
        sessions_[client_of(connection.client_id())].former.empty()) {
        throw Broken(cat("the clean session of ", connection.client_id(), " waits for the store"));
    }
    const auto will = wills_.find(number);
    if (will != wills_.end()) unstored_wills_.push_back(will->second);
}

void Model::ended(Connection& connection, core::CloseReason reason, bool disconnect_taken) {
    using core::CloseReason;
    SessionModel& session = sessions_[client_of(connection.client_id())];
    if (reason == CloseReason::server_unavailable && refused(connection.number())) {
        wills_.erase(connection.number());
        session.subscriptions.session_ended(stage_.time(), {connection.number()});
        return;
    }
    switch (reason) {
        case CloseReason::disconnect:
        case CloseReason::peer_closed:
        case CloseReason::network_error:
        case CloseReason::keep_alive:
        case CloseReason::taken_over:
        case CloseReason::server_stopping: break;
        case CloseReason::held:
            if (plan_.settings.session.overflow == core::Overflow::hold) break;
            [[fallthrough]];
        default:
            throw Broken(cat("the broker closed ", connection.client_id(), " for ",
                             core::to_string(reason)));
    }
    const bool accepted = accepted_.contains(connection.number());
    const auto will = wills_.find(connection.number());
    if (will != wills_.end()) {
        Message& message = *will->second;
        if (!disconnect_taken) {
            message.sent = stage_.time();
            message.sent_wall = stage_.now().wall;
            // One that was never accepted may have no will.
            if (accepted) message.acked = message.sent;
            stage_.say("will m", message.number, " of ", connection.client_id(), " is due");
        } else {
            discarded_wills_.push_back(&message);
        }
        wills_.erase(will);
    }
    if (session.attached != connection.number()) return;
    session.attached = 0;
    session.absent_since = stage_.time();
    if (accepted) session.absent_for_certain = stage_.time();
    // That the client came back is forgotten with an unanswered CONNECT.
    if (accepted || reason != CloseReason::server_stopping) {
        session.absent_earliest = stage_.time();
    }
    if (session.clean) end_session(session);
}

std::size_t Model::wills_armed() const {
    return static_cast<std::size_t>(
        std::count_if(wills_.begin(), wills_.end(),
                      [this](const auto& will) { return accepted_.contains(will.first); }));
}

void Model::stopping() {
    for (const auto& [connection, will] : wills_)
        will->sent = will->acked = stage_.time();
    wills_.clear();
}

void Model::end_session(SessionModel& session) {
    session.exists = false;
    if (!session.clean) {
        session.former.push_back(
            {session.began, stage_.time(), session.number_before, session.connections});
    }
    session.subscriptions.session_ended(stage_.time(), session.connections);
    session.connections.clear();
}

void Model::session_expired(std::string_view client_id) {
    stage_.say("session of ", client_id, " expired");
    SessionModel& session = sessions_[client_of(client_id)];
    const auto expiry = plan_.settings.session.expiry;
    const Time slack = crashed_ ? std::chrono::seconds{1} : kSlack;
    const bool early = stage_.time() + slack < session.absent_earliest + expiry;
    if (!session.exists || session.attached != 0 || session.clean || expiry.count() == 0 ||
        (early && !(crashed_ && plan_.wall_jumps))) {
        throw Broken(cat("the session of ", client_id, " expired too early"));
    }
    end_session(session);
}

void Model::client_connected(const core::Arrival& arrival, bool) {
    accepted_[sessions_[client_of(arrival.client_id)].attached] = true;
}

void Model::client_disconnected(std::string_view, std::string_view, core::CloseReason,
                                std::string_view) {}

void Model::connection_refused(std::string_view client_id, std::string_view,
                               core::CloseReason reason, std::string_view) {
    // One may end before its CONNACK; whether the store had a reason, arrived() sees.
    if (reason != core::CloseReason::not_authorized) return;
    throw Broken(cat(client_id, " was refused: ", core::to_string(reason)));
}

void Model::takeovers_refused(std::string_view client_id, std::string_view, std::string_view) {
    throw Broken(cat(client_id, " is not to be taken over, and no limit says so"));
}

void Model::messages_dropped(std::string_view client_id, core::DropReason reason,
                             std::uint64_t count) {
    stage_.say(count, " messages for ", client_id, " dropped: ", core::to_string(reason));
}

void Model::connack(std::size_t client, std::uint64_t connection, bool session_present) {
    const SessionModel& session = sessions_[client];
    if (session.attached != connection) return;  // The broker sees another one already.
    if (session.present_expected != session_present) {
        throw Broken(cat("CONNACK of c", client, " says session present ", session_present));
    }
}

// --- Crashes -----------------------------------------------------------------------------------

void Model::crashed(Time last_fault_ends) {
    crashed_ = true;
    last_crash_ = stage_.time();
    retained_.crashed();
    for (std::size_t client = 0; client < sessions_.size(); ++client)
        compare_with_disk(client, last_fault_ends);
    // A DISCONNECT is not acknowledged, so it may be forgotten and its will published.
    for (Message* will : discarded_wills_)
        will->sent = stage_.time();
    discarded_wills_.clear();
    for (Message* will : unstored_wills_) {
        if (!is_stored(*will)) will->acked = kNever;
    }
    unstored_wills_.clear();
}

bool Model::is_stored(const Message& will) const {
    const auto is_it = [&](const core::MessagePtr& message) {
        const auto payload = message->payload();
        return number_of({reinterpret_cast<const char*>(payload.data()), payload.size()}) ==
               will.number;
    };
    return std::any_of(disk_->wills.begin(), disk_->wills.end(),
                       [&](const auto& one) { return is_it(one.second.will.message); }) ||
           std::any_of(disk_->arriving.begin(), disk_->arriving.end(),
                       [&](const auto& one) { return is_it(one.second.publication.message); });
}

// What was acknowledged is on the disk; of what was not, the disk tells.
void Model::compare_with_disk(std::size_t client, Time last_fault_ends) {
    SessionModel& session = sessions_[client];
    const auto stored =
        std::find_if(disk_->sessions.begin(), disk_->sessions.end(),
                     [&](const auto& one) { return one.second.client_id == client_id(client); });
    const bool any = stored != disk_->sessions.end();
    if (session.exists) {
        if (any && stored->first > session.number_before) {
            session.absent_earliest = std::min(session.absent_earliest, session.absent_for_certain);
            if (session.attached != 0 || stored->second.absence) return;
            if (std::max(session.absent_since, last_fault_ends) + kCommitMax < stage_.time()) {
                throw Broken(cat("when c", client, " left is not stored"));
            }
            session.absent_since = stage_.time();
            return;
        }
        for (const std::uint64_t connection : session.connections) {
            if (!accepted_.contains(connection)) continue;
            throw Broken(cat("a crash lost the session of c", client));
        }
        end_session(session);
    }
    if (any) bring_back(session, stored->first);
}

void Model::bring_back(SessionModel& session, core::Incarnation incarnation) {
    const auto former =
        std::find_if(session.former.rbegin(), session.former.rend(),
                     [&](const FormerSession& one) { return one.number_before < incarnation; });
    if (former == session.former.rend()) throw Broken("a session is stored that never was");
    session.exists = true;
    session.clean = false;
    session.began = former->began;
    session.number_before = former->number_before;
    session.connections = former->connections;
    const bool left = disk_->sessions.at(incarnation).absence.has_value();
    session.absent_since = left ? former->ended : stage_.time();
    session.absent_earliest = Time{0};
    session.subscriptions.session_came_back(former->ended, stage_.time(), former->connections);
}

void Model::restarted() {
    for (SessionModel& session : sessions_)
        session.expires_after = stage_.time() + kGrace;
    // Wills that were due may have been routed only now.
    for (Message& message : messages_) {
        if (!message.will || message.checked || message.acked == kNever) continue;
        message.acked = stage_.time();
    }
}

// --- Deliveries --------------------------------------------------------------------------------

void Model::delivered(std::size_t client, const test::Packet& packet, bool resumed) {
    if (packet.payload.empty()) return;  // Which one it was cannot be told.
    const auto number = number_of(packet.payload);
    if (!number || *number >= messages_.size()) {
        throw Broken(cat("c", client, " got a payload that nobody sent: ", packet.payload));
    }
    Message& message = messages_[*number];
    if (message.topic != packet.topic) {
        throw Broken(cat("c", client, " got m", *number, " under topic ", packet.topic));
    }
    if (message.nowhere) throw Broken(cat("c", client, " got m", *number, ", sent nowhere"));
    if (message.sent == kNever) {
        throw Broken(cat("c", client, " got will m", *number, ", which is not due"));
    }
    if (packet.qos > message.qos) {
        throw Broken(cat("c", client, " got m", *number, " at a higher QoS than it was sent"));
    }
    Copies& copies = message.copies[client];
    if (packet.retain) {
        if (!packet.dup) ++copies.retained;
        retained_.check_delivered(client, message, subscriptions(client));
        return;
    }
    check_live(client, message, packet, resumed);
}

void Model::check_live(std::size_t client, Message& message, const test::Packet& packet,
                       bool resumed) {
    const Subscriptions& subscriptions = sessions_[client].subscriptions;
    const std::string what = cat("c", client, " got m", message.number);
    // Who joins a group later may still be handed what waits in it.
    const auto groups = subscriptions.groups(message.topic, message.sent, kNever);
    const auto ordinary = subscriptions.match(message.topic, "", message.sent, message.acked);
    const bool may_be_ordinary =
        subscriptions.may_match(message.topic, "", message.sent, message.acked);
    if (!may_be_ordinary && groups.empty()) throw Broken(what + " without a subscription");
    Qos highest = ordinary.highest;
    for (const std::string& group : groups) {
        highest = std::max(highest,
                           subscriptions.match(message.topic, group, message.sent, kNever).highest);
    }
    if (packet.qos > highest) throw Broken(what + " at a higher QoS than was granted");
    if (groups.empty() && ordinary.certain && packet.qos < std::min(message.qos, ordinary.lowest)) {
        throw Broken(what + " at a lower QoS than the highest of its filters");
    }

    Copies& copies = message.copies[client];
    if (packet.dup && !resumed && plan_.settings.session.retry_interval.count() == 0) {
        throw Broken(what + " with DUP in a session that is new");
    }
    if (groups.empty() && copies.live() == 0) check_order(client, message, packet);
    // At QoS 2 the client knows by the packet id what it has already, and has left that out.
    if (packet.dup && packet.qos != Qos::exactly_once) {
        ++copies.again;
        return;
    }
    ++copies.fresh[static_cast<std::size_t>(packet.qos)];
    const unsigned ordinary_ones = may_be_ordinary ? message.routings() : 0;
    if (groups.empty() && copies.fresh_ones() > ordinary_ones) throw Broken(what + " twice");
    // At QoS 1 a group may hand over what one of its members has already got.
    const auto limit = ordinary_ones + static_cast<unsigned>(groups.size()) * message.routings();
    if (packet.qos != Qos::at_least_once &&
        copies.fresh[static_cast<std::size_t>(packet.qos)] > limit) {
        throw Broken(what + " too often");
    }
}

void Model::check_order(std::size_t client, const Message& message, const test::Packet& packet) {
    if (message.will || message.sends > 1) return;
    const Message*& last = sessions_[client].last[{message.publisher, message.topic, packet.qos}];
    if (last != nullptr && message.number < last->number) {
        // Of two connections the newer may be faster.
        if (message.connection != last->connection && message.acked > last->sent) return;
        // What a limit has dropped is back where a crash came before that was stored.
        if (packet.dup && crashed_ && plan_.bounded()) return;
        throw Broken(cat("c", client, " got m", message.number, " after m", last->number,
                         " of the same publisher, topic and QoS"));
    }
    last = &message;
}

// --- At rest -----------------------------------------------------------------------------------

void Model::check_rest(const Broker& broker) {
    Missing missing;
    for (Message& message : messages_) {
        if (message.checked || message.sent == kNever) continue;
        message.checked = true;
        // A will is stored once its row is committed; one that may be forgotten, perhaps never.
        if (message.will && message.acked != kNever) message.stored = stage_.time();
        if (message.must_arrive) message.acked = std::min(message.acked, stage_.time());
        const bool promised =
            message.acked != kNever && (message.qos != Qos::at_most_once || message.must_arrive);
        if (!promised || message.nowhere || message.clears) continue;
        find_missing(message, missing);
        find_missing_in_groups(message, missing);
    }

    const std::uint64_t queue_full = broker.drops(core::DropReason::queue_full);
    const std::uint64_t self_full = broker.drops(core::DropReason::self_full);
    const std::uint64_t group_losses = broker.drops(core::DropReason::no_member) +
                                       broker.drops(core::DropReason::unfinished_qos2) +
                                       broker.drops(core::DropReason::session_ended);
    if (!plan_.bounded() && queue_full + self_full != 0) {
        throw Broken("messages were dropped for a limit that is not set");
    }
    if (broker.drops(core::DropReason::damaged) != 0) {
        throw Broken("a queued message was looked for in the store and not found");
    }
    const bool holds = plan_.settings.session.overflow == core::Overflow::hold;
    std::uint64_t overflowed = holds ? 0 : queue_full - queue_full_;
    const auto excuse = [&missing](std::uint64_t& lost, std::uint64_t& counted) {
        const std::uint64_t excused = std::min(lost, counted);
        lost -= excused;
        counted -= excused;
        if (lost != 0) throw Broken(missing.example);
    };
    std::uint64_t own = self_full - self_full_ + overflowed;
    excuse(missing.own, own);
    excuse(missing.ordinary, overflowed);
    std::uint64_t group =
        group_losses - group_losses_ + (queue_full - queue_full_) + (self_full - self_full_);
    excuse(missing.group, group);
    queue_full_ = queue_full;
    self_full_ = self_full;
    group_losses_ = group_losses;

    for (std::size_t client = 0; client < sessions_.size(); ++client) {
        retained_.check_owed(client, sessions_[client].subscriptions, sessions_[client].attached);
    }
    retained_.rest();
    discarded_wills_.clear();
    unstored_wills_.clear();
    for (SessionModel& session : sessions_)
        session.former.clear();
    for (Message& message : messages_) {
        if (message.sent != kNever) message.over = std::min(message.over, stage_.time());
        for (auto& [client, copies] : message.copies)
            copies.retained = 0;
    }
}

void Model::find_missing(const Message& message, Missing& missing) const {
    for (std::size_t client = 0; client < sessions_.size(); ++client) {
        const SessionModel& session = sessions_[client];
        if (!session.exists || session.began > message.sent) continue;
        const auto match =
            session.subscriptions.match(message.topic, "", message.sent, message.acked);
        if (!match.certain) continue;
        const Qos qos = std::min(message.qos, match.lowest);
        if (qos == Qos::at_most_once && !message.must_arrive) continue;
        const auto copies = message.copies.find(client);
        if (copies != message.copies.end() && copies->second.live() != 0) continue;
        ++(client == message.publisher ? missing.own : missing.ordinary);
        missing.example = cat("acknowledged m", message.number, " never reached c", client);
    }
}

void Model::find_missing_in_groups(const Message& message, Missing& missing) const {
    std::map<std::string, bool> groups;  // by key: whether it owes a copy
    unsigned copies = 0;
    unsigned copies_qos2 = 0;
    for (std::size_t client = 0; client < sessions_.size(); ++client) {
        const Subscriptions& subscriptions = sessions_[client].subscriptions;
        // Whether a copy came by a group is plain only where nobody else could get one.
        if (subscriptions.may_match(message.topic, "", message.sent, message.acked)) return;
        if (const auto got = message.copies.find(client); got != message.copies.end()) {
            copies += got->second.live();
            copies_qos2 += got->second.fresh[2];
        }
        for (const std::string& key : subscriptions.groups(message.topic, message.sent, kNever)) {
            bool& owes = groups.try_emplace(key, false).first->second;
            const auto match = subscriptions.match(message.topic, key, message.sent, message.acked);
            owes = owes || match.certain;
        }
    }
    // A member at QoS 0 may be chosen, and lose it; so may, in a crash, one with a clean session.
    const bool met_a_crash = crashed_ && message.sent <= last_crash_;
    for (auto& [key, owes] : groups) {
        for (const SessionModel& session : sessions_) {
            for (const SubscribeEntry& entry : session.subscriptions.entries()) {
                const bool may_lose =
                    entry.granted == Qos::at_most_once || (met_a_crash && entry.clean);
                if (may_lose && entry.filter.key() == key) owes = false;
            }
        }
    }
    const auto owed = static_cast<unsigned>(
        std::count_if(groups.begin(), groups.end(), [](const auto& one) { return one.second; }));
    if (copies_qos2 > groups.size() * message.routings()) {
        throw Broken(cat("m", message.number, " reached more than one member at QoS 2"));
    }
    if (copies >= owed) return;
    missing.group += owed - copies;
    missing.example = cat("acknowledged m", message.number, " reached no member of a group");
}

}  // namespace godwit::simulation
