#include "base64.hpp"

#include <gtest/gtest.h>

namespace godwit::admin {
namespace {

std::vector<std::byte> bytes(std::string_view text) {
    const auto* const begin = reinterpret_cast<const std::byte*>(text.data());
    return {begin, begin + text.size()};
}

TEST(Base64Test, WritesWhatTheRfcWrites) {
    EXPECT_EQ(encode_base64(bytes("")), "");
    EXPECT_EQ(encode_base64(bytes("f")), "Zg==");
    EXPECT_EQ(encode_base64(bytes("fo")), "Zm8=");
    EXPECT_EQ(encode_base64(bytes("foo")), "Zm9v");
    EXPECT_EQ(encode_base64url(bytes("\xfb\xff\xfe\xfb")), "-__--w");
}

TEST(Base64Test, ReadsWhatItWrites) {
    std::string text;
    for (int i = 0; i < 256; ++i) {
        EXPECT_EQ(decode_base64(encode_base64(bytes(text))), bytes(text)) << i;
        text += static_cast<char>(i);
    }
}

TEST(Base64Test, RefusesWhatIsNone) {
    for (const char* text : {"Zg", "Zg=", "Z===", "====", "Zg==Zg==", "Zm 9v", "Zm9-", " Zm9v"})
        EXPECT_FALSE(decode_base64(text)) << text;
}

}  // namespace
}  // namespace godwit::admin
