#include <gmock/gmock.h>

#include "godwit/mqtt/encoder.hpp"
#include "mqtt_whole_packet.hpp"

namespace godwit::mqtt::test {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::FieldsAre;

TEST(SubscribeTest, KeepsItsRequestsInOrder) {  // [MQTT-3.8.4-4]
    const WholePacket packet("82 10 0102 0003 'a/b' 01 0001 '#' 00 0001 '+' 02");
    const auto subscribe = decode_subscribe(packet.frame());
    ASSERT_TRUE(subscribe.ok()) << subscribe.error().detail;
    EXPECT_EQ(subscribe->packet_id, 0x0102);
    EXPECT_THAT(subscribe->requests,
                ElementsAre(FieldsAre("a/b", Qos::at_least_once), FieldsAre("#", Qos::at_most_once),
                            FieldsAre("+", Qos::exactly_once)));
}

// So that one bad filter can be refused alone by its return code.
TEST(SubscribeTest, LeavesMisplacedWildcardsToTheCaller) {
    const WholePacket packet("82 08 0001 0003 'a#+' 00");
    EXPECT_TRUE(decode_subscribe(packet.frame()).ok());
}

TEST(SubackTest, AnswersEachRequestInOrder) {  // [MQTT-3.9.3-1]
    const std::uint8_t codes[] = {1, kSubackFailure, 0};
    EXPECT_THAT(encode_suback(0x0102, codes),
                ElementsAreArray(vector_bytes("90 05 0102 01 80 00")));
}

TEST(SubackTest, IsReadByAClient) {
    const WholePacket packet("90 04 0102 02 80");
    const auto suback = decode_suback(packet.frame());
    ASSERT_TRUE(suback.ok());
    EXPECT_EQ(suback->packet_id, 0x0102);
    EXPECT_THAT(suback->return_codes, ElementsAre(2, kSubackFailure));
}

}  // namespace
}  // namespace godwit::mqtt::test
