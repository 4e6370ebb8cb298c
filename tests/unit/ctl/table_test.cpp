#include "table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>
#include <string>

namespace godwit::ctl {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string printed(const Table& table, bool is_terminal, std::size_t width) {
    std::ostringstream out;
    table.print({.out = out, .is_terminal = is_terminal, .width = width});
    return out.str();
}

Table sample() {
    Table table({{"ID"}, {"COUNT", Table::Align::right}, {"TOPIC"}});
    table.add({"one", "7", "sensors/kitchen/temperature"});
    table.add({"eleven", "1234567", "a"});
    return table;
}

TEST(TableTest, AlignsColumns) {
    EXPECT_EQ(printed(sample(), false, 20),
              "ID        COUNT  TOPIC\n"
              "one           7  sensors/kitchen/temperature\n"
              "eleven  1234567  a\n");
}

TEST(TableTest, IsNoWiderThanTheTerminal) {
    const std::string text = printed(sample(), true, 32);
    EXPECT_EQ(text,
              "\x1b[1mID        COUNT  TOPIC\x1b[0m\n"
              "one           7  sensors/kitche\u2026\n"
              "eleven  1234567  a\n");
}

TEST(TableTest, CutsNoColumnBeyondRecognition) {
    EXPECT_THAT(printed(sample(), true, 5), HasSubstr("sensors/k\u2026"));
}

TEST(TableTest, HasNoEscapesWhereNobodyLooks) {
    EXPECT_THAT(printed(sample(), false, 80), Not(HasSubstr("\x1b")));
}

TEST(TableTest, CountsWideCharactersTwice) {
    EXPECT_EQ(display_width("\u6e29\u5ea6"), 4U);
    EXPECT_EQ(display_width("caf\u00e9"), 4U);
    EXPECT_EQ(cut("\u6e29\u5ea6\u8ba1", 4), "\u6e29\u2026");
    EXPECT_EQ(cut("abc", 3), "abc");
    EXPECT_EQ(cut("abcd", 3), "ab\u2026");
}

TEST(TableTest, BearsWithWhatIsNoUtf8) {
    EXPECT_EQ(display_width("\xff\xe6"), 2U);
    EXPECT_EQ(cut("\xff\xe6z", 2), "\xff\u2026");
}

TEST(FactsTest, StandUnderEachOther) {
    std::ostringstream out;
    Facts facts;
    facts.add("up", "1h");
    facts.add("connections", "12");
    facts.print({.out = out, .is_terminal = false, .width = 80});
    EXPECT_EQ(out.str(), "up           1h\nconnections  12\n");
}

}  // namespace
}  // namespace godwit::ctl
