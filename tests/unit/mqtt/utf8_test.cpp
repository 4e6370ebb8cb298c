#include <gtest/gtest.h>

#include <string>

#include "godwit/mqtt/topic.hpp"

namespace godwit::mqtt {
namespace {

// UTF-8 by its definition: what encodes to the code point, surrogates and all.
std::string encode(char32_t c) {
    const auto tail = [c](int shift) { return static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
    if (c < 0x80) return {static_cast<char>(c)};
    if (c < 0x800) return {static_cast<char>(0xC0 | c >> 6), tail(0)};
    if (c < 0x10000) return {static_cast<char>(0xE0 | c >> 12), tail(6), tail(0)};
    return {static_cast<char>(0xF0 | c >> 18), tail(12), tail(6), tail(0)};
}

TEST(Utf8Test, TakesEveryCharacterButNulAndSurrogates) {  // [MQTT-1.5.3-1] [MQTT-1.5.3-2]
    for (char32_t c = 0; c < 0x120000; ++c) {
        const bool surrogate = c >= 0xD800 && c <= 0xDFFF;
        const bool expected = c != 0 && !surrogate && c <= 0x10FFFF;
        ASSERT_EQ(is_utf8_string(encode(c)), expected) << "U+" << std::hex << unsigned{c};
    }
}

// Strings are taken eight bytes at a time where they are ASCII: no place may be overlooked.
TEST(Utf8Test, FindsABadByteAnywhere) {
    for (std::size_t size = 1; size <= 40; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            std::string text(size, 'a');
            ASSERT_TRUE(is_utf8_string(text));
            for (const char bad : {'\0', '\x80', '\xC3', '\xFF'}) {
                text[at] = bad;
                EXPECT_FALSE(is_utf8_string(text)) << "byte " << at << " of " << size;
            }
        }
    }
}

TEST(Utf8Test, FindsAWildcardInATopicAnywhere) {  // [MQTT-3.3.2-2]
    for (std::size_t size = 1; size <= 40; ++size) {
        for (std::size_t at = 0; at < size; ++at) {
            for (const char neighbour : {'a', '*', ',', '"', '$', '\x7F'}) {
                std::string topic(size, neighbour);
                ASSERT_TRUE(is_topic_name(topic));
                topic[at] = '+';
                EXPECT_FALSE(is_topic_name(topic)) << "byte " << at << " of " << size;
                topic[at] = '#';
                EXPECT_FALSE(is_topic_name(topic)) << "byte " << at << " of " << size;
            }
        }
    }
}

TEST(Utf8Test, FindsAWildcardBehindOtherThanAscii) {
    EXPECT_TRUE(is_topic_name("gr\u00FC\u00DFe/aus/K\u00F6ln"));
    EXPECT_FALSE(is_topic_name("gr\u00FC\u00DFe/aus/K\u00F6ln/#"));
}

TEST(Utf8Test, RefusesWhatIsCutWithinACharacter) {
    for (const std::string whole : {"\u00E9", "\u20AC", "\U0001F3B6"}) {
        EXPECT_TRUE(is_utf8_string(whole));
        for (std::size_t size = 1; size < whole.size(); ++size) {
            EXPECT_FALSE(is_utf8_string(whole.substr(0, size)));
        }
    }
}

TEST(Utf8Test, RefusesOverlongForms) {
    EXPECT_FALSE(is_utf8_string("\xC0\xAF"));
    EXPECT_FALSE(is_utf8_string("\xC1\xBF"));
    EXPECT_FALSE(is_utf8_string("\xE0\x80\xAF"));
    EXPECT_FALSE(is_utf8_string("\xF0\x80\x80\xAF"));
}

TEST(Utf8Test, TakesAByteOrderMarkForACharacter) {  // [MQTT-1.5.3-3]
    EXPECT_TRUE(is_utf8_string("\uFEFF"));
    EXPECT_TRUE(is_topic_name("\uFEFF"));
}

TEST(Utf8Test, LimitsTheSizeOfATopic) {  // [MQTT-4.7.3-3]
    EXPECT_TRUE(is_topic_name(std::string(kTopicSizeMax, 'a')));
    EXPECT_FALSE(is_topic_name(std::string(kTopicSizeMax + 1, 'a')));
}

TEST(Utf8Test, AllowsAnEmptyStringButNoEmptyTopic) {  // [MQTT-4.7.3-1]
    EXPECT_TRUE(is_utf8_string(""));
    EXPECT_FALSE(is_topic_name(""));
}

}  // namespace
}  // namespace godwit::mqtt
