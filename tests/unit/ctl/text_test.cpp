#include "text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace godwit::ctl {
namespace {

using namespace std::string_literals;

TEST(TextTest, TakesThePowerFromControlCharacters) {
    EXPECT_EQ(printable("a\x1b[2Jb\n"), "a\\x1b[2Jb\\x0a");
    EXPECT_EQ(printable("\x7f\xC2\x9b"), "\\x7f\\x9b");
    EXPECT_EQ(printable("caf\u00e9 \u6e29\u5ea6"), "caf\u00e9 \u6e29\u5ea6");
}

TEST(TextTest, TellsDurationsInTheirTwoLargestUnits) {
    EXPECT_EQ(duration_text(0.4), "0s");
    EXPECT_EQ(duration_text(59), "59s");
    EXPECT_EQ(duration_text(3605.2), "1h 0m");
    EXPECT_EQ(duration_text(125), "2m 5s");
    EXPECT_EQ(duration_text(90'061), "1d 1h");
}

TEST(TextTest, CountsTheSecondsBetweenTwoTimes) {
    EXPECT_EQ(seconds_between("2026-11-29T20:00:00.000Z", "2026-11-30T20:00:01"), 86'401);
    EXPECT_EQ(seconds_between("-", "2026-11-30T20:00:01"), 0);
}

TEST(TextTest, TellsSizes) {
    EXPECT_EQ(size_text(0), "0 B");
    EXPECT_EQ(size_text(1023), "1023 B");
    EXPECT_EQ(size_text(1536), "1.5 KiB");
    EXPECT_EQ(size_text(23'068'672), "22.0 MiB");
}

TEST(TextTest, TellsTimesWithoutWhatNobodyReads) {
    EXPECT_EQ(time_text("2026-11-29T20:00:00.123Z"), "2026-11-29 20:00:00");
    EXPECT_EQ(time_text("-"), "-");
}

TEST(TextTest, WritesADashForWhatIsNotThere) {
    const Json object = {{"name", nullptr}, {"number", 7}, {"flag", true}, {"text", "a\tb"}};
    EXPECT_EQ(text_of(object, "name"), "-");
    EXPECT_EQ(text_of(object, "other"), "-");
    EXPECT_EQ(text_of(object, "number"), "7");
    EXPECT_EQ(text_of(object, "flag"), "true");
    EXPECT_EQ(text_of(object, "text"), "a\\x09b");
}

TEST(TextTest, CarriesAnyBytesInBase64) {
    for (const std::string& bytes : {""s, "a"s, "ab"s, "abc"s, "\0\xff\x80\n"s})
        EXPECT_EQ(decode_base64(encode_base64(bytes)), bytes);
    EXPECT_EQ(encode_base64("21.5"), "MjEuNQ==");
    EXPECT_THROW(static_cast<void>(decode_base64("????")), Failure);
}

TEST(TextTest, ShowsAPayloadAsTextOrInDigits) {
    EXPECT_EQ(payload_text("21.5 \u00b0C"), "21.5 \u00b0C");
    EXPECT_EQ(payload_text("a\nb"), "a\\x0ab");
    EXPECT_EQ(payload_text("\x01\xff"), "0x01ff");
    EXPECT_EQ(payload_text(""), "");
}

}  // namespace
}  // namespace godwit::ctl
