#include "delivery_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <span>
#include <string>

namespace godwit::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

QueueEntry entry(Sequence sequence = 0) {
    return {.message = Message::make("t", {}), .sequence = sequence};
}

// Takes the first waiting entry into the window as the sender does.
mqtt::PacketId send_next(DeliveryQueue& queue) {
    QueueEntry& sent = queue.take_into_window();
    sent.state = DeliveryState::await_puback;
    sent.packet_id = queue.next_packet_id();
    return sent.packet_id;
}

TEST(DeliveryQueueTest, SendsInOrderAndFinishesInAnyOrder) {
    DeliveryQueue queue;
    for (Sequence i = 1; i <= 4; ++i)
        queue.push_waiting(entry(i));
    const auto first = send_next(queue);
    const auto second = send_next(queue);
    const auto third = send_next(queue);
    EXPECT_EQ(queue.inflight(), 3U);
    EXPECT_EQ(queue.waiting(), 1U);

    queue.finish(*queue.find(second));
    EXPECT_EQ(queue.find(second), nullptr);
    EXPECT_EQ(queue.inflight(), 2U);
    queue.finish(*queue.find(first));
    ASSERT_EQ(queue.sent(), 1U);
    EXPECT_EQ(queue.sent_at(0).packet_id, third);
    EXPECT_EQ(queue.waiting_at(0).sequence, 4U);
}

TEST(DeliveryQueueTest, OwnsNothingOnceAllIsFinished) {
    DeliveryQueue queue;
    queue.push_waiting(entry());
    queue.finish(*queue.find(send_next(queue)));
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.waiting_bytes(), 0U);
}

TEST(DeliveryQueueTest, ErasesAWaitingEntryFromTheMiddle) {
    DeliveryQueue queue;
    for (Sequence i = 1; i <= 4; ++i)
        queue.push_waiting(entry(i));
    const auto id = send_next(queue);
    EXPECT_EQ(queue.erase_waiting(1).sequence, 3U);
    EXPECT_EQ(queue.find(id)->sequence, 1U);
    EXPECT_EQ(queue.waiting_at(0).sequence, 2U);
    EXPECT_EQ(queue.waiting_at(1).sequence, 4U);
}

TEST(DeliveryQueueTest, NeverGivesAPacketIdThatIsInUse) {
    DeliveryQueue queue;
    std::set<mqtt::PacketId> stuck;
    for (int i = 0; i < 3; ++i) {
        queue.push_waiting(entry());
        stuck.insert(send_next(queue));
    }
    for (int i = 0; i < 140'000; ++i) {  // The ids come round twice.
        queue.push_waiting(entry());
        const auto id = send_next(queue);
        ASSERT_NE(id, 0);
        ASSERT_FALSE(stuck.contains(id));
        queue.finish(*queue.find(id));
    }
}

TEST(DeliveryQueueTest, AStuckOldestEntryDoesNotKeepTheFinishedOnes) {
    DeliveryQueue queue;
    queue.push_waiting(entry());
    const auto stuck = send_next(queue);
    for (int i = 0; i < 1000; ++i) {
        queue.push_waiting(entry());
        queue.finish(*queue.find(send_next(queue)));
    }
    EXPECT_LT(queue.sent(), 100U);
    EXPECT_NE(queue.find(stuck), nullptr);
}

QueueRecord record(Sequence sequence, mqtt::Qos qos, DeliveryState state, mqtt::PacketId id) {
    return {sequence, Message::make("t", {}), qos, false, state, id, 0, false};
}

TEST(DeliveryQueueTest, RestoresTheWindowAndWhatWaitsBehindIt) {
    DeliveryQueue queue;
    queue.restore({record(1, mqtt::Qos::at_least_once, DeliveryState::waiting, 0),
                   record(2, mqtt::Qos::exactly_once, DeliveryState::await_pubcomp, 7),
                   record(3, mqtt::Qos::exactly_once, DeliveryState::waiting, 8),
                   record(4, mqtt::Qos::at_least_once, DeliveryState::waiting, 0)},
                  0);
    // What has a packet id was sent, and so was what stands before it.
    ASSERT_EQ(queue.inflight(), 3U);
    ASSERT_EQ(queue.waiting(), 1U);
    EXPECT_EQ(queue.sent_at(0).state, DeliveryState::await_puback);
    EXPECT_EQ(queue.sent_at(1).state, DeliveryState::await_pubcomp);
    EXPECT_EQ(queue.sent_at(2).state, DeliveryState::await_pubrec);
    std::set<mqtt::PacketId> ids;
    for (std::size_t i = 0; i < 3; ++i)
        ids.insert(queue.sent_at(i).packet_id);
    EXPECT_EQ(ids.size(), 3U);
    EXPECT_FALSE(ids.contains(0));
    for (int i = 0; i < 20; ++i)
        EXPECT_FALSE(ids.contains(queue.next_packet_id()));
}

TEST(DeliveryQueueTest, KnowsWhichRestoredOnesMayHaveBeenSent) {
    DeliveryQueue queue;
    queue.restore({record(1, mqtt::Qos::at_least_once, DeliveryState::waiting, 0),
                   record(2, mqtt::Qos::at_most_once, DeliveryState::waiting, 0),
                   record(3, mqtt::Qos::exactly_once, DeliveryState::waiting, 0),
                   record(4, mqtt::Qos::at_least_once, DeliveryState::waiting, 0)},
                  3);
    ASSERT_EQ(queue.waiting(), 4U);
    EXPECT_TRUE(queue.waiting_at(0).sent_before);
    EXPECT_FALSE(queue.waiting_at(1).sent_before) << "QoS 0 has no DUP";
    EXPECT_FALSE(queue.waiting_at(2).sent_before) << "it would have its packet id";
    EXPECT_FALSE(queue.waiting_at(3).sent_before) << "it came when the client was away";
}

TEST(DeliveryQueueTest, FindsEntriesBySequence) {
    DeliveryQueue queue;
    for (Sequence i = 1; i <= 9; ++i)
        queue.push_waiting(entry(2 * i));
    for (Sequence i = 1; i <= 9; ++i) {
        ASSERT_NE(queue.find_sequence(2 * i), nullptr);
        EXPECT_EQ(queue.find_sequence(2 * i)->sequence, 2 * i);
        EXPECT_EQ(queue.find_sequence(2 * i + 1), nullptr);
    }
    EXPECT_EQ(queue.find_sequence(1), nullptr);
}

TEST(DeliveryQueueTest, GivesNoPacketIdThatIsReserved) {
    DeliveryQueue queue;
    std::vector<QueueRecord> sent{record(1, mqtt::Qos::at_least_once, DeliveryState::waiting, 3)};
    queue.restore(std::move(sent), 0);
    for (Sequence i = 2; i <= 4; ++i)
        queue.push_waiting(entry(i));
    queue.reserve_packet_id(queue.waiting_at(0));
    queue.reserve_packet_id(queue.waiting_at(2));
    std::set<mqtt::PacketId> used{3, queue.waiting_at(0).packet_id, queue.waiting_at(2).packet_id};
    EXPECT_EQ(used.size(), 3U);
    for (int i = 0; i < 65'535 - 3; ++i)
        ASSERT_FALSE(used.contains(queue.next_packet_id()));
    ASSERT_FALSE(used.contains(queue.next_packet_id())) << "ids have come round";
}

// --- Queues longer than what is kept of them in memory -----------------------------------------

QueueEntry stored(Sequence sequence, std::uint64_t group = 0) {
    const std::string payload(9, 'p');  // 10 bytes with the topic
    return {.message = Message::make("t", std::as_bytes(std::span(payload))),
            .sequence = sequence,
            .group = group,
            .stored = true};
}

const auto kEvery = [](const QueueEntry&) { return true; };

std::vector<Sequence> in_memory(DeliveryQueue& queue) {
    std::vector<Sequence> sequences;
    for (std::size_t i = 0; i < queue.waiting(); ++i) {
        if (queue.waiting_at(i).message) sequences.push_back(queue.waiting_at(i).sequence);
    }
    return sequences;
}

std::vector<QueueRecord> records(std::initializer_list<Sequence> sequences) {
    std::vector<QueueRecord> list;
    for (const Sequence sequence : sequences)
        list.push_back(record_of(stored(sequence)));
    return list;
}

TEST(DeliveryQueueTest, LeavesToTheStoreWhatIsCommittedBehindTheWindow) {
    DeliveryQueue queue;
    for (Sequence i = 1; i <= 6; ++i)
        queue.push_waiting(stored(i));
    queue.leave_to_store(20, [](const QueueEntry& entry) { return entry.sequence < 5; });
    EXPECT_THAT(in_memory(queue), ElementsAre(1, 2, 5, 6));
    EXPECT_EQ(queue.waiting_bytes(), 60U);
    queue.leave_to_store(20, kEvery);
    EXPECT_THAT(in_memory(queue), ElementsAre(1, 2));
}

TEST(DeliveryQueueTest, KeepsMessagesOfGroupsForTheirOtherMembers) {
    DeliveryQueue queue;
    for (Sequence i = 1; i <= 4; ++i)
        queue.push_waiting(stored(i, i == 3 ? 7 : 0));
    queue.leave_to_store(10, kEvery);
    EXPECT_THAT(in_memory(queue), ElementsAre(1, 3));
}

TEST(DeliveryQueueTest, ReadsBackWhenHalfOfTheWindowIsUsedUp) {
    DeliveryQueue queue;
    for (Sequence i = 1; i <= 8; ++i)
        queue.push_waiting(stored(i));
    queue.leave_to_store(40, kEvery);
    EXPECT_EQ(queue.begin_read(40), std::nullopt) << "there is enough ahead";
    (void)send_next(queue);
    (void)send_next(queue);
    EXPECT_EQ(queue.begin_read(40), 5U);
    EXPECT_EQ(queue.begin_read(40), std::nullopt) << "it is being read";
    EXPECT_THAT(queue.end_read(records({5, 6}), 6), IsEmpty());
    EXPECT_THAT(in_memory(queue), ElementsAre(3, 4, 5, 6));
    (void)send_next(queue);
    (void)send_next(queue);
    EXPECT_EQ(queue.begin_read(40), 7U);
}

TEST(DeliveryQueueTest, ReadsNothingWhereAllIsInMemory) {
    DeliveryQueue queue;
    queue.push_waiting(stored(1));
    EXPECT_EQ(queue.begin_read(40), std::nullopt);
}

TEST(DeliveryQueueTest, TakesWhatWasReadPastWhatLeftMeanwhile) {
    DeliveryQueue queue;
    for (Sequence i = 1; i <= 5; ++i)
        queue.push_waiting(stored(i));
    queue.leave_to_store(0, kEvery);
    EXPECT_EQ(queue.begin_read(0), 1U);
    EXPECT_EQ(queue.erase_waiting(0).sequence, 1U);
    EXPECT_THAT(queue.end_read(records({1, 2, 3}), 3), IsEmpty());
    EXPECT_THAT(in_memory(queue), ElementsAre(2, 3));
}

TEST(DeliveryQueueTest, NamesWhatTheStoreHasLost) {
    DeliveryQueue queue;
    for (Sequence i = 1; i <= 5; ++i)
        queue.push_waiting(stored(i));
    queue.leave_to_store(0, kEvery);
    EXPECT_EQ(queue.begin_read(0), 1U);
    auto read = records({1, 3, 4});
    read[1].message.reset();  // it did not decode
    const std::vector<QueueEntry> missing = queue.end_read(std::move(read), 4);
    ASSERT_THAT(missing, SizeIs(2));
    EXPECT_EQ(missing[0].sequence, 2U);
    EXPECT_EQ(missing[1].sequence, 3U);
    EXPECT_THAT(in_memory(queue), ElementsAre(1, 4));
    EXPECT_EQ(queue.waiting(), 3U);
    EXPECT_EQ(queue.waiting_bytes(), 30U);
}

TEST(DeliveryQueueTest, RestoresMessagesThatAreLeftInTheStore) {
    auto kept = records({1, 2, 3});
    kept[1].left_size = 10;
    kept[1].message.reset();
    DeliveryQueue queue;
    queue.restore(std::move(kept), 0);
    EXPECT_EQ(queue.waiting_bytes(), 30U);
    (void)send_next(queue);
    EXPECT_EQ(queue.begin_read(0), 2U);
    EXPECT_THAT(queue.end_read(records({2}), 2), IsEmpty());
    EXPECT_THAT(in_memory(queue), ElementsAre(2, 3));
}

}  // namespace
}  // namespace godwit::core
