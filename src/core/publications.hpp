// The life of a publication on the shard it was made on: from the PUBLISH (or a will, or a message
// handed over between group members) to its receivers on all shards, and from their answers to the
// publisher's acknowledgement.
//
// One answer is awaited from each shard that has receivers which could not be answered for at once.
// Acknowledgements of one connection leave in the order of its PUBLISHes [MQTT-4.6.0-2].
#pragma once

#include <vector>

#include "commits.hpp"
#include "context.hpp"
#include "deadlines.hpp"
#include "groups.hpp"
#include "numbered.hpp"
#include "outbound.hpp"
#include "outgoing_mail.hpp"

namespace godwit::core {

class Publications final : public PlacementSink {
public:
    Publications(ShardContext& context, Outbound& outbound, Placements& placements,
                 OutgoingMail& mail, Groups& groups, Commits& commits, Deadlines& deadlines)
        : context_(context),
          outbound_(outbound),
          placements_(placements),
          mail_(mail),
          groups_(groups),
          commits_(commits),
          deadlines_(deadlines),
          remote_(context.commons.shards) {}

    // A PUBLISH for these nodes. `wire`: the packet as it came, where it can be sent on as it is;
    // else empty. False: another shard, or the failing store, has no room; nothing was done, try
    // again on_credit() or on_store_works().
    [[nodiscard]] bool publish(Session& publisher, std::string_view topic,
                               const std::vector<const FilterNode*>& nodes,
                               const mqtt::Publish& packet, bool retain, mqtt::Bytes wire);

    // Owes the publisher the acknowledgement of a PUBLISH; `due`: as soon as the earlier ones have
    // left. Returns its number.
    std::uint64_t owe(Session& publisher, mqtt::Ack ack, bool due);

    // PUBREL: the id is free, PUBCOMP says so; after PUBREC, where that has not left yet. An id
    // that is not known gets its PUBCOMP too, so that the client comes to an end [MQTT-4.3.3-2].
    void release(Session& publisher, mqtt::PacketId packet_id);

    // A will: a publication that nobody waits for.
    void publish_will(const Author& author, const OwnedWill& will);
    // See Shard::publish().
    std::size_t publish_unasked(std::string_view topic, mqtt::Bytes payload, mqtt::Qos qos,
                                bool retain);

    // See Shard::clear_retained().
    bool clear_retained(std::string_view topic);

    // What is still due of a row that a process left behind: it goes on as a row of its own.
    void place_again(LogRow row, LoggedPublication due);

    // Removes at most so many retained values whose time is over.
    void expire_retained(std::size_t limit);

    // A message leaves an absent or leaving member of a shared group for a connected one. False
    // where there is none; the entry is the caller's still.
    [[nodiscard]] bool hand_over(const SharedGroup& group, const Session& from, QueueEntry& entry,
                                 bool connected_only);

    // What other shards send.
    void on_delivery(ShardIndex from, const Delivery& delivery);
    void on_answer(const Answer& answer);
    void on_held(std::uint64_t publication);
    void on_cancel(const PublicationId& publication);
    void on_retained_write(const RetainedWrite& write);
    void on_placed(Placements::Placement placement) override;

    // The connection ends: its unplaced QoS 1 deliveries are cancelled.
    void abandon(Session& publisher);

    // Sessions whose connections may take PUBLISHes again since the last call.
    [[nodiscard]] std::vector<SessionHandle> take_resumable() {
        return std::exchange(resumable_, {});
    }
    [[nodiscard]] bool has_resumable() const { return !resumable_.empty(); }
    void pause(Session& session, Pause pause);
    void lift(Session& session, Pause pause);
    void lift_all(std::vector<SessionHandle>& paused, Pause pause);  // and forgets who it was
    void on_credit();       // connections that lacked it may try again
    void on_store_works();  // and those that waited for this

    [[nodiscard]] bool idle() const { return records_.empty() && placements_.idle(); }

private:
    static constexpr std::uint32_t kUnansweredMax = 1000;  // publications
    static constexpr std::size_t kUnansweredBytesMax = 4UL * 1024 * 1024;
    static constexpr std::chrono::seconds kHoldMax{60};

    // A publication that waits for answers.
    struct Record {
        SteadyTime read_at = kNotRead;
        SessionHandle publisher;
        std::uint32_t attachment = 0;
        mqtt::Qos qos = mqtt::Qos::at_most_once;  // what the publisher is owed; 0: nothing
        mqtt::Qos published_qos = mqtt::Qos::at_most_once;  // no delivery is above it
        mqtt::PacketId packet_id = 0;
        std::uint64_t ack_number = 0;  // place in the connection's ring
        std::uint32_t outstanding = 0;
        bool waits_for_room = false;  // some receiver's queue is full (overflow: hold)...
        bool held = false;            // ...and the publisher's connection is paused for it
        std::size_t bytes = 0;
        MessagePtr message;  // for another try with a group
        std::vector<SessionHandle> tried;
        std::vector<ShardIndex> shards;  // that have it
        LogRow row = 0;                  // 0: not logged
        bool again = false;              // the row is what a process left behind
        bool acknowledged = false;  // before all answers were there, since the row is committed
        std::unique_ptr<LoggedPublication> logged;  // what the row says
    };
    // A receiver on this shard.
    struct LocalTarget {
        Session* session;
        mqtt::Qos qos;
        std::uint64_t group;
        bool last_choice;
    };

    // What nobody waits for (announcements.cpp). Both return the number of receivers.
    std::size_t announce(const MessagePtr& message, mqtt::Qos qos, bool retain,
                         std::string_view publisher, bool logged);
    [[nodiscard]] std::size_t count_receivers() const;

    // Fan-out (fan_out.cpp). Finds the receivers, into the scratch below.
    void collect(const std::vector<const FilterNode*>& nodes, const Groups::Subject& subject);
    void collect_for(std::string_view topic, std::string_view publisher, mqtt::Qos qos);
    void begin_targets();
    void add_local(Session& session, mqtt::Qos qos);
    [[nodiscard]] bool add_target(const Receiver& receiver);
    [[nodiscard]] static Receiver as_receiver(const LocalTarget& target);
    void add_remote(ShardIndex shard, const Receiver& receiver);
    void add_member(const SharedGroup& group, const Groups::Subject& subject);
    [[nodiscard]] bool take_credit(std::size_t bytes, mqtt::Qos qos);
    void return_credit();

    // Between these two answers may come before their record is there; they are counted.
    void begin_answers(std::uint64_t publication);
    [[nodiscard]] std::uint32_t end_answers();
    // Hands the message to what collect() found; returns from how many sides answers are due.
    std::uint32_t distribute(Routed& routed, Record& record);
    std::uint32_t place_locals(Routed& routed, Record& record);
    std::uint32_t mail_remotes(Routed& routed, Record& record);
    std::uint32_t settle_guard(Routed& routed, Record& record);
    std::uint32_t retry(Record& record, const PublicationId& id, std::uint64_t group);
    [[nodiscard]] std::optional<Groups::Choice> choose_again(const Record& record,
                                                             std::uint64_t group_id);
    std::uint32_t send_to_member(Record& record, const PublicationId& id,
                                 const Groups::Choice& choice, std::uint64_t group, mqtt::Qos qos,
                                 bool& missed);

    // The publication log (publication_log.cpp).
    [[nodiscard]] std::unique_ptr<LoggedPublication> targets_to_log(Routed& routed, mqtt::Qos qos,
                                                                    bool retain);
    void publish_logged(Session& publisher, Routed& routed, Record record, bool retain);
    void log(Record record, std::uint64_t number);
    void on_logged(std::uint64_t number);
    void acknowledge_logged(Record& record);
    void mark_arrived(Routed& routed, std::vector<Receiver> missed);
    void log_member(const Record& record, std::uint64_t group, const Groups::Choice& choice,
                    mqtt::Qos qos);
    void relog(Record& record, std::uint64_t group, const Groups::Choice& choice, mqtt::Qos qos);

    // The retained value of a topic (retained_writes.cpp).
    std::uint32_t set_retained(Routed& routed, mqtt::Qos qos);
    std::uint32_t write_retained(RetainedWrite write);
    [[nodiscard]] std::optional<WallTime> expiry_of(std::string_view topic) const;

    [[nodiscard]] bool waits_for_store(Session& publisher, mqtt::Qos qos, bool retain);
    [[nodiscard]] bool waits_for_credit(Session& publisher, std::size_t bytes, mqtt::Qos qos);
    [[nodiscard]] bool needs_store(const Session& publisher, mqtt::Qos qos, bool retain) const;
    void set_pending(Session& publisher, const Record& record, bool pending);
    void await(Session& publisher, Record& record, std::size_t bytes);
    void keep(std::uint64_t number, Record record);
    void complete(const Record& record);
    void settle(Session& publisher, std::uint32_t attachment, std::uint64_t ack_number);
    void complete_qos2(Session& publisher, mqtt::PacketId packet_id);
    void hold(Record& record);
    void release_hold(Attachment& attachment, Session& publisher);

    ShardContext& context_;
    Outbound& outbound_;
    Placements& placements_;
    OutgoingMail& mail_;
    Groups& groups_;
    Commits& commits_;
    Deadlines& deadlines_;

    Numbered<Record> records_;
    std::uint64_t distributing_ = 0;  // the publication between begin_ and end_answers()
    std::uint32_t early_answers_ = 0;
    std::vector<SessionHandle> resumable_;
    std::vector<SessionHandle> without_credit_;
    std::vector<SessionHandle> without_store_;

    // Scratch of one publication.
    std::uint64_t epoch_ = 0;
    std::vector<LocalTarget> locals_;
    struct Remote {
        std::vector<Receiver> receivers;
        std::size_t credit = 0;
    };
    std::vector<Remote> remote_;             // by shard
    std::vector<ShardIndex> remote_shards_;  // those with receivers, in the order met
    std::vector<SessionHandle> chosen_;      // members that groups chose
    bool any_kept_ = false;                  // what some receiver is owed outlives the process
};

}  // namespace godwit::core
