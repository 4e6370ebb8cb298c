// Files of pre-shared keys, good and bad.
#include "godwit/net/psk_file.hpp"

#include <gtest/gtest.h>

namespace godwit::net {
namespace {

std::string text_of(std::string_view file) {
    const auto parsed = parse_psk_file(file);
    if (const auto* fault = std::get_if<PskFault>(&parsed)) {
        return std::to_string(fault->line) + ": " + std::string(fault->what);
    }
    std::string text;
    for (const auto& [identity, key] : std::get<PskKeys>(parsed))
        text += identity + "=" + key + ";";
    return text;
}

TEST(PskFileTest, HoldsIdentitiesAndKeys) {
    EXPECT_EQ(text_of("pump:414243\nvalve:6161\n"), "pump=ABC;valve=aa;");
    EXPECT_EQ(text_of("pump:4a4B"), "pump=JK;") << "no newline at the end, digits of both cases";
}

TEST(PskFileTest, SkipsEmptyLinesAndComments) {
    EXPECT_EQ(text_of("# keys\n\npump:4141\r\n\r\n"), "pump=AA;");
}

TEST(PskFileTest, TakesAnIdentityWithColons) {
    EXPECT_EQ(text_of("a:b:4142\n"), "a:b=AB;");
}

TEST(PskFileTest, SaysWhichLineIsWrong) {
    EXPECT_EQ(text_of("a:41\nb\n"), "2: expected IDENTITY:HEXKEY");
    EXPECT_EQ(text_of(":41\n"), "1: the identity is empty");
    EXPECT_EQ(text_of("a:\n"), "1: the key is empty");
    EXPECT_EQ(text_of("a:414\n"), "1: the key is not an even number of hexadecimal digits");
    EXPECT_EQ(text_of("a:4g\n"), "1: the key is not an even number of hexadecimal digits");
    EXPECT_EQ(text_of("a:41\n#\na:42\n"), "3: the identity appears twice");
    EXPECT_EQ(text_of(std::string(257, 'a') + ":41"), "1: the identity is longer than 256 bytes");
    EXPECT_EQ(text_of("a:" + std::string(1026, '4')), "1: the key is longer than 512 bytes");
    EXPECT_EQ(text_of("# none\n"), "0: has no keys");
}

}  // namespace
}  // namespace godwit::net
