#include "base64.hpp"

#include <gtest/gtest.h>

namespace godwit::auth {
namespace {

using Decoded = std::optional<std::string>;

TEST(Base64Test, DecodesTheVectorsOfRfc4648) {
    const auto decode = [](std::string_view text) { return decode_base64(text, Base64::standard); };
    EXPECT_EQ(decode(""), Decoded(""));
    EXPECT_EQ(decode("Zg=="), Decoded("f"));
    EXPECT_EQ(decode("Zm8="), Decoded("fo"));
    EXPECT_EQ(decode("Zm9v"), Decoded("foo"));
    EXPECT_EQ(decode("Zm9vYg"), Decoded("foob"));
    EXPECT_EQ(decode("Zm9vYmE"), Decoded("fooba"));
}

TEST(Base64Test, EncodesWithoutPadding) {
    EXPECT_EQ(encode_base64(""), "");
    EXPECT_EQ(encode_base64("f"), "Zg");
    EXPECT_EQ(encode_base64("fo"), "Zm8");
    EXPECT_EQ(encode_base64("foobar"), "Zm9vYmFy");
    EXPECT_EQ(encode_base64("\xfb\xff"), "+/8");
}

TEST(Base64Test, ComesBackFromEveryLength) {
    std::string bytes;
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(decode_base64(encode_base64(bytes), Base64::standard), Decoded(bytes));
        bytes += static_cast<char>(i * 7);
    }
}

TEST(Base64Test, KnowsTheLettersOfUrls) {
    EXPECT_EQ(decode_base64("-_8", Base64::url), Decoded("\xfb\xff"));
    EXPECT_EQ(decode_base64("-_8", Base64::standard), std::nullopt);
    EXPECT_EQ(decode_base64("+/8", Base64::url), std::nullopt);
}

TEST(Base64Test, RefusesWhatIsNotTheOneTextOfItsValue) {
    for (const auto* text : {"Z", "Zh", "Zm9", "Zm=v", "Zg===", "Zg=", "Z g", "====", "Zm9v="}) {
        EXPECT_EQ(decode_base64(text, Base64::standard), std::nullopt) << text;
    }
    EXPECT_EQ(decode_base64("Zg==", Base64::url), std::nullopt);
}

}  // namespace
}  // namespace godwit::auth
