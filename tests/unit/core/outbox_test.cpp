#include "godwit/core/outbox.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace godwit::core {
namespace {

mqtt::Bytes bytes_of(std::string_view text) {
    return std::as_bytes(std::span(text));
}

std::string contents(const Outbox& outbox) {
    std::array<mqtt::Bytes, 64> pieces;
    std::string all;
    for (std::size_t i = 0, count = outbox.gather(pieces); i < count; ++i) {
        all.append(reinterpret_cast<const char*>(pieces[i].data()), pieces[i].size());
    }
    return all;
}

TEST(OutboxTest, GivesBackWhatWasAppendedInOrder) {
    ChunkPool pool;
    Outbox outbox(pool);
    const MessagePtr message = Message::make("t", bytes_of("PAYLOAD"));
    outbox.append(bytes_of("one "));
    outbox.append(message, message->payload());
    outbox.append(bytes_of(" two"));
    EXPECT_EQ(contents(outbox), "one PAYLOAD two");
    EXPECT_EQ(outbox.size(), 15U);
}

TEST(OutboxTest, KeepsAMessageAliveUntilItIsSent) {
    ChunkPool pool;
    Outbox outbox(pool);
    MessagePtr message = Message::make("topic", bytes_of(std::string(10'000, 'x')));
    outbox.append(message, message->payload());
    message.reset();
    EXPECT_EQ(contents(outbox), std::string(10'000, 'x'));
}

TEST(OutboxTest, ConsumesAcrossPiecesAtEveryByte) {
    const std::string text(20'000, 'a');
    for (const std::size_t step : {1UL, 7UL, 8192UL, 8200UL}) {
        ChunkPool pool;
        Outbox outbox(pool);
        std::string long_text = text;
        for (std::size_t i = 0; i < long_text.size(); ++i) {
            long_text[i] = static_cast<char>('a' + i % 26);
        }
        outbox.append(bytes_of(long_text));
        for (std::size_t sent = 0; sent < long_text.size(); sent += step) {
            ASSERT_EQ(outbox.size(), long_text.size() - sent);
            std::array<mqtt::Bytes, 1> first;
            ASSERT_EQ(outbox.gather(first), 1U);
            ASSERT_EQ(static_cast<char>(first[0][0]), long_text[sent]);
            outbox.consume(std::min(step, long_text.size() - sent));
        }
        EXPECT_TRUE(outbox.empty());
        EXPECT_EQ(contents(outbox), "");
    }
}

TEST(OutboxTest, ReservedRoomIsContiguousAndCountsAtOnce) {
    ChunkPool pool;
    Outbox outbox(pool);
    outbox.append(bytes_of(std::string(Outbox::kReserveMax - 1, '.')));
    std::byte* room = outbox.reserve(4);
    for (int i = 0; i < 4; ++i)
        room[i] = static_cast<std::byte>('0' + i);
    EXPECT_EQ(outbox.size(), Outbox::kReserveMax + 3);
    EXPECT_EQ(contents(outbox).substr(Outbox::kReserveMax - 1), "0123");
}

}  // namespace
}  // namespace godwit::core
