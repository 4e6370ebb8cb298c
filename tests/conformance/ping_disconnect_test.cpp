// PINGREQ and DISCONNECT. [MQTT-3.12] [MQTT-3.14]
#include "conformance.hpp"

namespace godwit::test {
namespace {

TEST_P(Conformance, MQTT_3_12_4_1_AnswersPingreqByPingresp) {
    Client& one = client("one");
    EXPECT_THAT(answer(one, "C0 00"), ElementsAre("PINGRESP"));
    EXPECT_THAT(answer(one, "C0 00 C0 00"), ElementsAre("PINGRESP", "PINGRESP"));
}

TEST_P(Conformance, MQTT_3_14_1_1_ClosesOnDisconnectWithOtherFlags) {
    Client& reader = subscriber("reader", "#");
    for (const std::string_view packet : {"E1 00", "E2 00", "E4 00", "E8 00"}) {
        Client& bad = client({.client_id = "bad", .will = WillOptions{"will", "gone"}});
        EXPECT_THAT(answer(bad, packet), IsEmpty()) << packet;
        EXPECT_EQ(bad.closed(), CloseReason::malformed_packet) << packet;
    }
    // It was no DISCONNECT, so the wills were published.
    EXPECT_EQ(reader.messages().size(), 4U);
}

TEST_P(Conformance, MQTT_3_14_4_2_ReadsNothingBehindDisconnect) {
    Client& reader = subscriber("reader", "#");
    Client& done = client("done");
    EXPECT_THAT(answer(done, "E0 00 C0 00 30 03 0001 't' F0 00"), IsEmpty());
    EXPECT_EQ(done.closed(), CloseReason::disconnect);
    EXPECT_THAT(reader.received(), IsEmpty());
}

TEST_P(Conformance, MQTT_3_14_4_3_DiscardsTheWillAtDisconnect) {
    Client& reader = subscriber("reader", "#");
    for (const bool clean : {true, false}) {
        Client& leaving = client({.client_id = "leaving",
                                  .clean_session = clean,
                                  .will = WillOptions{"will", "gone", Qos::at_least_once, true}});
        leaving.disconnect();
        EXPECT_EQ(leaving.closed(), CloseReason::disconnect);
    }
    // Also when others take the id over, and when the session expires.
    (void)client({.client_id = "leaving", .clean_session = false});
    broker.advance(std::chrono::hours{24});
    EXPECT_THAT(reader.received(), IsEmpty());
    Client& later = client("later");
    later.subscribe("will");
    EXPECT_THAT(later.messages(), IsEmpty());
}

}  // namespace
}  // namespace godwit::test
