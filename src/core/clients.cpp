#include "clients.hpp"

#include <algorithm>
#include <utility>

#include "godwit/core/hash.hpp"
#include "godwit/core/subscription.hpp"
#include "godwit/mqtt/decoder.hpp"
#include "godwit/mqtt/encoder.hpp"
#include "godwit/mqtt/topic.hpp"

namespace godwit::core {

using mqtt::ConnackCode;

namespace {

constexpr Duration kGrace{10'000};  // for absent sessions, after a restart

Owner owner_of(const Arrival& arrival) {
    return {arrival.identity.user_name, arrival.origin.mount_point};
}

bool owns(const Session& session, const Arrival& arrival) {
    return owner_of(arrival) == (session.owner ? *session.owner : Owner{});
}

Author author_of(const Session& session, std::string_view address) {
    return {session.client_id, std::string(session.user_name()), std::string(session.mount_point()),
            std::string(address), session.superuser};
}

SessionRecord record_of(const Session& session) {
    SessionRecord record{session.incarnation, session.handle, session.client_id};
    record.superuser = session.superuser;
    if (session.owner) {
        record.user_name = session.owner->user_name;
        record.mount_point = session.owner->mount_point;
    }
    return record;
}

// A paused client's DISCONNECT waits among its other packets.
bool has_disconnect(mqtt::Bytes parked) {
    while (!parked.empty()) {
        const auto frame = mqtt::next_frame(parked, 0);
        if (frame.value()->type() == mqtt::PacketType::disconnect) return true;
        parked = parked.subspan(frame.value()->size);
    }
    return false;
}

}  // namespace

// --- After a restart ---------------------------------------------------------------------------

SessionRecord Clients::restore(StoredSession stored, bool keeps_place) {
    SessionRecord& record = stored.record;
    Session& session = keeps_place ? context_.sessions.restore(record.client_id, record.handle)
                                   : context_.sessions.create(record.client_id);
    session.clean = false;
    session.incarnation = record.incarnation;
    Owner owner{record.user_name, record.mount_point};
    if (owner != Owner{}) session.owner = std::make_unique<Owner>(std::move(owner));
    session.superuser = record.superuser;
    session.holder = context_.rights.next_holder();
    for (const SubscriptionRecord& subscription : stored.subscriptions)
        subscriptions_.restore(session, subscription);
    for (const ReplayRecord& replay : stored.replays)
        subscriptions_.restore(session, replay);
    const bool was_connected = !record.absence;
    // A client that was there when the process ended leaves now.
    if (was_connected) record.absence = {context_.now.wall, context_.store.next_number()};
    outbound_.restore(session, std::move(stored.queue), record.absence->after);
    for (const mqtt::PacketId packet_id : stored.incoming)
        session.incoming.push_back({.packet_id = packet_id, .pending = false});
    context_.counters.sessions_persistent.add();

    record.handle = session.handle;
    const Duration expiry = context_.settings().session.expiry;
    if (expiry.count() != 0) {
        const auto absent =
            std::chrono::duration_cast<Duration>(context_.now.wall - record.absence->since);
        // Who waited for the broker gets the time to come back, whatever the clock says.
        set_deadline(session, Deadline::Kind::expire_session,
                     std::clamp(expiry - absent, std::min(kGrace, expiry), expiry));
    }
    if (was_connected && keeps_place) context_.store.put_session(record);
    return record;
}

void Clients::publish_left_will(Incarnation incarnation, const WillRecord& record) {
    context_.store.delete_will(incarnation);
    publications_.publish_will(record.author, record.will);
}

// --- At the door -------------------------------------------------------------------------------

std::variant<Arrival, Refusal> Clients::admit(const mqtt::Connect& connect, Identity identity,
                                              Origin origin) {
    const MqttSettings& settings = context_.settings().mqtt;
    Arrival arrival{.level = connect.level, .clean_session = connect.clean_session};
    if (connect.client_id.size() > settings.max_client_id_length) {
        return Refusal{ConnackCode::identifier_rejected, CloseReason::client_id_rejected,
                       "client id longer than mqtt.max_client_id_length"};
    }
    if (!connect.client_id.empty()) {
        arrival.client_id = connect.client_id;
    } else if (!connect.clean_session || connect.level == mqtt::ProtocolLevel::mqtt31) {
        // [MQTT-3.1.3-8]; MQTT 3.1 asks for an id of at least one character.
        return Refusal{ConnackCode::identifier_rejected, CloseReason::client_id_rejected,
                       "no client id"};
    } else {
        arrival.client_id = make_client_id();  // [MQTT-3.1.3-6]
        arrival.client_id_assigned = true;
    }
    if (connect.will) {
        if (connect.will->qos > settings.max_qos) {
            return Refusal{std::nullopt, CloseReason::qos_not_supported, "will above mqtt.max_qos"};
        }
        if (!mqtt::is_topic_name(connect.will->topic)) {
            return Refusal{std::nullopt, CloseReason::malformed_packet, "invalid will topic"};
        }
        const PublishTarget target = parse_publish_topic(connect.will->topic);
        const std::string topic = origin.mount_point + std::string(target.topic);
        if (topic.size() > settings.max_topic_length ||
            mqtt::level_count(topic) > settings.max_topic_levels) {
            return Refusal{std::nullopt, CloseReason::topic_too_long, "will topic too long"};
        }
        arrival.will = OwnedWill{Message::make(topic, connect.will->payload), target.kind,
                                 connect.will->qos, connect.will->retain};
    }
    arrival.identity = std::move(identity);
    arrival.keep_alive = connect.keep_alive;
    if (settings.max_keep_alive != 0 &&
        (arrival.keep_alive == 0 || arrival.keep_alive > settings.max_keep_alive)) {
        arrival.keep_alive = settings.max_keep_alive;
    }
    arrival.origin = std::move(origin);
    return arrival;
}

// One that hashes to this shard, so that the connection need not travel.
std::string Clients::make_client_id() {
    static constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuv";
    for (;;) {
        std::string id = "auto-";
        std::uint64_t bits = context_.random.next();
        for (int i = 0; i < 12; ++i, bits >>= 5)
            id += kDigits[bits & 31];
        if (home_shard(id, context_.commons) == context_.index &&
            context_.sessions.find(id) == nullptr) {
            return id;
        }
    }
}

// --- Coming ------------------------------------------------------------------------------------

ConnectionHandle Clients::connect(Arrival arrival, Link& link) {
    Session* held = context_.sessions.find(arrival.client_id);
    // A client id belongs to its user, connected or not.
    if (held != nullptr && !owns(*held, arrival)) {
        refuse(arrival, link, ConnackCode::not_authorized, CloseReason::not_authorized,
               "the client id belongs to another user");
        return {};
    }
    if (refused_by_store(arrival, link, held)) return {};
    std::unique_ptr<Takeovers> takeovers;
    if (held != nullptr && held->attachment) {
        if (refused_by_takeovers(arrival, link, *held)) return {};
        takeovers = std::move(held->takeovers);  // A clean session ends with its connection.
        close(*held, CloseReason::taken_over, "the client id connected again");  // [MQTT-3.1.4-2]
    }
    bool present = false;
    Session& session = open_session(arrival, present);
    if (takeovers) session.takeovers = std::move(takeovers);
    attach(session, arrival, link);
    const ConnectionHandle connection{session.handle, session.attachment->number};
    if (!waits_for_store(session)) {
        accept(session, arrival, present);
        return connection;
    }
    commits_.after([this, connection, arrival = std::move(arrival), present] {
        Session* found = context_.sessions.find(connection.session);
        if (found == nullptr || !found->attachment ||
            found->attachment->number != connection.attachment) {
            return;
        }
        accept(*found, arrival, present);
    });
    return connection;
}

// While nothing can be written, no session can be kept or wiped.
bool Clients::refused_by_store(const Arrival& arrival, Link& link, const Session* session) {
    const bool writes = !arrival.clean_session || (session != nullptr && !session->clean);
    if (!context_.failing || !writes) return false;
    refuse(arrival, link, ConnackCode::server_unavailable, CloseReason::server_unavailable,
           "the store cannot write");
    return true;
}

// Two devices with one client id would throw each other out for ever.
bool Clients::refused_by_takeovers(const Arrival& arrival, Link& link, Session& holder) {
    const std::size_t rate = context_.settings().limits.takeover_rate;
    if (rate == 0) {
        holder.takeovers.reset();
        return false;
    }
    if (!holder.takeovers) holder.takeovers = std::make_unique<Takeovers>();
    const Takeovers::Verdict verdict = holder.takeovers->ask(rate, context_.now.steady);
    if (verdict == Takeovers::Verdict::granted) return false;
    if (verdict == Takeovers::Verdict::refused_first) {
        context_.commons.events.takeovers_refused(arrival.client_id, holder.attachment->address,
                                                  arrival.origin.address);
    }
    refuse(arrival, link, ConnackCode::server_unavailable, CloseReason::takeover_limit,
           "more takeovers of the client id than limits.takeover_rate");
    return true;
}

// CONNACK waits for the session and for its will, and for the wipe of one that was there.
bool Clients::waits_for_store(const Session& session) const {
    if (!context_.durable) return false;
    if (!session.clean || wiping_.contains(session.client_id)) return true;
    return session.attachment->will != nullptr && !context_.failing;
}

Session& Clients::open_session(const Arrival& arrival, bool& present) {
    Session* session = context_.sessions.find(arrival.client_id);
    if (session != nullptr && (arrival.clean_session || session->clean)) {
        end_session(*session, DropReason::session_ended);  // [MQTT-3.1.2-6]
        session = nullptr;
    }
    present = session != nullptr;
    if (present) {
        session->superuser = arrival.identity.superuser;
        clear_deadline(*session);
        if (context_.durable) context_.store.put_session(record_of(*session));
        return *session;
    }
    session = &context_.sessions.create(arrival.client_id);
    session->clean = arrival.clean_session;
    session->superuser = arrival.identity.superuser;
    Owner owner = owner_of(arrival);
    if (owner != Owner{}) session->owner = std::make_unique<Owner>(std::move(owner));
    if (context_.durable) session->incarnation = context_.store.next_number();
    if (context_.keeps(*session)) {
        context_.store.put_session(record_of(*session));
    }
    if (!session->clean) context_.counters.sessions_persistent.add();
    return *session;
}

void Clients::attach(Session& session, Arrival& arrival, Link& link) {
    session.attachment = std::make_unique<Attachment>();
    Attachment& attachment = *session.attachment;
    attachment.link = &link;
    attachment.number = ++session.attachments;
    attachment.level = arrival.level;
    attachment.keep_alive = arrival.keep_alive;
    attachment.connected_at = context_.now.wall;
    attachment.address = arrival.origin.address;
    attachment.identity = arrival.identity;
    session.last_address.reset();
    session.holder = context_.rights.next_holder();
    subscriptions_.check_again(session);
    if (!arrival.will) return;
    attachment.will = std::make_unique<OwnedWill>(std::move(*arrival.will));
    if (context_.durable) {
        context_.store.put_will(session.incarnation,
                                {*attachment.will, author_of(session, attachment.address)});
    }
    arrival.will.reset();
}

void Clients::accept(Session& session, const Arrival& arrival, bool present) {
    Attachment& attachment = *session.attachment;
    // MQTT 3.1 has no session-present flag.
    const bool flagged = present && attachment.level != mqtt::ProtocolLevel::mqtt31;
    send_connack(*attachment.link, {flagged, ConnackCode::accepted});  // [MQTT-3.2.2-1..3]
    attachment.accepted = true;
    context_.counters.connects_accepted.add();
    context_.counters.sessions_connected.add();
    if (!session.clean) context_.counters.persistent_connected.add();
    context_.commons.events.client_connected(arrival, present);
    outbound_.resend(session, true);  // or there would be no CONNACK yet
    subscriptions_.client_came(session);
    outbound_.pump(session);
    subscriptions_.resume_replays(session);
    const Duration retry = context_.settings().session.retry_interval;
    if (retry.count() != 0) set_deadline(session, Deadline::Kind::retry, retry);
    if (std::exchange(attachment.intake_waits, false)) attachment.link->resume();
}

void Clients::refuse(const Arrival& arrival, Link& link, ConnackCode code, CloseReason reason,
                     std::string_view detail) {
    send_connack(link, {false, code});
    context_.counters.refused[static_cast<std::size_t>(reason)].add();
    context_.commons.events.connection_refused(arrival.client_id, arrival.origin.address, reason,
                                               detail);
    link.close(reason);
}

void Clients::send_connack(Link& link, mqtt::Connack connack) {
    link.outbox().append(mqtt::encode_connack(connack));
    link.flush_soon();
    context_.count_sent(mqtt::PacketType::connack);
}

// --- Going -------------------------------------------------------------------------------------

void Clients::close(Session& session, CloseReason reason, std::string_view detail) {
    Link& link = *session.attachment->link;
    detach(session, reason, detail);
    link.close(reason);
}

void Clients::detach(Session& session, CloseReason reason, std::string_view detail) {
    publications_.abandon(session);
    limits_.abandon(session);
    const std::unique_ptr<Attachment> attachment = std::move(session.attachment);
    // By which rules judge it while it is away.
    if (context_.rights.restricts()) {
        session.last_address = std::make_unique<std::string>(attachment->address);
    }
    if (attachment->accepted) {
        context_.counters.closed[static_cast<std::size_t>(reason)].add();
        context_.counters.sessions_connected.subtract();
        if (!session.clean) context_.counters.persistent_connected.subtract();
        context_.commons.events.client_disconnected(session.client_id, attachment->address, reason,
                                                    detail);
    } else {
        context_.counters.refused[static_cast<std::size_t>(reason)].add();
        context_.commons.events.connection_refused(session.client_id, attachment->address, reason,
                                                   detail);
    }
    end_will(session, *attachment, reason);
    if (session.clean) {
        end_session(session, std::nullopt);
        return;
    }
    clear_deadline(session);
    if (context_.durable) {
        SessionRecord record = record_of(session);
        record.absence = {context_.now.wall, context_.store.next_number()};
        context_.store.put_session(record);
    }
    // A takeover is no leaving, unless the newcomer wipes the session.
    if (reason != CloseReason::taken_over) subscriptions_.client_left(session, false);
    const Duration expiry = context_.settings().session.expiry;
    if (expiry.count() != 0) set_deadline(session, Deadline::Kind::expire_session, expiry);
}

// Published at every end but a DISCONNECT [MQTT-3.1.2-8] [MQTT-3.1.2-10] [MQTT-3.14.4-3].
void Clients::end_will(const Session& session, Attachment& attachment, CloseReason reason) {
    const std::unique_ptr<OwnedWill> will = std::move(attachment.will);
    if (!will) return;
    context_.store.delete_will(session.incarnation);
    if (reason == CloseReason::disconnect || has_disconnect(attachment.parked)) return;
    publications_.publish_will(author_of(session, attachment.address), *will);
}

void Clients::end_session(Session& session, std::optional<DropReason> reason) {
    clear_deadline(session);
    // What waits here for a shared group goes to another member; the rest is lost.
    subscriptions_.client_left(session, true);
    subscriptions_.forget(session);
    outbound_.discard(session, reason);
    if (context_.keeps(session)) {
        context_.store.wipe_session(session.incarnation);
        wiping_.insert(session.client_id);
        commits_.after([this, id = session.client_id] { wiping_.erase(wiping_.find(id)); });
    }
    if (!session.clean) context_.counters.sessions_persistent.subtract();
    const std::unique_ptr<Session> ended = context_.sessions.remove(session);
}

// --- Time --------------------------------------------------------------------------------------

void Clients::set_deadline(Session& session, Deadline::Kind kind, Duration after) {
    session.deadline = context_.now.steady + after;
    deadlines_.add({*session.deadline, kind, session.handle});
}

// An absent session waits for its expiry, a connected one for its next retry.
void Clients::clear_deadline(Session& session) {
    if (!session.deadline) return;
    for (const auto kind : {Deadline::Kind::expire_session, Deadline::Kind::retry}) {
        deadlines_.remove({*session.deadline, kind, session.handle});
    }
    session.deadline.reset();
}

void Clients::on_deadline(const Deadline& deadline) {
    Session* session = context_.sessions.find(deadline.session);
    if (session == nullptr) return;
    switch (deadline.kind) {
        case Deadline::Kind::expire_session:
            context_.counters.sessions_expired.add();
            context_.commons.events.session_expired(session->client_id);
            end_session(*session, DropReason::session_ended);
            break;
        case Deadline::Kind::retry:
            // A client that has not even read the last ones needs no more of them.
            if (session->attachment->link->outbox().empty()) outbound_.resend(*session, false);
            set_deadline(*session, Deadline::Kind::retry,
                         context_.settings().session.retry_interval);
            break;
        case Deadline::Kind::end_hold:
            close(*session, CloseReason::held, "a queue had no room for 60 s");
            break;
        case Deadline::Kind::end_rate_pause: limits_.on_deadline(*session); break;
    }
}

// --- Other rules and ends ----------------------------------------------------------------------

void Clients::enforce(const Authenticator& authenticator) {
    context_.sessions.for_each([&](Session& session) {
        if (!session.attachment || authenticator.vouches_for(session.attachment->identity)) return;
        close(session, CloseReason::reconfigured, "its user is no longer let in");
    });
    context_.sessions.for_each([&](Session& session) {
        if (subscriptions_.enforce(session) || !session.attachment) return;
        close(session, CloseReason::reconfigured, "the ACL no longer allows a subscription");
    });
}

bool Clients::kick(std::string_view client_id, bool with_session) {
    Session* session = context_.sessions.find(client_id);
    if (session == nullptr) return false;
    const SessionHandle handle = session->handle;
    if (session->attachment) close(*session, CloseReason::kicked, "by an administrator");
    session = context_.sessions.find(handle);  // A clean one has ended.
    if (session != nullptr && with_session) end_session(*session, DropReason::session_ended);
    return true;
}

void Clients::stop() {
    context_.sessions.for_each([this](Session& session) {
        if (!session.attachment) return;
        publications_.pause(session, Pause::stopping);
        end_will(session, *session.attachment, CloseReason::server_stopping);
    });
}

void Clients::close_all() {
    context_.sessions.for_each([this](Session& session) {
        if (session.attachment) close(session, CloseReason::server_stopping, "");
    });
}

}  // namespace godwit::core
