#include <gmock/gmock.h>

#include "godwit/mqtt/encoder.hpp"
#include "mqtt_whole_packet.hpp"

namespace godwit::mqtt::test {
namespace {

using testing::ElementsAreArray;

TEST(ConnackTest, SaysSessionPresentInItsFirstByte) {  // [MQTT-3.2.2-2]
    EXPECT_THAT(encode_connack({.session_present = true}),
                ElementsAreArray(vector_bytes("20 02 01 00")));
}

TEST(ConnackTest, CarriesTheReturnCode) {
    EXPECT_THAT(encode_connack({.code = ConnackCode::not_authorized}),
                ElementsAreArray(vector_bytes("20 02 00 05")));
}

TEST(ConnackTest, IsReadByAClient) {
    const WholePacket packet("20 02 00 02");
    const auto connack = decode_connack(packet.frame());
    ASSERT_TRUE(connack.ok());
    EXPECT_FALSE(connack->session_present);
    EXPECT_EQ(connack->code, ConnackCode::identifier_rejected);
}

}  // namespace
}  // namespace godwit::mqtt::test
