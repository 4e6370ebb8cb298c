#include <gmock/gmock.h>

#include "mqtt_whole_packet.hpp"

namespace godwit::mqtt::test {
namespace {

Errc error_of(std::string_view text, bool mqtt31_accepted = true) {
    const WholePacket packet(text);
    return decode_connect(packet.frame(), mqtt31_accepted).error().code;
}

TEST(ConnectTest, DecodesEveryField) {
    const WholePacket packet(
        "10 24 0004 'MQTT' 04 F4 000A 0003 'cid' 0003 'w/t' 0003 'bye' 0004 'user' 0003 'pwd'");
    const auto connect = decode_connect(packet.frame(), true);
    ASSERT_TRUE(connect.ok()) << connect.error().detail;

    EXPECT_EQ(connect->level, ProtocolLevel::mqtt311);
    EXPECT_FALSE(connect->clean_session);
    EXPECT_EQ(connect->keep_alive, 10);
    EXPECT_EQ(connect->client_id, "cid");
    ASSERT_TRUE(connect->will.has_value());
    EXPECT_EQ(connect->will->topic, "w/t");
    EXPECT_EQ(text_of(connect->will->payload), "bye");
    EXPECT_EQ(connect->will->qos, Qos::exactly_once);
    EXPECT_TRUE(connect->will->retain);
    EXPECT_EQ(connect->user_name, "user");
    ASSERT_TRUE(connect->password.has_value());
    EXPECT_EQ(text_of(*connect->password), "pwd");
}

TEST(ConnectTest, LeavesOutWhatIsNotFlagged) {
    const WholePacket packet("10 0C 0004 'MQTT' 04 02 0000 0000");
    const auto connect = decode_connect(packet.frame(), true);
    ASSERT_TRUE(connect.ok());

    EXPECT_TRUE(connect->clean_session);
    EXPECT_EQ(connect->client_id, "");
    EXPECT_FALSE(connect->will.has_value());
    EXPECT_FALSE(connect->user_name.has_value());
    EXPECT_FALSE(connect->password.has_value());
}

TEST(ConnectTest, TellsAnEmptyUserNameFromNone) {
    const WholePacket packet("10 0E 0004 'MQTT' 04 82 0000 0000 0000");
    EXPECT_EQ(decode_connect(packet.frame(), true)->user_name, "");
}

TEST(ConnectTest, SpeaksMqtt31OnlyWhereAccepted) {  // [MQTT-3.1.2-2]
    constexpr std::string_view kMqtt31 = "10 0F 0006 'MQIsdp' 03 02 003C 0001 'a'";
    const WholePacket packet(kMqtt31);
    const auto connect = decode_connect(packet.frame(), true);
    ASSERT_TRUE(connect.ok());
    EXPECT_EQ(connect->level, ProtocolLevel::mqtt31);
    EXPECT_EQ(error_of(kMqtt31, false), Errc::unsupported_protocol_level);
}

// MQTT 3.1, section 3.1: "the User Name string is missing. This is valid".
TEST(ConnectTest, ForgivesMqtt31AFlaggedUserNameThatIsAbsent) {
    const WholePacket packet("10 0F 0006 'MQIsdp' 03 C2 003C 0001 'a'");
    const auto connect = decode_connect(packet.frame(), true);
    ASSERT_TRUE(connect.ok());
    EXPECT_FALSE(connect->user_name.has_value());
    EXPECT_FALSE(connect->password.has_value());
}

// Flags and fields that would be malformed at level 4 must not hide that the level is another.
TEST(ConnectTest, JudgesTheLevelBeforeWhatDependsOnIt) {
    EXPECT_EQ(error_of("10 0C 0004 'MQTT' 05 FF FFFF FFFF"), Errc::unsupported_protocol_level);
    EXPECT_EQ(error_of("10 07 0004 'MQTT' 84"), Errc::unsupported_protocol_level);
}

TEST(ConnectTest, TakesALongClientIdAtEitherLevel) {
    const std::string id = "'a-client-identifier-of-more-than-23-characters'";
    const WholePacket mqtt31("10 3C 0006 'MQIsdp' 03 02 003C 002E " + id);
    EXPECT_EQ(decode_connect(mqtt31.frame(), true)->client_id.size(), 46U);
    const WholePacket mqtt311("10 3A 0004 'MQTT' 04 02 003C 002E " + id);
    EXPECT_EQ(decode_connect(mqtt311.frame(), true)->client_id.size(), 46U);
}

TEST(ConnectTest, RefusesAPasswordWithoutAUserName) {  // [MQTT-3.1.2-22]
    EXPECT_EQ(error_of("10 0F 0004 'MQTT' 04 42 003C 0000 0001 'p'"), Errc::malformed_packet);
}

}  // namespace
}  // namespace godwit::mqtt::test
