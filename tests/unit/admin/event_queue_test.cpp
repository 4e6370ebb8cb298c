#include "event_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::admin {
namespace {

using ::testing::HasSubstr;

EventQueue::Data data(const std::string& text) {
    return [text] { return text; };
}

TEST(EventQueueTest, GivesEventsInTheirOrderAndOnce) {
    EventQueue queue;
    queue.offer("a", 1, data("1"));
    queue.offer("b", 1, data("2"));
    EXPECT_EQ(queue.take(), "event: a\ndata: 1\n\nevent: b\ndata: 2\n\n");
    EXPECT_EQ(queue.take(), "");
}

TEST(EventQueueTest, WakesItsReaderOnceUntilItReads) {
    EventQueue queue;
    int woken = 0;
    queue.notify([&] { ++woken; });
    EXPECT_EQ(woken, 0);
    queue.offer("a", 1, data("1"));
    queue.offer("a", 1, data("2"));
    EXPECT_EQ(woken, 1);
    (void)queue.take();
    queue.offer("a", 1, data("3"));
    EXPECT_EQ(woken, 2);
}

TEST(EventQueueTest, WakesAReaderWhoComesLater) {
    EventQueue queue;
    queue.offer("a", 1, data("1"));
    int woken = 0;
    queue.notify([&] { ++woken; });
    EXPECT_EQ(woken, 1);
}

TEST(EventQueueTest, TellsASlowReaderHowManyItMissed) {
    EventQueue queue;
    const std::size_t half = EventQueue::kBytesMax / 2;
    queue.offer("a", half, data("1"));
    queue.offer("a", half, data("2"));
    queue.offer("a", 1, data("3"));
    queue.offer("a", 0, data("4"));
    EXPECT_EQ(queue.take(),
              "event: a\ndata: 1\n\nevent: a\ndata: 2\n\nevent: missed\ndata: {\"count\":2}\n\n");
    queue.offer("a", 1, data("5"));
    EXPECT_EQ(queue.take(), "event: a\ndata: 5\n\n");
}

TEST(EventQueueTest, BoundsTheNumberOfEventsToo) {
    EventQueue queue;
    for (std::size_t i = 0; i < EventQueue::kEventsMax + 7; ++i)
        queue.offer("a", 0, data("x"));
    EXPECT_THAT(queue.take(), HasSubstr("event: missed\ndata: {\"count\":7}"));
}

TEST(EventQueueTest, EndsOnceWhatIsInItWasTaken) {
    EventQueue queue;
    int woken = 0;
    queue.notify([&] { ++woken; });
    queue.offer("a", 1, data("1"));
    queue.end();
    queue.offer("b", 1, data("2"));
    EXPECT_EQ(woken, 2);
    EXPECT_FALSE(queue.exhausted());
    EXPECT_EQ(queue.take(), "event: a\ndata: 1\n\n");
    EXPECT_TRUE(queue.exhausted());
}

TEST(EventQueueTest, TakesOneEventThatIsLargerThanItsRoom) {
    EventQueue queue;
    queue.offer("a", 2 * EventQueue::kBytesMax, data("1"));
    EXPECT_EQ(queue.take(), "event: a\ndata: 1\n\n");
}

}  // namespace
}  // namespace godwit::admin
