#include "uri.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::admin {
namespace {

using ::testing::ElementsAre;
using ::testing::Pair;

TEST(UriTest, ReadsPathAndParameters) {
    const auto target = parse_target("/api/v1/clients?q=a%20b&connected=true");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/api/v1/clients");
    EXPECT_THAT(target->parameters, ElementsAre(Pair("q", "a b"), Pair("connected", "true")));
}

TEST(UriTest, LeavesAnEncodedSlashInThePath) {
    const auto target = parse_target("/api/v1/retained/a%2Fb%2F");
    ASSERT_TRUE(target);
    EXPECT_EQ(target->path, "/api/v1/retained/a%2Fb%2F");
}

TEST(UriTest, TakesAPlusInTheQueryForASpace) {
    EXPECT_THAT(parse_target("/?filter=a+b/%2B/c")->parameters,
                ElementsAre(Pair("filter", "a b/+/c")));
}

TEST(UriTest, TakesParametersWithoutAValueAndSkipsEmptyOnes) {
    EXPECT_THAT(parse_target("/?a&&b=")->parameters, ElementsAre(Pair("a", ""), Pair("b", "")));
}

TEST(UriTest, RefusesWhatIsNoTarget) {
    for (const char* text : {"", "*", "http://host/", "/?a=%", "/?a=%4", "/?%zz=1"})
        EXPECT_FALSE(parse_target(text)) << text;
}

TEST(UriTest, DecodesEveryByte) {
    EXPECT_EQ(percent_decode("%00%ff%7E"), std::string("\0\xff~", 3));
    EXPECT_FALSE(percent_decode("%f"));
    EXPECT_FALSE(percent_decode("%g0"));
}

}  // namespace
}  // namespace godwit::admin
