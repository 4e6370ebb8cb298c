#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "godwit/net/settings.hpp"

namespace godwit::net {
namespace {

using testing::Eq;
using testing::Optional;
using testing::VariantWith;

TEST(BindTest, ReadsHostAndPort) {
    EXPECT_THAT(parse_bind("127.0.0.1:1883"),
                Optional(VariantWith<TcpBind>(TcpBind{"127.0.0.1", 1883})));
    EXPECT_THAT(parse_bind("localhost:0"), Optional(VariantWith<TcpBind>(TcpBind{"localhost", 0})));
}

TEST(BindTest, ReadsAStarAsEveryAddress) {
    EXPECT_THAT(parse_bind("*:1883"), Optional(VariantWith<TcpBind>(TcpBind{"", 1883})));
}

TEST(BindTest, ReadsIpv6InBrackets) {
    EXPECT_THAT(parse_bind("[::1]:65535"), Optional(VariantWith<TcpBind>(TcpBind{"::1", 65535})));
}

TEST(BindTest, ReadsTheAbsolutePathOfAUnixSocket) {
    EXPECT_THAT(parse_bind("unix:/run/a b.sock"),
                Optional(VariantWith<UnixBind>(UnixBind{"/run/a b.sock"})));
}

TEST(BindTest, RefusesWhatIsNeither) {
    for (const char* text :
         {"", ":", ":1883", "1883", "host", "host:", "host:x", "host:65536", "host:-1", "host: 1",
          "::1:1883", "[::1]", "[]:1", "[localhost]:1", "a b:1", "unix:", "unix:relative.sock"}) {
        EXPECT_THAT(parse_bind(text), Eq(std::nullopt)) << text;
    }
}

TEST(BindTest, WritesWhatItReads) {
    for (const char* text : {"127.0.0.1:1883", "*:0", "[::1]:1883", "host:1", "unix:/a"}) {
        EXPECT_EQ(to_string(parse_bind(text).value()), text);
    }
}

}  // namespace
}  // namespace godwit::net
