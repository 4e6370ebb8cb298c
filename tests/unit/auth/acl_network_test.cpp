#include "acl_network.hpp"

#include <gtest/gtest.h>

namespace godwit::auth {
namespace {

bool contains(std::string_view network, std::string_view address) {
    const auto host = parse_host(address);
    return host && parse_network(network).value().contains(*host);
}

TEST(NetworkTest, ContainsTheAddressesOfItsPrefix) {
    EXPECT_TRUE(contains("10.0.0.0/8", "10.255.3.4:1883"));
    EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.0:1883"));
    EXPECT_TRUE(contains("192.168.4.0/22", "192.168.7.255"));
    EXPECT_FALSE(contains("192.168.4.0/22", "192.168.8.0"));
    EXPECT_TRUE(contains("1.2.3.4", "1.2.3.4:5"));
    EXPECT_FALSE(contains("1.2.3.4", "1.2.3.5:5"));
    EXPECT_TRUE(contains("2001:db8::/33", "[2001:db8:7fff::1]:1883"));
    EXPECT_FALSE(contains("2001:db8::/33", "[2001:db8:8000::1]:1883"));
    EXPECT_TRUE(contains("::1", "[::1]:1883"));
}

TEST(NetworkTest, IgnoresBitsBehindThePrefix) {
    EXPECT_TRUE(contains("10.9.8.7/8", "10.0.0.1:1"));
}

TEST(NetworkTest, TakesMappedAddressesForWhatTheyAre) {
    EXPECT_TRUE(contains("10.0.0.0/8", "[::ffff:10.1.2.3]:1883"));
    EXPECT_TRUE(contains("::ffff:10.0.0.0/104", "10.1.2.3:1883"));
}

TEST(NetworkTest, AnEmptyPrefixIsItsFamilyOrAll) {
    EXPECT_TRUE(contains("0.0.0.0/0", "10.1.2.3:1883"));
    EXPECT_FALSE(contains("0.0.0.0/0", "[2001:db8::1]:1883"));
    EXPECT_TRUE(contains("::/0", "10.1.2.3:1883"));
}

TEST(NetworkTest, AUnixSocketIsInNone) {
    EXPECT_FALSE(contains("::/0", "/run/godwit.sock"));
    EXPECT_FALSE(contains("::/0", ""));
}

TEST(NetworkTest, RefusesWhatIsNoNetwork) {
    for (const std::string_view text :
         {"", "10", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8x", "::/129", "host",
          "10.0.0.0:1883", "[::1]", "10.0.0.256"}) {
        EXPECT_FALSE(parse_network(text)) << text;
    }
}

}  // namespace
}  // namespace godwit::auth
