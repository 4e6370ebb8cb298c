#include "godwit/config/nearest.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

namespace godwit::config {
namespace {

constexpr std::array<std::string_view, 4> kWords = {"drop_oldest", "drop_newest", "hold",
                                                    "warning"};

TEST(NearestTest, FindsTheWordThatWasMistyped) {
    EXPECT_EQ(nearest("hodl", kWords), "hold");
    EXPECT_EQ(nearest("drop_oldst", kWords), "drop_oldest");
    EXPECT_EQ(nearest("drop-newest", kWords), "drop_newest");
}

TEST(NearestTest, FindsAWordByItsBeginning) {
    EXPECT_EQ(nearest("warn", kWords), "warning");
}

TEST(NearestTest, NamesNothingWhereNothingIsNear) {
    EXPECT_EQ(nearest("password", kWords), std::nullopt);
    EXPECT_EQ(nearest("", kWords), std::nullopt);
    EXPECT_EQ(nearest(std::string(100'000, 'h'), kWords), std::nullopt);
}

TEST(NearestTest, AsksOnlyWhereThereIsSomethingToAsk) {
    EXPECT_EQ(did_you_mean("hodl", kWords), " (did you mean 'hold'?)");
    EXPECT_EQ(did_you_mean("password", kWords), "");
}

}  // namespace
}  // namespace godwit::config
