// Clients come and go: CONNECT, takeover, the end of a connection, wills, expiry of sessions.
// [MQTT-3.1] [MQTT-3.14]
#pragma once

#include <functional>
#include <set>
#include <string>
#include <variant>

#include "context.hpp"
#include "deadlines.hpp"
#include "godwit/core/stored_state.hpp"
#include "outbound.hpp"
#include "publications.hpp"
#include "publish_limits.hpp"
#include "subscriptions.hpp"

namespace godwit::core {

class Clients {
public:
    Clients(ShardContext& context, Commits& commits, Outbound& outbound, Publications& publications,
            Subscriptions& subscriptions, PublishLimits& limits, Deadlines& deadlines)
        : context_(context),
          commits_(commits),
          outbound_(outbound),
          publications_(publications),
          subscriptions_(subscriptions),
          limits_(limits),
          deadlines_(deadlines) {}

    // A session that the store kept, absent now, at its old place or at another one; the record is
    // how it is to be stored from now on.
    SessionRecord restore(StoredSession stored, bool keeps_place);
    // A will whose connection ended with the process.
    void publish_left_will(Incarnation incarnation, const WillRecord& record);

    [[nodiscard]] std::variant<Arrival, Refusal> admit(const mqtt::Connect& connect,
                                                       Identity identity, Origin origin);
    [[nodiscard]] ConnectionHandle connect(Arrival arrival, Link& link);

    // The connection is over. The network knows already; or, with close(), is told now.
    // `detail`: for the log; a literal.
    void detach(Session& session, CloseReason reason, std::string_view detail);
    void close(Session& session, CloseReason reason, std::string_view detail);

    void on_deadline(const Deadline& deadline);

    // Closes who would not be let in any more, or loses a subscription.
    void enforce(const Authenticator& authenticator);

    // See Shard::kick().
    bool kick(std::string_view client_id, bool with_session);

    // A clean stop in two steps, so that the wills find their receivers connected.
    void stop();
    void close_all();

private:
    [[nodiscard]] std::string make_client_id();
    Session& open_session(const Arrival& arrival, bool& present);
    [[nodiscard]] bool refused_by_store(const Arrival& arrival, Link& link, const Session* session);
    [[nodiscard]] bool refused_by_takeovers(const Arrival& arrival, Link& link, Session& holder);
    [[nodiscard]] bool waits_for_store(const Session& session) const;
    void attach(Session& session, Arrival& arrival, Link& link);
    void accept(Session& session, const Arrival& arrival, bool present);
    void refuse(const Arrival& arrival, Link& link, mqtt::ConnackCode code, CloseReason reason,
                std::string_view detail);
    void end_will(const Session& session, Attachment& attachment, CloseReason reason);
    void end_session(Session& session, std::optional<DropReason> reason);
    void set_deadline(Session& session, Deadline::Kind kind, Duration after);
    void clear_deadline(Session& session);
    void send_connack(Link& link, mqtt::Connack connack);

    ShardContext& context_;
    Commits& commits_;
    Outbound& outbound_;
    Publications& publications_;
    Subscriptions& subscriptions_;
    PublishLimits& limits_;
    Deadlines& deadlines_;
    // Client ids of sessions whose end is not committed yet.
    std::multiset<std::string, std::less<>> wiping_;
};

}  // namespace godwit::core
