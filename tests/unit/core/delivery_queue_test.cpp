#include "delivery_queue.hpp"

#include <gtest/gtest.h>

#include <set>

namespace godwit::core {
namespace {

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

}  // namespace
}  // namespace godwit::core
