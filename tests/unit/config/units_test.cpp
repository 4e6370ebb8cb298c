#include "units.hpp"

#include <gtest/gtest.h>

namespace godwit::config {
namespace {

using namespace std::chrono_literals;

TEST(UnitsTest, ReadsDurations) {
    EXPECT_EQ(parse_duration("0"), 0ms);
    EXPECT_EQ(parse_duration("500ms"), 500ms);
    EXPECT_EQ(parse_duration("10s"), 10s);
    EXPECT_EQ(parse_duration("5m"), 5min);
    EXPECT_EQ(parse_duration("2h"), 2h);
    EXPECT_EQ(parse_duration("7d"), 168h);
}

TEST(UnitsTest, RefusesOtherDurations) {
    for (const auto* text : {"", "s", "10", "10 s", "-1s", "1.5s", "1h30m", "1S", "1w", "+1s",
                             "99999999999999999999s", "9223372036854775807d"}) {
        EXPECT_FALSE(parse_duration(text)) << text;
    }
}

TEST(UnitsTest, PrintsDurationsInTheLargestUnitThatFits) {
    for (const auto* text : {"0", "1ms", "1500ms", "59s", "90m", "5h", "7d"}) {
        EXPECT_EQ(format_duration(*parse_duration(text)), text);
    }
    EXPECT_EQ(format_duration(3600s), "1h");
}

TEST(UnitsTest, ReadsSizes) {
    EXPECT_EQ(parse_size("0"), 0U);
    EXPECT_EQ(parse_size("512"), 512U);
    EXPECT_EQ(parse_size("64KiB"), 64U * 1024);
    EXPECT_EQ(parse_size("3GiB"), std::uint64_t{3} << 30);
}

TEST(UnitsTest, RefusesOtherSizes) {
    for (const auto* text : {"", "1KB", "1M", "KiB", "-1", "1.5MiB", "1 MiB", "0x10",
                             "18446744073709551616", "18446744073709551615KiB"}) {
        EXPECT_FALSE(parse_size(text)) << text;
    }
}

TEST(UnitsTest, PrintsSizesInTheLargestUnitThatFits) {
    for (const auto* text : {"0", "1", "1023", "1KiB", "1025", "16MiB", "1TiB"}) {
        EXPECT_EQ(format_size(*parse_size(text)), text);
    }
}

TEST(UnitsTest, ReadsAndPrintsModes) {
    EXPECT_EQ(parse_mode("0660"), 0660U);
    EXPECT_EQ(parse_mode("660"), 0660U);
    EXPECT_EQ(parse_mode("0"), 0U);
    for (const auto* text : {"", "0888", "1000", "-1", "rw", "0o660"}) {
        EXPECT_FALSE(parse_mode(text)) << text;
    }
    EXPECT_EQ(format_mode(0660), "0660");
    EXPECT_EQ(format_mode(0), "0000");
}

TEST(UnitsTest, ReadsWholeNumbersAlone) {
    EXPECT_EQ(parse_integer("42"), 42);
    EXPECT_EQ(parse_integer("-1"), -1);
    for (const auto* text : {"", "1e3", "0x10", "1.0", " 1", "1 ", "9223372036854775808"}) {
        EXPECT_FALSE(parse_integer(text)) << text;
    }
}

}  // namespace
}  // namespace godwit::config
