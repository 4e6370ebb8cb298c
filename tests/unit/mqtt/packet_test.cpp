#include "godwit/mqtt/packet.hpp"

#include <gtest/gtest.h>

namespace godwit::mqtt {
namespace {

TEST(PacketTypeTest, IsNamedAsInTheSpecification) {
    EXPECT_EQ(to_string(PacketType::connect), "CONNECT");
    EXPECT_EQ(to_string(PacketType::unsuback), "UNSUBACK");
    EXPECT_EQ(to_string(PacketType::disconnect), "DISCONNECT");
    EXPECT_EQ(to_string(PacketType{15}), "reserved");
}

}  // namespace
}  // namespace godwit::mqtt
