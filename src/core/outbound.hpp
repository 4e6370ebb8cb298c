// Messages on their way to clients: taking a place in a session's queue, the in-flight window, the
// client's acknowledgements, the overflow policies. [MQTT-4.3] [MQTT-4.4]
#pragma once

#include <vector>

#include "commits.hpp"
#include "context.hpp"
#include "placements.hpp"

namespace godwit::core {

// A message while it is handed to its receivers on one shard.
struct Routed {
    std::string_view topic;
    mqtt::Bytes payload;
    mqtt::Bytes wire;      // the whole packet at QoS 0; empty where it has to be made
    MessagePtr message{};  // made when the first receiver must keep it
    PublicationId publication{};
    LogRow row = 0;
    bool again = false;  // see Delivery
    SessionHandle publisher{};
    PlacementIndex placement =
        kNoPlacement;   // opened when the first receiver can't be answered for
    bool held = false;  // some receiver waits for room

    // From here on the payload is the block's own, which an outbox may refer to.
    [[nodiscard]] const MessagePtr& block() {
        if (!message) {
            message = Message::make(topic, payload);
            payload = message->payload();
        }
        return message;
    }
    [[nodiscard]] std::size_t size() const { return topic.size() + payload.size(); }
};

enum class Placed : std::uint8_t {
    done,   // or dropped for good
    later,  // the placement is told
    gone,   // a group's member that is no more
    full,   // a group's member without room
};

// Hears when all receivers of a publication on this shard are placed.
class PlacementSink {
public:
    virtual void on_placed(Placements::Placement placement) = 0;

protected:
    ~PlacementSink() = default;
};

class Outbound {
public:
    Outbound(ShardContext& context, Commits& commits, Placements& placements, PlacementSink& sink)
        : context_(context), commits_(commits), placements_(placements), sink_(sink) {}

    // Gives the session its copy at `qos`, sent, queued, held or dropped.
    Placed place(Session& session, Routed& routed, mqtt::Qos qos, std::uint64_t group,
                 bool last_choice);

    // A retained message of a replay. REQUIRES: can_replay().
    void place_retained(Session& session, const MessagePtr& message, mqtt::Qos qos);
    // Whether the next message of a replay may take its place; asks to be told when it may.
    [[nodiscard]] bool can_replay(Session& session, mqtt::Qos qos);

    // Sends what the window and the socket have room for.
    void pump(Session& session);
    // What was sent to an earlier connection, again and in order [MQTT-4.4.0-1] [MQTT-4.6.0-1].
    // `committed`: all that is written of the session.
    void resend(Session& session, bool committed);
    // What the store was asked for, where a queue is longer than what is kept of it in memory.
    void on_queue_read(QueueRead read);
    // PUBACK, PUBREC or PUBCOMP from the client. Unknown ids are ignored, but for a PUBREC, whose
    // PUBREL the client needs to come to an end.
    void on_ack(Session& session, mqtt::Ack ack);

    // Whether the queue has no room for a message of that size.
    [[nodiscard]] bool full(const Session& session, std::size_t bytes) const;

    // Opens the placement of a message, if it is not open.
    void open_placement(Routed& routed);
    // One receiver of a placement is placed.
    void placed(PlacementIndex index);

    // Takes messages of the group out of the session's queue: those not yet sent and, with
    // `unacknowledged`, those sent at QoS 1.
    [[nodiscard]] std::vector<QueueEntry> take_group(Session& session, std::uint64_t group,
                                                     bool unacknowledged);
    // What the store kept of the session's queue. What stands behind `maybe_sent` was never sent.
    void restore(Session& session, std::vector<QueueRecord> records, Sequence maybe_sent);
    // An entry of take_group() that found no other place.
    void put_back(Session& session, QueueEntry entry);
    // The publisher is gone: what it waits for here need not be placed any more.
    void cancel(const PublicationId& publication);
    // The session ends; its queue is let go. `reason`: to count what is lost; none for a clean one.
    void discard(Session& session, std::optional<DropReason> reason);

    // Writes the batch's entries when it is due.
    void end_turn();

    // Keeps what the selection of group members sees current.
    static void publish_load(const ShardContext& context, Session& session);

    void send_ack(Session& session, mqtt::Ack ack);

private:
    [[nodiscard]] bool place_qos0(Session& session, Routed& routed);
    static void count_delivery(Session& session, std::uint64_t group);
    [[nodiscard]] Placed enqueue(Session& session, Routed& routed, mqtt::Qos qos,
                                 std::uint64_t group, bool last_choice);
    void take_from_log(const Session& session, Routed& routed, QueueEntry& entry);
    void append(Session& session, QueueEntry entry, Commits::When when);
    [[nodiscard]] PlacementIndex defer(Routed& routed);
    void let_go(Session& session, const QueueEntry& entry);

    // Full queues (overflow.cpp).
    [[nodiscard]] Placed overflow(Session& session, Routed& routed, mqtt::Qos qos,
                                  std::uint64_t group, bool last_choice);
    [[nodiscard]] bool drop_oldest(Session& session);
    void drop(Session& session, DropReason reason, std::string_view topic, mqtt::Qos qos);
    [[nodiscard]] bool admit_held(Session& session);
    void unmark_held(const Session& session, const HeldMessage& held);
    void set_held(Session& session, std::deque<HeldMessage> held);

    // The in-flight window (inflight_window.cpp).
    [[nodiscard]] bool sendable(const Session& session) const;
    [[nodiscard]] bool may_send_again(const Session& session, std::uint64_t group) const;
    [[nodiscard]] bool ready_to_send(Session& session);  // the first that waits
    [[nodiscard]] static bool is_ready(const QueueEntry& entry);
    void read_ahead(Session& session);
    void prepare(Session& session, QueueEntry& entry);
    void on_prepared(const SessionHandle& handle, Sequence last);
    void send_first_waiting(Session& session);
    void send_entry(Session& session, const QueueEntry& entry, bool dup);
    void send_publish(Session& session, std::string_view topic, mqtt::Bytes payload, mqtt::Qos qos,
                      bool retain, bool dup, mqtt::PacketId packet_id, const MessagePtr* message);
    void finish(Session& session, QueueEntry& entry);
    void on_pubrec(Session& session, QueueEntry& entry);
    void send_pubrel(Session& session, mqtt::PacketId packet_id);

    ShardContext& context_;
    Commits& commits_;
    Placements& placements_;
    PlacementSink& sink_;
};

}  // namespace godwit::core
