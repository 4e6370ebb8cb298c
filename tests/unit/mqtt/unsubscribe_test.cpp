#include <gmock/gmock.h>

#include "mqtt_whole_packet.hpp"

namespace godwit::mqtt::test {
namespace {

TEST(UnsubscribeTest, KeepsItsFiltersInOrder) {
    const WholePacket packet("A2 0A 0102 0003 'a/b' 0001 '#'");
    const auto unsubscribe = decode_unsubscribe(packet.frame());
    ASSERT_TRUE(unsubscribe.ok()) << unsubscribe.error().detail;
    EXPECT_EQ(unsubscribe->packet_id, 0x0102);
    EXPECT_THAT(unsubscribe->filters, testing::ElementsAre("a/b", "#"));
}

}  // namespace
}  // namespace godwit::mqtt::test
