// Durable state as the core sees it. One Store per shard, called on that shard's thread; it takes
// the request and returns, and tells the outcome later through Shard::on_commit(),
// Shard::on_queue_read() and Shard::on_store_state(). Writes collect in a batch; commit() closes
// it. All batches are idempotent. Keys carry the session's incarnation, so that a wiped session's
// late writes never touch its successor.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/core/arrival.hpp"
#include "godwit/core/mail.hpp"
#include "godwit/core/message.hpp"
#include "godwit/core/time.hpp"

namespace godwit::core {

using CommitId = std::uint64_t;     // 0: nothing was to be committed
using Incarnation = std::uint64_t;  // of a session; never used twice
using Sequence = std::uint64_t;     // place of an entry in its session's queue

struct SessionRecord {
    struct Absence {
        WallTime since;
        Sequence after = 0;  // entries behind this one have never been sent
    };

    Incarnation incarnation = 0;
    SessionHandle handle;  // by which rows of the publication log name it; kept over restarts
    std::string client_id;
    std::optional<std::string> user_name;
    std::string mount_point;
    std::optional<Absence> absence;  // of its client; nothing while that is connected
    bool superuser = false;          // no rule restricted its client when it was last there
};

struct SubscriptionRecord {
    std::string filter;  // canonical, prefixes and mount point included
    mqtt::Qos qos = mqtt::Qos::at_most_once;
};

// A replay of retained messages that has not come to its end.
struct ReplayRecord {
    std::uint64_t number = 0;  // one for each filter of a SUBSCRIBE
    std::string filter;        // the plain one, behind the mount point
    mqtt::Qos qos = mqtt::Qos::at_most_once;
};

enum class DeliveryState : std::uint8_t {
    waiting,        // not sent
    await_puback,   // sent at QoS 1
    await_pubrec,   // sent at QoS 2
    await_pubcomp,  // PUBREC came, PUBREL is due
    done,           // acknowledged; kept in memory only until its turn to leave the window
};

struct QueueRecord {
    Sequence sequence = 0;
    MessagePtr message;
    mqtt::Qos qos = mqtt::Qos::at_most_once;
    bool retain = false;
    DeliveryState state = DeliveryState::waiting;
    mqtt::PacketId packet_id = 0;
    std::uint64_t group = 0;
    bool sent_before = false;     // perhaps, by a process that ended
    std::uint32_t left_size = 0;  // of a message that is left in the store (`message` is null)
};

// A part of a session's queue, as the store has it.
struct QueueRead {
    SessionHandle session;
    Incarnation incarnation = 0;
    std::vector<QueueRecord> records;  // by sequence; without message: it can't be read
    Sequence through = 0;  // up to this one, what is not among the records is not in the store
};

// A will with all it takes to publish it when connection and session are no more.
struct WillRecord {
    OwnedWill will;
    Author author;
};

struct RetainedRecord {
    MessagePtr message;  // with the topic
    mqtt::Qos qos = mqtt::Qos::at_most_once;
    std::optional<WallTime> expires_at;
};

// A row of the publication log: a QoS 2 publication, a will or a message handed over in a group,
// with all who are to get it.
struct LoggedPublication {
    struct ShardReceivers {
        ShardIndex shard = 0;
        std::vector<Receiver> receivers;
    };
    MessagePtr message;
    std::vector<ShardReceivers> receivers;
    mqtt::Qos qos = mqtt::Qos::at_most_once;  // it was published with
    bool retain = false;
};

// The "shard" whose mark tells that a row's retained value is written.
inline constexpr ShardIndex kRetainedMark = 0xFFFF;

class Store {
public:
    // False where nothing outlives the process anyway: the core then writes and waits for nothing.
    [[nodiscard]] virtual bool keeps() const = 0;
    // How long an entry waits, at least, for an acknowledgement that makes its write needless; 0:
    // not at all.
    [[nodiscard]] virtual Duration linger() const = 0;

    // How many bytes of a waiting queue are kept in memory, ahead of what is sent.
    [[nodiscard]] virtual std::size_t queue_window() const = 0;

    // Counters of the whole store, above everything stored. Thread-safe.
    [[nodiscard]] virtual std::uint64_t next_number() = 0;

    virtual void put_session(const SessionRecord& record) = 0;
    // Forgets the session with all that carries its incarnation.
    virtual void wipe_session(Incarnation incarnation) = 0;
    virtual void put_subscription(Incarnation incarnation, const SubscriptionRecord& record) = 0;
    virtual void delete_subscription(Incarnation incarnation, std::string_view filter) = 0;
    virtual void put_replay(Incarnation incarnation, const ReplayRecord& record) = 0;
    virtual void delete_replay(Incarnation incarnation, std::uint64_t number) = 0;
    virtual void put_queued(Incarnation incarnation, const QueueRecord& record) = 0;
    virtual void delete_queued(Incarnation incarnation, Sequence sequence) = 0;
    virtual void put_incoming(Incarnation incarnation, mqtt::PacketId packet_id) = 0;
    virtual void delete_incoming(Incarnation incarnation, mqtt::PacketId packet_id) = 0;
    virtual void put_will(Incarnation incarnation, const WillRecord& record) = 0;
    virtual void delete_will(Incarnation incarnation) = 0;
    virtual void put_retained(const RetainedRecord& record) = 0;
    virtual void delete_retained(std::string_view topic) = 0;
    // Replaces the row; its marks stay.
    virtual void put_arriving(LogRow row, const LoggedPublication& publication) = 0;
    // The mark of a shard: all of its receivers of that row are placed, but for these. The mark of
    // kRetainedMark: the retained value of that row is written.
    virtual void put_arrived(LogRow row, ShardIndex shard,
                             const std::vector<Receiver>& unplaced) = 0;
    virtual void delete_arriving(LogRow row) = 0;  // with its marks

    // Asks for committed records of a queue from that sequence on, at least one, and more until
    // they have so many bytes. The answer comes to Shard::on_queue_read().
    virtual void read_queue(const SessionHandle& session, Incarnation incarnation, Sequence from,
                            std::size_t bytes) = 0;

    // Closes the batch; 0 when it was empty. Commits of one shard complete in order.
    [[nodiscard]] virtual CommitId commit() = 0;

protected:
    ~Store() = default;
};

}  // namespace godwit::core
