// Text. [MQTT-1.5.3]
#include "conformance.hpp"

namespace godwit::test {
namespace {

TEST_P(Conformance, MQTT_1_5_3_1_ClosesOnIllFormedUtf8) {
    static constexpr std::string_view kIllFormed[] = {
        "FF",        // no UTF-8 at all
        "80",        // a continuation of nothing
        "C3",        // cut short
        "E282",      // cut short
        "C080",      // U+0000, too long
        "E0809F",    // too long
        "EDA080",    // U+D800
        "EDBFBF",    // U+DFFF
        "F4908080",  // above U+10FFFF
    };
    Client& other = subscriber("other", "#");
    for (const std::string_view text : kIllFormed) {
        const std::size_t size = text.size() / 2;
        const auto hex = [](std::size_t byte) {
            constexpr std::string_view kDigits = "0123456789ABCDEF";
            return std::string{kDigits[byte / 16], kDigits[byte % 16]};
        };
        const std::string field = " 00" + hex(size) + " " + std::string(text);
        for (const std::string& packet : {
                 "30 " + hex(2 + size) + field,
                 "82 " + hex(5 + size) + " 0001" + field + " 00",
                 "A2 " + hex(4 + size) + " 0001" + field,
             }) {
            SCOPED_TRACE(packet);
            Client& bad = client("bad");
            EXPECT_THAT(answer(bad, packet), IsEmpty());
            EXPECT_EQ(bad.closed(), CloseReason::malformed_packet);
        }
    }
    EXPECT_THAT(other.received(), IsEmpty());
    EXPECT_EQ(other.closed(), std::nullopt);
}

TEST_P(Conformance, MQTT_1_5_3_2_ClosesOnNullCharacter) {
    for (const std::string_view packet : {
             "30 05 0003 'a' 00 'b'",
             "82 08 0001 0003 'a' 00 'b' 00",
             "A2 07 0001 0003 'a' 00 'b'",
         }) {
        SCOPED_TRACE(packet);
        Client& bad = client("bad");
        EXPECT_THAT(answer(bad, packet), IsEmpty());
        EXPECT_EQ(bad.closed(), CloseReason::malformed_packet);
    }
}

TEST_P(Conformance, MQTT_1_5_3_3_KeepsTheByteOrderMark) {
    Client& every = subscriber("every", "#");
    Client& marked = subscriber("marked",
                                "\xEF\xBB\xBF"
                                "a");
    Client& plain = subscriber("plain", "a");
    client("p").publish(
        "\xEF\xBB\xBF"
        "a",
        "x");
    EXPECT_THAT(every.texts(), ElementsAre("PUBLISH \xEF\xBB\xBF"
                                           "a q0 x"));
    EXPECT_EQ(marked.texts(), every.texts());
    EXPECT_THAT(plain.texts(), IsEmpty());
}

}  // namespace
}  // namespace godwit::test
