#include <gmock/gmock.h>

#include "godwit/mqtt/decoder.hpp"
#include "mqtt_vectors.hpp"

namespace godwit::mqtt::test {
namespace {

TEST(FrameTest, FindsPacketsOneBehindTheOther) {
    const auto stream = vector_bytes("C0 00 30 06 0003 'a/b' 'x' 40 02 0001 E0");
    Bytes rest = stream;
    const auto next = [&] {
        const Frame frame = next_frame(rest, 0).value().value();
        rest = rest.subspan(frame.size);
        return frame;
    };

    EXPECT_EQ(next().type(), PacketType::pingreq);
    const Frame publish = next();
    EXPECT_EQ(publish.type(), PacketType::publish);
    EXPECT_EQ(publish.body.size(), 6U);
    EXPECT_EQ(publish.body.data(), stream.data() + 4);
    EXPECT_EQ(next().type(), PacketType::puback);
    EXPECT_FALSE(next_frame(rest, 0).value().has_value());
}

TEST(FrameTest, KeepsTheFlagsOfTheFirstByte) {
    const auto bytes = vector_bytes("3D 07 0003 'a/b' 0001");
    EXPECT_EQ(next_frame(bytes, 0).value()->flags(), 0x0D);
}

// Without a byte of the body, so that nobody makes us keep what will be refused.
TEST(FrameTest, RefusesAnOversizePacketOnceItsLengthIsKnown) {
    const auto header = vector_bytes("30 80 01");
    constexpr std::size_t kPacketSize = 3 + 128;
    EXPECT_TRUE(next_frame(header, kPacketSize).ok());
    const auto frame = next_frame(header, kPacketSize - 1);
    ASSERT_FALSE(frame.ok());
    EXPECT_EQ(frame.error().code, Errc::packet_too_large);
}

TEST(FrameTest, TakesTheLargestPacketWhereThereIsNoLimit) {
    EXPECT_TRUE(next_frame(vector_bytes("30 FF FF FF 7F"), 0).ok());
}

TEST(FrameTest, RefusesTheFirstByteAlone) {  // [MQTT-2.2.2-2]
    EXPECT_FALSE(next_frame(vector_bytes("F0"), 0).ok());
    EXPECT_FALSE(next_frame(vector_bytes("A1"), 0).ok());
    EXPECT_FALSE(next_frame(vector_bytes("36"), 0).ok());
}

TEST(FrameTest, RefusesAFourthLengthByteThatPromisesAFifth) {  // [2.2.3]
    EXPECT_TRUE(next_frame(vector_bytes("30 80 80 80"), 0).ok());
    EXPECT_FALSE(next_frame(vector_bytes("30 80 80 80 80"), 0).ok());
}

}  // namespace
}  // namespace godwit::mqtt::test
