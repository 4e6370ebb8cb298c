// What shards send each other: batches of values, handed over whole. First in, first out between
// two shards, so a publisher's order holds.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "godwit/core/handle.hpp"
#include "godwit/core/message.hpp"
#include "godwit/core/time.hpp"
#include "godwit/mqtt/packet.hpp"

namespace godwit::core {

// A publication that waits for answers, named by the shard it was made on. Number 0: nobody waits.
struct PublicationId {
    ShardIndex shard = 0;
    std::uint64_t number = 0;

    friend bool operator==(const PublicationId&, const PublicationId&) = default;
};

// A row of the publication log; 0: the publication is not logged.
using LogRow = std::uint64_t;

struct Receiver {
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
    mqtt::Qos qos = mqtt::Qos::at_most_once;  // of this delivery
    std::uint64_t group = 0;                  // id of the shared group it was chosen from; 0: none
    bool last_choice = false;  // of a group: nobody else has room, so the overflow policy decides

    friend bool operator==(const Receiver&, const Receiver&) = default;
};

// One publication for the sessions of one shard.
struct Delivery {
    MessagePtr message;
    PublicationId publication;  // to be answered once; number 0 at QoS 0
    LogRow row = 0;
    bool again = false;       // receivers may have got it from a process that ended
    SessionHandle publisher;  // for the rule about a session's own full queue
    SteadyTime read_at;       // when the PUBLISH was read, in the turn's time; 0: none was
    std::vector<Receiver> receivers;
};

enum class GroupMiss : std::uint8_t { gone, full };

// All receivers of a publication on one shard are placed.
struct Answer {
    struct Miss {
        std::uint64_t group;
        GroupMiss miss;
    };
    std::uint64_t publication = 0;
    std::vector<Miss> misses;  // group messages that the chosen member could not take
};

// Not an answer: the message waits here for room in a queue (overflow: hold).
struct HeldNotice {
    std::uint64_t publication = 0;
};

// The publisher is gone: what of its publication is not placed yet need not be.
struct Cancel {
    PublicationId publication;
};

// The group has a connected member again: messages waiting in this absent member may move.
struct GroupWake {
    SessionHandle member;
    std::uint64_t group = 0;
};

// The retained value of a topic has changed. The shard that the topic hashes to writes what stands
// by then, so that what is stored never falls back to an older value.
struct RetainedWrite {
    std::string topic;
    PublicationId publication;  // to be answered when committed; number 0: nobody waits
    LogRow row = 0;             // to be marked
};

using MailItem = std::variant<Delivery, Answer, HeldNotice, Cancel, GroupWake, RetainedWrite>;
using Mail = std::vector<MailItem>;

// Carries mail to other shards. Sending never blocks.
class Mailer {
public:
    // Takes room for so many bytes in the inbox of `to`; false when it has none, and on_credit()
    // will be called once it has. Answers, notices and cancellations need no credit. The room is
    // given back when the mail is taken out.
    [[nodiscard]] virtual bool take_credit(ShardIndex to, std::size_t bytes) = 0;
    // Gives back credit that was taken and not used.
    virtual void return_credit(ShardIndex to, std::size_t bytes) = 0;
    // `credit`: the bytes taken for this mail.
    virtual void send(ShardIndex to, Mail mail, std::size_t credit) = 0;

protected:
    ~Mailer() = default;
};

}  // namespace godwit::core
