#include "godwit/core/message.hpp"

#include <gtest/gtest.h>

#include <string>

#include "godwit/mqtt/decoder.hpp"

namespace godwit::core {
namespace {

TEST(MessageTest, ItsBlockIsTheWholePacketAtQos0) {
    for (const std::size_t size : {0UL, 1UL, 120UL, 128UL, 20'000UL}) {
        const std::string payload(size, 'p');
        const MessagePtr message = Message::make("a/b", std::as_bytes(std::span(payload)));
        const auto frame = mqtt::next_frame(message->wire(), 0);
        ASSERT_TRUE(frame && frame.value());
        ASSERT_EQ(frame.value()->size, message->wire().size());
        const auto publish = mqtt::decode_publish(*frame.value());
        ASSERT_TRUE(publish);
        EXPECT_EQ(publish->topic, "a/b");
        EXPECT_EQ(publish->payload.size(), size);
        EXPECT_EQ(publish->qos, mqtt::Qos::at_most_once);
        EXPECT_FALSE(publish->retain);
        EXPECT_EQ(message->topic(), "a/b");
        EXPECT_EQ(message->payload().size(), size);
    }
}

TEST(MessageTest, LivesAsLongAsOneReferenceDoes) {
    MessagePtr first = Message::make("t", {});
    const MessagePtr second = first;
    MessagePtr third = MessagePtr::share(*second);
    first.reset();
    const MessagePtr fourth = MessagePtr::adopt(third.release());
    EXPECT_FALSE(first);
    EXPECT_FALSE(third);
    EXPECT_EQ(second->topic(), "t");
    EXPECT_EQ(fourth.get(), second.get());
}

}  // namespace
}  // namespace godwit::core
