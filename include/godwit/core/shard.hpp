// One shard of the brain: the sessions whose client ids hash here, and all that happens to them.
// It touches no socket, file, thread, clock or random device; it is driven by the calls below, all
// on one thread, and answers through its ports. None of the ports calls back.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "godwit/core/arrival.hpp"
#include "godwit/core/authenticator.hpp"
#include "godwit/core/counters.hpp"
#include "godwit/core/events.hpp"
#include "godwit/core/handle.hpp"
#include "godwit/core/inspection.hpp"
#include "godwit/core/link.hpp"
#include "godwit/core/mail.hpp"
#include "godwit/core/ports.hpp"
#include "godwit/core/reclaim.hpp"
#include "godwit/core/retained.hpp"
#include "godwit/core/router.hpp"
#include "godwit/core/settings.hpp"
#include "godwit/core/store.hpp"
#include "godwit/core/stored_state.hpp"
#include "godwit/core/time.hpp"

namespace godwit::core {

// What all shards of a broker share. Outlives them.
struct Commons {
    std::size_t shards;
    std::uint64_t hash_key;    // the stored secret behind home_shard() and the group strategies
    const Settings& settings;  // in force until Shard::enforce()
    Router& router;
    RetainedTree& retained;
    Reclaimer& reclaimer;
    Events& events;
    AccessPolicy& access;  // likewise
};

[[nodiscard]] ShardIndex home_shard(std::string_view client_id, const Commons& commons);

// How far on_bytes() came.
struct Intake {
    std::size_t consumed = 0;  // the rest is wanted again, with what follows it
    bool paused = false;       // stop reading until Link::resume()
};

class Shard {
public:
    // The ports outlive the shard.
    Shard(ShardIndex index, const Commons& commons, Store& store, Mailer& mailer, Random& random);
    ~Shard();
    Shard(const Shard&) = delete;
    Shard& operator=(const Shard&) = delete;

    [[nodiscard]] ShardIndex index() const;

    // For Restart, before any other call.
    // A session comes back: see Clients::restore().
    SessionRecord restore(StoredSession stored, bool keeps_place, Now now);
    void end_restore();  // no more will keep their places
    // On one shard alone, for what belongs to none.
    void rewrite(const SessionRecord& record);
    void place_again(LogRow row, LoggedPublication due, Now now);
    void publish_left_will(Incarnation incarnation, const WillRecord& record, Now now);

    // Why nobody new is let in just now, whoever it is. To be asked before the authenticator.
    [[nodiscard]] std::optional<Refusal> refuses_newcomers() const;

    // Judges a CONNECT by what needs no session; a client without an id gets one whose home is this
    // shard. May be called on any shard; on_connect() belongs on home_shard(arrival.client_id).
    [[nodiscard]] std::variant<Arrival, Refusal> admit(const mqtt::Connect& connect,
                                                       Identity identity, Origin origin);

    // A connection arrives whose CONNECT was admitted. CONNACK comes through the link, possibly
    // later; a refusal ends in Link::close(). Until the connection ends by either side the link is
    // referred to. The result is void when the link was closed at once.
    [[nodiscard]] ConnectionHandle on_connect(Arrival arrival, Link& link, Now now);

    // Bytes from the client, beginning with a packet's first byte.
    Intake on_bytes(const ConnectionHandle& connection, mqtt::Bytes bytes, Now now);

    // The client has sent its last byte, all of which on_bytes() has consumed, but for a packet
    // that is not whole. The connection ends by Link::close() once what it sent before is handled.
    void on_end(const ConnectionHandle& connection, Now now);

    // The network lost or ended the connection; the link is not used any more. Bytes that
    // on_bytes() has not consumed are lost. `detail`: for the log; a literal.
    void on_disconnect(const ConnectionHandle& connection, CloseReason reason,
                       std::string_view detail, Now now);

    // The outbox that notify_drained() was asked for has been written out.
    void on_drained(const ConnectionHandle& connection, Now now);

    void on_mail(ShardIndex from, Mail mail, Now now);
    void on_credit(Now now);  // some inbox has room again
    void on_commit(CommitId commit, Now now);
    void on_queue_read(QueueRead read, Now now);
    // The store cannot write, so that commits wait; or it can again.
    void on_store_state(bool failing, Now now);
    // The process has more memory in use than limits.memory_high_water; or has enough again.
    // Meanwhile nobody new is let in, QoS 0 publications are dropped, and who publishes at QoS 1 or
    // 2 is paused.
    void on_memory(bool high, Now now);

    // From now on these are in force, and outlive the shard or the next such call. Who would not be
    // let in any more is closed. Subscriptions that are not allowed any more are removed, and a
    // client that has lost one is closed too, so that it learns of it.
    void enforce(const Settings& settings, AccessPolicy& access, const Authenticator& authenticator,
                 Now now);
    [[nodiscard]] const Settings& settings() const;  // in force

    // What an operator sees. Each call takes a bounded time; at most `limit` items.
    [[nodiscard]] Slice<SessionView, SessionPlace> sessions(const SessionQuery& query,
                                                            SessionPlace from, std::size_t limit,
                                                            Now now);
    [[nodiscard]] std::optional<SessionDetail> session(std::string_view client_id, Now now);
    [[nodiscard]] Slice<SubscriptionView, SubscriptionPlace> subscriptions(
        const SubscriptionQuery& query, const SubscriptionPlace& from, std::size_t limit);
    // Of shared groups, one item for each member that is a client of this shard.
    [[nodiscard]] Slice<GroupView, SubscriptionPlace> memberships(const SubscriptionPlace& from,
                                                                  std::size_t limit);
    // `topic`: as the client names it. Nothing for a client without a session.
    [[nodiscard]] std::optional<Explanation> explain(std::string_view client_id,
                                                     std::string_view topic, Now now);
    // Of all shards. Nothing where `from` is not a place in this list. Of each payload at most
    // `payload_max` bytes.
    [[nodiscard]] std::optional<Slice<RetainedView, RetainedPlace>> retained(
        std::string_view filter, const std::optional<RetainedPlace>& from, std::size_t limit,
        std::size_t payload_max, Now now);
    [[nodiscard]] std::optional<RetainedView> retained_value(std::string_view topic, Now now);

    // Closes the client's connection, if it has one; `with_session`: ends its session too, stored
    // state included. False where there is no session.
    bool kick(std::string_view client_id, bool with_session, Now now);
    // As an empty retained PUBLISH does, to the same subscribers. False where there is no value.
    bool clear_retained(std::string_view topic, Now now);
    // A publication that no client made: no right is asked for, and $SYS/... is open to it. Returns
    // to how many clients of all shards it goes, one of each shared group. At QoS 1 and 2 it is not
    // lost once the store has it. What is retained under $SYS ends with the process. `topic`: as
    // routed, with mount point.
    // REQUIRES: a valid topic name; topic and payload fit the protocol's largest packet.
    std::size_t publish(std::string_view topic, mqtt::Bytes payload, mqtt::Qos qos, bool retain,
                        Now now);

    // Closes a connection, for a reason that the network has.
    void close(const ConnectionHandle& connection, CloseReason reason, std::string_view detail,
               Now now);

    // After all calls of a turn: mail and commits leave.
    void end_turn(Now now);

    // Messages just read have entered outboxes since the last on_written().
    [[nodiscard]] bool has_deliveries() const;
    // All outboxes were written, as far as their sockets took it. `at`: read after that.
    void on_written(SteadyTime at);

    // Timed work: expiry, retries, holds. To be called at or after next_deadline().
    void tick(Now now);
    [[nodiscard]] std::optional<SteadyTime> next_deadline() const;

    // A clean stop, first step: no PUBLISH is taken any more, and all wills are published.
    void stop(Now now);
    // Second step, when all shards have settled: every connection is closed.
    void close_all(Now now);
    // Nothing is unanswered any more.
    [[nodiscard]] bool settled() const;
    // Nothing waits for a commit.
    [[nodiscard]] bool committed() const;

    [[nodiscard]] const Counters& counters() const;
    [[nodiscard]] ChunkPool& chunks();  // for the links of this shard's loop

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace godwit::core
