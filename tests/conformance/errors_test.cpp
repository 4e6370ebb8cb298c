// Errors. [MQTT-4.8]
#include "conformance.hpp"

namespace godwit::test {
namespace {

TEST_P(Conformance, MQTT_4_8_0_1_ClosesOnAProtocolViolationThatConnectionAlone) {
    static constexpr std::string_view kViolations[] = {
        "00 00",                      // reserved packet type
        "F0 00",                      // reserved packet type
        "20 02 00 00",                // CONNACK, which only servers send
        "90 03 0001 00",              // SUBACK
        "B0 02 0001",                 // UNSUBACK
        "D0 00",                      // PINGRESP
        "C0 01 00",                   // PINGREQ with a body
        "E0 01 00",                   // DISCONNECT with a body
        "40 03 0001 00",              // PUBACK too long
        "40 01 00",                   // PUBACK too short
        "50 02 0000",                 // PUBREC with packet id 0
        "82 07 0001 0001 't' 00 00",  // SUBSCRIBE with a rest
        "82 05 0001 0001 't'",        // SUBSCRIBE without its last byte
        "30 FF FF FF FF 01",          // remaining length of five bytes
        "32 03 0001 't'",             // PUBLISH at QoS 1 without a packet id
    };
    Client& other = subscriber("other", "t");
    for (const std::string_view packet : kViolations) {
        SCOPED_TRACE(packet);
        Client& bad = client("bad");
        // Nothing behind it is looked at.
        EXPECT_THAT(answer(bad, std::string(packet) + " C0 00 30 03 0001 't'"), IsEmpty());
        ASSERT_NE(bad.closed(), std::nullopt);
        EXPECT_THAT(*bad.closed(), ::testing::AnyOf(CloseReason::malformed_packet,
                                                    CloseReason::protocol_violation));
    }
    EXPECT_THAT(other.received(), IsEmpty());
    client("p").publish("t", "x");
    EXPECT_THAT(other.payloads(), ElementsAre("x"));
}

TEST_P(Conformance, MQTT_4_8_0_1_ClosesOnAPacketTooLarge) {
    broker.settings.mqtt.max_packet_size = 100;
    Client& reader = subscriber("reader", "t");
    Client& publisher = client("p");
    publisher.publish("t", std::string(95, 'x'));
    EXPECT_EQ(reader.messages().size(), 1U);
    // As soon as its length is known.
    EXPECT_THAT(answer(publisher, "30 63"), IsEmpty());
    EXPECT_EQ(publisher.closed(), CloseReason::packet_too_large);
}

TEST_P(Conformance, MQTT_4_8_0_2_ClosesThePublisherItCannotServe) {
    // No room in a queue for as long as it is willing to wait.
    broker.settings.session.overflow = core::Overflow::hold;
    broker.settings.session.max_queued_messages = 1;
    subscriber({.client_id = "away", .clean_session = false}, "t", Qos::at_least_once).drop();
    Client& publisher = client("p");
    publisher.publish("t", "1", Qos::at_least_once);
    publisher.publish("t", "2", Qos::at_least_once);
    EXPECT_THAT(publisher.texts(), ElementsAre("PUBACK 1"));
    broker.advance(std::chrono::seconds{59});
    EXPECT_EQ(publisher.closed(), std::nullopt);
    broker.advance(std::chrono::seconds{2});
    EXPECT_EQ(publisher.closed(), CloseReason::held);
    EXPECT_THAT(publisher.texts(), ElementsAre("PUBACK 1"));
}

}  // namespace
}  // namespace godwit::test
