// SUBSCRIBE, UNSUBSCRIBE and what follows from them: replays of retained messages, and messages
// that move between the members of a shared group. [MQTT-3.8] [MQTT-3.10]
#pragma once

#include <string>
#include <vector>

#include "context.hpp"
#include "outbound.hpp"
#include "publications.hpp"

namespace godwit::core {

class Subscriptions {
public:
    Subscriptions(ShardContext& context, Commits& commits, Outbound& outbound,
                  Publications& publications, OutgoingMail& mail, Groups& groups)
        : context_(context),
          commits_(commits),
          outbound_(outbound),
          publications_(publications),
          mail_(mail),
          groups_(groups) {}

    // Commit, then router, then SUBACK, then the retained messages.
    void subscribe(Session& session, const mqtt::Subscribe& packet);
    void unsubscribe(Session& session, const mqtt::Unsubscribe& packet);

    // A subscription that the store kept, of a session whose client is not there.
    void restore(Session& session, const SubscriptionRecord& record);
    // A replay that was under way begins again, once the client is there.
    void restore(Session& session, const ReplayRecord& record) {
        ++session.replays_asked;
        add_replay(session, record.filter, record.qos, record.number);
    }
    // Its next SUBSCRIBE waits. One that subscribes and does not read could pile up replays without
    // end: each costs a byte of SUBACK and a hundred here.
    [[nodiscard]] static bool has_many_replays(const Session& session) {
        return session.replays_asked >= kReplaysMax;
    }

    // The client is here (again): groups prefer it, and what waits for absent members moves to it.
    void client_came(Session& session);
    // The connection ended: what its groups wait for moves to members that are there; if the
    // session ends too, `session_ends`, to any member.
    void client_left(Session& session, bool session_ends);
    // A message of the group may leave this absent member for one that is there.
    void wake(Session& session, std::uint64_t group);
    // The session ends: its subscriptions leave the router.
    void forget(Session& session);

    // The client is another one to the ACL than before: it has a new address, or was away when the
    // rules changed. What it may not receive any more is not delivered; its subscriptions stay.
    void check_again(Session& session);
    // The rules are other ones. False where they allow a subscription no more, which is removed
    // then.
    [[nodiscard]] bool enforce(Session& session);

    // The next slice of every replay that is not held up by socket or window.
    void continue_replays();
    [[nodiscard]] bool replays_pending() const { return !context_.replaying.empty(); }
    // Window or socket have room again.
    void resume_replays(Session& session);

private:
    static constexpr std::uint32_t kReplaysMax = 1000;  // and those of one SUBSCRIBE more

    // What one slice of a replay may take.
    static constexpr std::size_t kReplaySlice = 256;     // messages
    static constexpr std::size_t kReplaySteps = 20'000;  // through the tree

    struct Wanted {
        std::string text;  // canonical, behind the mount point; empty: refused
        mqtt::Qos qos = mqtt::Qos::at_most_once;
        bool checked = false;      // see Subscription
        std::string replay = {};   // the plain filter, where retained messages are replayed
        std::uint64_t number = 0;  // of that replay in the store
    };

    [[nodiscard]] Wanted judge(const Session& session, const mqtt::SubscribeRequest& request,
                               std::size_t new_ones) const;
    void judge_again(const Session& session, std::vector<Wanted>& all);
    void apply(Session& session, const Wanted& wanted);
    void set_checked(Session& session, Subscription& subscription, bool checked);
    void publish_holder(const Session& session, const Subscription& subscription);
    [[nodiscard]] static std::vector<Subscription*> in_order(Session& session);
    void remove(Session& session, const std::string& text);
    void suback(Session& session, mqtt::PacketId packet_id, const std::vector<Wanted>& all);
    void write(Session& session, Wanted& wanted);
    void add_replay(Session& session, const std::string& filter, mqtt::Qos qos,
                    std::uint64_t number);
    void end_replay(Session& session);
    void run_replays(Session& session);
    void hand_over_all(Session& session, const SharedGroup& group, bool unacknowledged,
                       bool connected_only);
    void wake_absent_members(const Session& session, const SharedGroup& group);
    [[nodiscard]] static std::vector<Subscription*> shared_ones(Session& session);

    ShardContext& context_;
    Commits& commits_;
    Outbound& outbound_;
    Publications& publications_;
    OutgoingMail& mail_;
    Groups& groups_;
};

}  // namespace godwit::core
