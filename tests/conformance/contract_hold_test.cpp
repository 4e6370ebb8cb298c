// What Godwit promises about publishers that wait for room (overflow: hold).
#include "conformance.hpp"

namespace godwit::test {
namespace {

class Hold : public Contract {
protected:
    void SetUp() override {
        broker.settings.session.overflow = core::Overflow::hold;
        broker.settings.session.max_inflight = 1;
        broker.settings.session.max_queued_messages = 1;
    }
};

INSTANTIATE_TEST_SUITE_P(Brokers, Hold, ::testing::ValuesIn(kBrokers), name_of);

TEST_P(Hold, AcknowledgesOnceThereIsRoom) {
    Client& slow =
        subscriber({.client_id = "slow", .acknowledges = false}, "t", Qos::at_least_once);
    Client& publisher = client("p");
    for (const std::string_view payload : {"1", "2", "3", "4"})
        publisher.publish("t", payload, Qos::at_least_once);
    EXPECT_THAT(publisher.texts(), ElementsAre("PUBACK 1", "PUBACK 2"));
    EXPECT_THAT(slow.payloads(), ElementsAre("1"));
    slow.ack(PacketType::puback, 1);
    EXPECT_THAT(publisher.texts(), ElementsAre("PUBACK 1", "PUBACK 2", "PUBACK 3"));
    slow.acknowledges = true;
    slow.ack(PacketType::puback, 2);
    EXPECT_THAT(slow.payloads(), ElementsAre("1", "2", "3", "4"));
    EXPECT_EQ(publisher.texts().back(), "PUBACK 4");
    for (std::size_t reason = 0; reason < core::kDropReasons; ++reason)
        EXPECT_EQ(broker.drops(static_cast<DropReason>(reason)), 0U);
}

TEST_P(Hold, WaitsForAnAbsentClientToComeBack) {
    const ConnectOptions away{.client_id = "away", .clean_session = false};
    subscriber(away, "t", Qos::at_least_once).drop();
    Client& publisher = client("p");
    for (const std::string_view payload : {"1", "2", "3"})
        publisher.publish("t", payload, Qos::at_least_once);
    EXPECT_THAT(publisher.texts(), ElementsAre("PUBACK 1"));
    broker.advance(std::chrono::seconds{50});
    EXPECT_THAT(broker.connect(away).payloads(), ElementsAre("1", "2", "3"));
    EXPECT_THAT(publisher.texts(), ElementsAre("PUBACK 1", "PUBACK 2", "PUBACK 3"));
}

TEST_P(Hold, StillAnswersPingreqAndPubrelOfThePublisher) {
    subscriber({.client_id = "away", .clean_session = false}, "t", Qos::at_least_once).drop();
    Client& publisher = client({.client_id = "p", .acknowledges = false});
    publisher.publish("other", "x", Qos::exactly_once, {.packet_id = 9});
    publisher.publish("t", "1", Qos::at_least_once, {.packet_id = 1});
    publisher.publish("t", "2", Qos::at_least_once, {.packet_id = 2});  // held
    publisher.publish("t", "3", Qos::at_least_once, {.packet_id = 3});  // not taken
    publisher.forget();
    publisher.ping();
    publisher.ack(PacketType::pubrel, 9);
    EXPECT_THAT(publisher.texts(), ElementsAre("PINGRESP", "PUBCOMP 9"));
}

TEST_P(Hold, HandlesWhatAPausedClientSentInItsOrder) {
    const ConnectOptions away{.client_id = "away", .clean_session = false};
    subscriber(away, "t", Qos::at_least_once).drop();
    Client& reader = subscriber("reader", "will");
    Client& publisher = client({.client_id = "p", .will = WillOptions{"will", "gone"}});
    for (const std::string_view payload : {"1", "2", "3"})  // the second one is held
        publisher.publish("t", payload, Qos::at_least_once);
    publisher.disconnect();
    EXPECT_EQ(publisher.closed(), std::nullopt);
    EXPECT_THAT(broker.connect(away).payloads(), ElementsAre("1", "2", "3"));
    EXPECT_EQ(publisher.closed(), CloseReason::disconnect);
    EXPECT_THAT(reader.received(), IsEmpty());
}

TEST_P(Hold, KeepsThePromiseOfADisconnectThatWaits) {
    subscriber({.client_id = "away", .clean_session = false}, "t", Qos::at_least_once).drop();
    Client& reader = subscriber("reader", "will");
    for (const bool taken_over : {true, false}) {
        Client& publisher = client({.client_id = "p", .will = WillOptions{"will", "gone"}});
        publisher.publish("t", "1", Qos::at_least_once);
        publisher.publish("t", "2", Qos::at_least_once);
        publisher.disconnect();
        taken_over ? (void)client("p") : publisher.drop();
        EXPECT_THAT(reader.received(), IsEmpty());
    }
}

TEST_P(Hold, ClosesThePublisherAfter60Seconds) {
    subscriber({.client_id = "away", .clean_session = false}, "t", Qos::at_least_once).drop();
    Client& reader = subscriber("reader", "will");
    Client& publisher = client({.client_id = "p", .will = WillOptions{"will", "gone"}});
    publisher.publish("t", "1", Qos::at_least_once);
    publisher.publish("t", "2", Qos::at_least_once);
    broker.advance(std::chrono::seconds{61});
    EXPECT_EQ(publisher.closed(), CloseReason::held);
    EXPECT_THAT(reader.payloads(), ElementsAre("gone"));
}

TEST_P(Hold, NeverHoldsAPublisherForItself) {
    Client& itself = subscriber({.client_id = "c", .acknowledges = false}, "t", Qos::at_least_once);
    for (const std::string_view payload : {"1", "2", "3", "4"})
        itself.publish("t", payload, Qos::at_least_once);
    EXPECT_EQ(itself.payloads(), std::vector<std::string>{"1"});
    EXPECT_EQ(itself.received().size(), 5U);  // four PUBACKs
    EXPECT_EQ(broker.drops(DropReason::self_full), 2U);
    itself.acknowledges = true;
    itself.ack(PacketType::puback, itself.messages()[0].packet_id);
    EXPECT_THAT(itself.payloads(), ElementsAre("1", "2"));
}

TEST_P(Hold, LetsTwoClientsThatFeedEachOtherGoOn) {
    Client& one =
        subscriber({.client_id = "one", .acknowledges = false}, "to/one", Qos::at_least_once);
    Client& two =
        subscriber({.client_id = "two", .acknowledges = false}, "to/two", Qos::at_least_once);
    for (int i = 0; i < 5; ++i) {
        one.publish("to/two", std::to_string(i), Qos::at_least_once);
        two.publish("to/one", std::to_string(i), Qos::at_least_once);
    }
    // Both wait for each other's queue, but their acknowledgements are still taken.
    EXPECT_THAT(one.payloads(), ElementsAre("0"));
    EXPECT_THAT(two.payloads(), ElementsAre("0"));
    one.acknowledges = true;
    two.acknowledges = true;
    one.ack(PacketType::puback, one.messages()[0].packet_id);
    two.ack(PacketType::puback, two.messages()[0].packet_id);
    EXPECT_THAT(one.payloads(), ElementsAre("0", "1", "2", "3", "4"));
    EXPECT_THAT(two.payloads(), ElementsAre("0", "1", "2", "3", "4"));
    for (const Client* client : {&one, &two}) {
        const auto texts = client->texts();
        EXPECT_EQ(std::count_if(texts.begin(), texts.end(),
                                [](const std::string& text) { return text.starts_with("PUBACK"); }),
                  5);
    }
}

TEST_P(Hold, HoldsQos2Too) {
    const ConnectOptions away{.client_id = "away", .clean_session = false};
    subscriber(away, "t", Qos::exactly_once).drop();
    Client& publisher = client("p");
    for (const std::string_view payload : {"1", "2", "3"})
        publisher.publish("t", payload, Qos::exactly_once);
    EXPECT_THAT(publisher.texts(), ElementsAre("PUBREC 1", "PUBCOMP 1"));
    EXPECT_THAT(broker.connect(away).payloads(), ElementsAre("1", "2", "3"));
    EXPECT_EQ(publisher.texts().size(), 6U);
}

}  // namespace
}  // namespace godwit::test
