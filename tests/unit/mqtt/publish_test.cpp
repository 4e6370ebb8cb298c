#include <gmock/gmock.h>

#include "godwit/mqtt/encoder.hpp"
#include "mqtt_whole_packet.hpp"

namespace godwit::mqtt::test {
namespace {

using testing::ElementsAreArray;

TEST(PublishTest, DecodesEveryField) {
    const WholePacket packet("3D 0A 0003 'a/b' 0102 'xyz'");
    const auto publish = decode_publish(packet.frame());
    ASSERT_TRUE(publish.ok()) << publish.error().detail;
    EXPECT_EQ(publish->topic, "a/b");
    EXPECT_EQ(text_of(publish->payload), "xyz");
    EXPECT_EQ(publish->packet_id, 0x0102);
    EXPECT_EQ(publish->qos, Qos::exactly_once);
    EXPECT_TRUE(publish->retain);
    EXPECT_TRUE(publish->dup);
}

TEST(PublishTest, HasNoPacketIdAtQos0) {  // [MQTT-2.3.1-5]
    const WholePacket packet("30 06 0001 'a' 0007 'x'");
    const auto publish = decode_publish(packet.frame());
    ASSERT_TRUE(publish.ok());
    EXPECT_EQ(publish->packet_id, 0);
    EXPECT_EQ(publish->payload.size(), 3U);
}

TEST(PublishTest, ViewsTheBytesItWasDecodedFrom) {
    const WholePacket packet("30 06 0003 'a/b' 'x'");
    const auto publish = decode_publish(packet.frame());
    EXPECT_EQ(publish->payload.data(), packet.frame().body.data() + 5);
}

TEST(PublishTest, LeavesTheCharactersOfTheTopicToTheCallerWhenAskedTo) {
    const WholePacket packet("30 05 0003 'a/#'");
    EXPECT_FALSE(decode_publish(packet.frame()).ok());
    const auto publish = decode_publish_unchecked_topic(packet.frame());
    ASSERT_TRUE(publish.ok());
    EXPECT_EQ(publish->topic, "a/#");
}

// Around 127/128 and 16,383/16,384 bytes the remaining length grows by a byte [2.2.3].
TEST(PublishTest, KnowsTheSizeOfItsHeader) {
    for (const std::size_t payload_size : {0, 124, 125, 16'380, 16'381, 2'097'148, 2'097'149}) {
        const std::vector<std::byte> payload(payload_size);
        std::vector<std::byte> out;
        append_publish(out, {.topic = "a", .payload = payload});
        EXPECT_EQ(out.size(),
                  publish_header_size(1, payload_size, Qos::at_most_once) + payload_size);
        const auto frame = next_frame(out, 0);
        ASSERT_TRUE(frame.ok() && frame.value());
        EXPECT_EQ(frame.value()->size, out.size());
        EXPECT_EQ(decode_publish(*frame.value())->payload.size(), payload_size);
    }
}

TEST(PublishTest, AppendsBehindWhatIsThere) {
    std::vector<std::byte> out;
    append_pingreq(out);
    append_publish(out, {.topic = "a", .packet_id = 7, .qos = Qos::at_least_once, .dup = true});
    EXPECT_THAT(out, ElementsAreArray(vector_bytes("C0 00 3A 05 0001 'a' 0007")));
}

}  // namespace
}  // namespace godwit::mqtt::test
