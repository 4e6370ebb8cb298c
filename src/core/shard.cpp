#include "godwit/core/shard.hpp"

#include <utility>

#include "clients.hpp"
#include "commits.hpp"
#include "context.hpp"
#include "deadlines.hpp"
#include "godwit/core/hash.hpp"
#include "groups.hpp"
#include "inbound.hpp"
#include "inspector.hpp"
#include "outbound.hpp"
#include "outgoing_mail.hpp"
#include "placements.hpp"
#include "publications.hpp"
#include "publish_limits.hpp"
#include "subscriptions.hpp"

namespace godwit::core {

ShardIndex home_shard(std::string_view client_id, const Commons& commons) {
    return static_cast<ShardIndex>(hash_bytes(client_id, commons.hash_key) % commons.shards);
}

// The flows of one shard, wired to each other.
class Shard::Impl {
public:
    Impl(ShardIndex index, const Commons& commons, Store& store, Mailer& mailer, Random& random)
        : context(index, commons, store, random),
          mail(mailer, commons.shards),
          commits(context),
          groups(context),
          outbound(context, commits, placements, publications),
          publications(context, outbound, placements, mail, groups, commits, deadlines),
          subscriptions(context, commits, outbound, publications, mail, groups),
          limits(context, publications, deadlines),
          clients(context, commits, outbound, publications, subscriptions, limits, deadlines),
          inbound(context, clients, outbound, publications, subscriptions, limits),
          inspector(context, outbound) {}

    [[nodiscard]] Session* attached(const ConnectionHandle& connection) {
        Session* session = context.sessions.find(connection.session);
        const bool current = session != nullptr && session->attachment &&
                             session->attachment->number == connection.attachment;
        return current ? session : nullptr;
    }

    void on_item(ShardIndex from, const Delivery& item) { publications.on_delivery(from, item); }
    void on_item(ShardIndex, const Answer& item) { publications.on_answer(item); }
    void on_item(ShardIndex, const HeldNotice& item) { publications.on_held(item.publication); }
    void on_item(ShardIndex, const Cancel& item) { publications.on_cancel(item.publication); }
    void on_item(ShardIndex, const RetainedWrite& item) { publications.on_retained_write(item); }
    void on_item(ShardIndex, const GroupWake& item) {
        Session* session = context.sessions.find(item.member);
        if (session != nullptr) subscriptions.wake(*session, item.group);
    }

    void expire_retained() {
        if (context.index != 0) return;  // One shard does it for all.
        publications.expire_retained(kExpireSlice);
    }

    void resume_publishers() {
        // What they have parked counts as read now that it is taken.
        const DeliveryTimes::Source source(context.delivery_times, context.now.steady);
        for (const SessionHandle& handle : publications.take_resumable()) {
            if (Session* session = context.sessions.find(handle)) inbound.resume(*session);
        }
    }

    static constexpr std::size_t kExpireSlice = 256;  // retained messages
    static constexpr std::chrono::seconds kExpireRetainedEvery{1};

    ShardContext context;
    OutgoingMail mail;
    Commits commits;
    Placements placements;
    Deadlines deadlines;
    Groups groups;
    Outbound outbound;
    Publications publications;
    Subscriptions subscriptions;
    PublishLimits limits;
    Clients clients;
    Inbound inbound;
    Inspector inspector;
    SteadyTime next_retained_expiry{};
    bool work_left = false;  // for the next turn, which should come at once
};

Shard::Shard(ShardIndex index, const Commons& commons, Store& store, Mailer& mailer, Random& random)
    : impl_(std::make_unique<Impl>(index, commons, store, mailer, random)) {}

Shard::~Shard() = default;

ShardIndex Shard::index() const {
    return impl_->context.index;
}

SessionRecord Shard::restore(StoredSession stored, bool keeps_place, Now now) {
    impl_->context.now = now;
    return impl_->clients.restore(std::move(stored), keeps_place);
}

void Shard::end_restore() {
    impl_->context.sessions.end_restore();
}

void Shard::rewrite(const SessionRecord& record) {
    impl_->context.store.put_session(record);
}

void Shard::place_again(LogRow row, LoggedPublication due, Now now) {
    impl_->context.now = now;
    impl_->publications.place_again(row, std::move(due));
}

void Shard::publish_left_will(Incarnation incarnation, const WillRecord& record, Now now) {
    impl_->context.now = now;
    impl_->clients.publish_left_will(incarnation, record);
}

std::variant<Arrival, Refusal> Shard::admit(const mqtt::Connect& connect, Identity identity,
                                            Origin origin) {
    return impl_->clients.admit(connect, std::move(identity), std::move(origin));
}

std::optional<Refusal> Shard::refuses_newcomers() const {
    if (!impl_->context.memory_high) return std::nullopt;
    return Refusal{mqtt::ConnackCode::server_unavailable, CloseReason::memory_limit,
                   "more memory in use than limits.memory_high_water"};
}

ConnectionHandle Shard::on_connect(Arrival arrival, Link& link, Now now) {
    impl_->context.now = now;
    return impl_->clients.connect(std::move(arrival), link);
}

Intake Shard::on_bytes(const ConnectionHandle& connection, mqtt::Bytes bytes, Now now) {
    impl_->context.now = now;
    const DeliveryTimes::Source source(impl_->context.delivery_times, now.steady);
    return impl_->inbound.on_bytes(connection, bytes);
}

void Shard::on_end(const ConnectionHandle& connection, Now now) {
    impl_->context.now = now;
    if (Session* session = impl_->attached(connection)) impl_->inbound.on_end(*session);
}

void Shard::on_disconnect(const ConnectionHandle& connection, CloseReason reason,
                          std::string_view detail, Now now) {
    impl_->context.now = now;
    if (Session* session = impl_->attached(connection)) {
        impl_->clients.detach(*session, reason, detail);
    }
}

void Shard::on_drained(const ConnectionHandle& connection, Now now) {
    impl_->context.now = now;
    if (Session* session = impl_->attached(connection)) {
        impl_->outbound.pump(*session);
        impl_->subscriptions.resume_replays(*session);
    }
}

void Shard::on_mail(ShardIndex from, Mail mail, Now now) {
    impl_->context.now = now;
    for (const MailItem& item : mail) {
        std::visit([&](const auto& one) { impl_->on_item(from, one); }, item);
    }
}

void Shard::on_credit(Now now) {
    impl_->context.now = now;
    impl_->publications.on_credit();
}

void Shard::on_commit(CommitId commit, Now now) {
    impl_->context.now = now;
    impl_->commits.on_commit(commit);
}

void Shard::on_queue_read(QueueRead read, Now now) {
    impl_->context.now = now;
    impl_->outbound.on_queue_read(std::move(read));
}

void Shard::on_store_state(bool failing, Now now) {
    impl_->context.now = now;
    impl_->context.failing = failing;
    if (!failing) impl_->publications.on_store_works();
}

void Shard::on_memory(bool high, Now now) {
    impl_->context.now = now;
    impl_->limits.on_memory(high);
}

void Shard::enforce(const Settings& settings, AccessPolicy& access,
                    const Authenticator& authenticator, Now now) {
    impl_->context.now = now;
    impl_->context.enforce(settings, access);
    impl_->clients.enforce(authenticator);
}

const Settings& Shard::settings() const {
    return impl_->context.settings();
}

Slice<SessionView, SessionPlace> Shard::sessions(const SessionQuery& query, SessionPlace from,
                                                 std::size_t limit, Now now) {
    impl_->context.now = now;
    return impl_->inspector.sessions(query, from, limit);
}

std::optional<SessionDetail> Shard::session(std::string_view client_id, Now now) {
    impl_->context.now = now;
    return impl_->inspector.session(client_id);
}

Slice<SubscriptionView, SubscriptionPlace> Shard::subscriptions(const SubscriptionQuery& query,
                                                                const SubscriptionPlace& from,
                                                                std::size_t limit) {
    return impl_->inspector.subscriptions(query, from, limit);
}

Slice<GroupView, SubscriptionPlace> Shard::memberships(const SubscriptionPlace& from,
                                                       std::size_t limit) {
    return impl_->inspector.memberships(from, limit);
}

std::optional<Explanation> Shard::explain(std::string_view client_id, std::string_view topic,
                                          Now now) {
    impl_->context.now = now;
    return impl_->inspector.explain(client_id, topic);
}

std::optional<Slice<RetainedView, RetainedPlace>> Shard::retained(
    std::string_view filter, const std::optional<RetainedPlace>& from, std::size_t limit,
    std::size_t payload_max, Now now) {
    impl_->context.now = now;
    return impl_->inspector.retained(filter, from, limit, payload_max);
}

std::optional<RetainedView> Shard::retained_value(std::string_view topic, Now now) {
    impl_->context.now = now;
    return impl_->inspector.retained_value(topic);
}

bool Shard::kick(std::string_view client_id, bool with_session, Now now) {
    impl_->context.now = now;
    return impl_->clients.kick(client_id, with_session);
}

bool Shard::clear_retained(std::string_view topic, Now now) {
    impl_->context.now = now;
    return impl_->publications.clear_retained(topic);
}

std::size_t Shard::publish(std::string_view topic, mqtt::Bytes payload, mqtt::Qos qos, bool retain,
                           Now now) {
    impl_->context.now = now;
    return impl_->publications.publish_unasked(topic, payload, qos, retain);
}

void Shard::close(const ConnectionHandle& connection, CloseReason reason, std::string_view detail,
                  Now now) {
    impl_->context.now = now;
    if (Session* session = impl_->attached(connection)) {
        impl_->clients.close(*session, reason, detail);
    }
}

void Shard::end_turn(Now now) {
    impl_->context.now = now;
    impl_->resume_publishers();
    impl_->subscriptions.continue_replays();
    impl_->outbound.end_turn();
    impl_->mail.end_turn();
    impl_->work_left =
        impl_->publications.has_resumable() || impl_->subscriptions.replays_pending();
}

void Shard::tick(Now now) {
    impl_->context.now = now;
    while (const auto deadline = impl_->deadlines.take_due(now.steady)) {
        impl_->clients.on_deadline(*deadline);
    }
    if (now.steady >= impl_->next_retained_expiry) {
        impl_->expire_retained();
        impl_->next_retained_expiry = now.steady + Impl::kExpireRetainedEvery;
    }
}

std::optional<SteadyTime> Shard::next_deadline() const {
    if (impl_->work_left) return impl_->context.now.steady;
    std::optional<SteadyTime> next = impl_->deadlines.next();
    const auto sooner = [&](std::optional<SteadyTime> time) {
        if (time && (!next || *time < *next)) next = time;
    };
    sooner(impl_->commits.deadline());
    if (impl_->context.index == 0 && impl_->context.commons.retained.next_expiry()) {
        sooner(impl_->next_retained_expiry);
    }
    return next;
}

void Shard::stop(Now now) {
    impl_->context.now = now;
    impl_->clients.stop();
}

void Shard::close_all(Now now) {
    impl_->context.now = now;
    impl_->clients.close_all();
}

bool Shard::settled() const {
    return impl_->publications.idle() && impl_->commits.idle();
}

bool Shard::committed() const {
    return impl_->commits.idle();
}

bool Shard::has_deliveries() const {
    return !impl_->context.delivery_times.empty();
}

void Shard::on_written(SteadyTime at) {
    impl_->context.delivery_times.written(at, impl_->context.counters.publish_latency);
}

const Counters& Shard::counters() const {
    return impl_->context.counters;
}

ChunkPool& Shard::chunks() {
    return impl_->context.chunks;
}

}  // namespace godwit::core
