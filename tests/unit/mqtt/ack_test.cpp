#include <gmock/gmock.h>

#include "godwit/mqtt/encoder.hpp"
#include "mqtt_whole_packet.hpp"

namespace godwit::mqtt::test {
namespace {

using testing::ElementsAreArray;

TEST(AckTest, IsATypeAndAPacketId) {
    const WholePacket packet("50 02 0102");
    EXPECT_EQ(decode_ack(packet.frame()).value(), (Ack{PacketType::pubrec, 0x0102}));
}

TEST(AckTest, SetsTheFixedFlagsOfPubrelAlone) {  // [MQTT-3.6.1-1]
    EXPECT_THAT(encode_ack({PacketType::pubrel, 0x0102}),
                ElementsAreArray(vector_bytes("62 02 0102")));
    EXPECT_THAT(encode_ack({PacketType::puback, 0xFFFE}),
                ElementsAreArray(vector_bytes("40 02 FFFE")));
}

}  // namespace
}  // namespace godwit::mqtt::test
