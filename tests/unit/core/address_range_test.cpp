#include "godwit/core/address_range.hpp"

#include <gtest/gtest.h>

namespace godwit::core {
namespace {

using Bytes = std::array<std::uint8_t, 16>;

bool contains(std::string_view range, std::string_view address) {
    return AddressRange::parse(range).value().contains(IpAddress::parse(address).value());
}

TEST(IpAddressTest, ReadsBothFamilies) {
    EXPECT_EQ(IpAddress::parse("10.1.2.255"), IpAddress::v4({10, 1, 2, 255}));
    EXPECT_EQ(IpAddress::parse("::")->bytes, Bytes{});
    EXPECT_EQ(IpAddress::parse("::1")->bytes,
              (Bytes{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}));
    EXPECT_EQ(IpAddress::parse("2001:DB8::a:0:1f")->bytes,
              (Bytes{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0xa, 0, 0, 0, 0x1f}));
    EXPECT_EQ(IpAddress::parse("1:2:3:4:5:6:7:8")->bytes,
              (Bytes{0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8}));
    EXPECT_EQ(IpAddress::parse("fe80::")->bytes, (Bytes{0xfe, 0x80}));
}

TEST(IpAddressTest, AnIPv4AddressMappedIntoIPv6IsThatAddress) {
    EXPECT_EQ(IpAddress::parse("::ffff:10.0.0.1"), IpAddress::parse("10.0.0.1"));
    EXPECT_EQ(IpAddress::parse("::ffff:a00:1"), IpAddress::parse("10.0.0.1"));
    EXPECT_TRUE(IpAddress::parse("::ffff:10.0.0.1")->is_v4());
    EXPECT_FALSE(IpAddress::parse("::10.0.0.1")->is_v4());
}

TEST(IpAddressTest, WhatIsNoAddressIsRefused) {
    for (const std::string_view text : {"",
                                        "host",
                                        "1.2.3",
                                        "1.2.3.4.5",
                                        "1.2.3.",
                                        ".1.2.3",
                                        "1.2.3.256",
                                        "01.2.3.4",
                                        "1.2.3.-4",
                                        "1.2.3.4:80",
                                        "1.2.3.4 ",
                                        "[::1]",
                                        ":",
                                        ":::",
                                        "1::2::3",
                                        ":1:2:3:4:5:6:7",
                                        "1:2:3:4:5:6:7",
                                        "1:2:3:4:5:6:7:",
                                        "1:2:3:4:5:6:7:8:9",
                                        "1:2:3:4::5:6:7:8",
                                        "12345::",
                                        "g::",
                                        "::1%eth0",
                                        "1.2.3.4::",
                                        "::1.2.3",
                                        "::1.2.3.4:5",
                                        "1:2:3:4:5:6:7:1.2.3.4"}) {
        EXPECT_FALSE(IpAddress::parse(text)) << text;
    }
}

TEST(AddressRangeTest, ContainsWhatBeginsWithItsBits) {
    EXPECT_TRUE(contains("10.0.0.0/8", "10.255.0.1"));
    EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.1"));
    EXPECT_TRUE(contains("192.168.4.0/22", "192.168.7.255"));
    EXPECT_FALSE(contains("192.168.4.0/22", "192.168.8.0"));
    EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::1"));
    EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
    EXPECT_TRUE(contains("10.9.8.7/8", "10.0.0.1")) << "bits behind the prefix do not matter";
}

TEST(AddressRangeTest, AnAddressAloneIsARangeOfOne) {
    EXPECT_TRUE(contains("127.0.0.1", "127.0.0.1"));
    EXPECT_FALSE(contains("127.0.0.1", "127.0.0.2"));
    EXPECT_TRUE(contains("::1", "0:0:0:0:0:0:0:1"));
    EXPECT_TRUE(contains("::1/128", "::1"));
}

TEST(AddressRangeTest, ARangeIsOfOneFamily) {
    EXPECT_TRUE(contains("0.0.0.0/0", "255.1.2.3"));
    EXPECT_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
    EXPECT_TRUE(contains("::/0", "2001:db8::1"));
    EXPECT_FALSE(contains("::/0", "10.0.0.1"));
    EXPECT_TRUE(contains("10.0.0.0/8", "::ffff:10.0.0.1")) << "the same address, written otherwise";
    EXPECT_TRUE(contains("::ffff:10.0.0.0/104", "10.0.0.1"));
}

TEST(AddressRangeTest, WhatIsNoRangeIsRefused) {
    for (const std::string_view text :
         {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08", "::/129", "10.0.0.0/-1",
          "10.0.0.0/8/8", "10/8", "10.0.0.0/ 8"}) {
        EXPECT_FALSE(AddressRange::parse(text)) << text;
    }
}

TEST(AddressRangeTest, KeepsItsText) {
    EXPECT_EQ(AddressRange::parse("10.9.8.7/8")->text(), "10.9.8.7/8");
}

}  // namespace
}  // namespace godwit::core
