// What Godwit promises about its limits, overflow policies and retained messages.
#include "conformance.hpp"

namespace godwit::test {
namespace {

using core::Overflow;

TEST_P(Contract, ClosesOnAPublishAboveTheHighestQos) {
    broker.settings.mqtt.max_qos = Qos::at_least_once;
    Client& publisher = client("p");
    publisher.publish("t", "x", Qos::at_least_once);
    EXPECT_THAT(publisher.texts(), ElementsAre("PUBACK 1"));
    publisher.publish("t", "x", Qos::exactly_once);
    EXPECT_THAT(publisher.texts(), ElementsAre("PUBACK 1"));
    EXPECT_EQ(publisher.closed(), CloseReason::qos_not_supported);
}

TEST_P(Contract, ClosesOnATopicTooLongOrTooDeep) {
    broker.settings.mqtt.max_topic_length = 20;
    broker.settings.mqtt.max_topic_levels = 3;
    Client& reader = subscriber("reader", "#");
    Client& publisher = client("p");
    publisher.publish("a/b/c", "deep enough");
    publisher.publish(std::string(20, 'x'), "long enough");
    EXPECT_EQ(reader.messages().size(), 2U);
    for (const std::string& topic : {std::string("a/b/c/d"), std::string(21, 'x')}) {
        Client& bad = client("bad");
        bad.publish(topic, "x", Qos::at_least_once);
        EXPECT_THAT(bad.texts(), IsEmpty());
        EXPECT_EQ(bad.closed(), CloseReason::topic_too_long);
    }
    EXPECT_EQ(reader.messages().size(), 2U);
}

TEST_P(Contract, ClosesWhenTooManyQos2MessagesAwaitTheirPubrel) {
    broker.settings.session.max_awaiting_rel = 2;
    Client& publisher = client({.client_id = "p", .acknowledges = false});
    // The same ones again do not count.
    for (const mqtt::PacketId id : std::initializer_list<mqtt::PacketId>{1, 2, 1, 2})
        publisher.publish("t", "x", Qos::exactly_once, {.packet_id = id});
    publisher.ack(PacketType::pubrel, 1);
    publisher.publish("t", "x", Qos::exactly_once, {.packet_id = 3});
    EXPECT_EQ(publisher.closed(), std::nullopt);
    publisher.publish("t", "x", Qos::exactly_once, {.packet_id = 4});
    EXPECT_EQ(publisher.closed(), CloseReason::too_many_awaiting_rel);
}

TEST_P(Contract, SendsNoMoreUnacknowledgedMessagesThanTheWindow) {
    broker.settings.session.max_inflight = 2;
    Client& reader =
        subscriber({.client_id = "reader", .acknowledges = false}, "t", Qos::exactly_once);
    Client& publisher = client("p");
    for (const std::string_view payload : {"1", "2", "3", "4"})
        publisher.publish("t", payload, Qos::exactly_once);
    publisher.publish("t", "at once", Qos::at_most_once);
    EXPECT_THAT(reader.payloads(), ElementsAre("1", "2", "at once"));
    reader.ack(PacketType::pubrec, 1);
    EXPECT_EQ(reader.messages().size(), 3U);
    reader.ack(PacketType::pubcomp, 1);
    EXPECT_THAT(reader.payloads(), ElementsAre("1", "2", "at once", "3"));
}

// --- Overflow ----------------------------------------------------------------------------------

// Five messages for an absent client whose queue has room for three.
std::vector<std::string> overflow_by(Harness& broker, Overflow policy) {
    broker.settings.session.overflow = policy;
    broker.settings.session.max_queued_messages = 3;
    const ConnectOptions away{.client_id = "away", .clean_session = false};
    Client& subscriber = broker.connect(away);
    subscriber.subscribe("t", Qos::at_least_once);
    subscriber.drop();
    Client& publisher = broker.connect({.client_id = "p"});
    for (const std::string_view payload : {"1", "2", "3", "4", "5"})
        publisher.publish("t", payload, Qos::at_least_once);
    EXPECT_EQ(publisher.received().size(), 6U);  // all acknowledged
    EXPECT_EQ(broker.drops(DropReason::queue_full), 2U);
    return broker.connect(away).payloads();
}

TEST_P(Contract, DropsTheOldestMessagesOfAFullQueue) {
    EXPECT_THAT(overflow_by(broker, Overflow::drop_oldest), ElementsAre("3", "4", "5"));
}

TEST_P(Contract, DropsTheNewestMessagesOfAFullQueue) {
    EXPECT_THAT(overflow_by(broker, Overflow::drop_newest), ElementsAre("1", "2", "3"));
}

TEST_P(Contract, NeverDropsWhatWasSent) {
    broker.settings.session.max_inflight = 2;
    broker.settings.session.max_queued_messages = 1;
    const ConnectOptions options{.client_id = "c", .clean_session = false, .acknowledges = false};
    Client& before = subscriber(options, "t", Qos::at_least_once);
    Client& publisher = client("p");
    for (const std::string_view payload : {"1", "2", "3", "4", "5"})
        publisher.publish("t", payload, Qos::at_least_once);
    EXPECT_THAT(before.payloads(), ElementsAre("1", "2"));
    before.drop();
    publisher.publish("t", "6", Qos::at_least_once);
    Client& after = client({.client_id = "c", .clean_session = false});
    after.forget();
    EXPECT_THAT(broker.connect({.client_id = "c", .clean_session = false}).payloads(), IsEmpty());
    EXPECT_EQ(broker.drops(DropReason::queue_full), 3U);
}

TEST_P(Contract, LimitsAQueueByBytesToo) {
    broker.settings.session.max_queued_bytes = 1000;
    const ConnectOptions away{.client_id = "away", .clean_session = false};
    subscriber(away, "t", Qos::at_least_once).drop();
    Client& publisher = client("p");
    for (const std::string_view digit : {"1", "2", "3"})
        publisher.publish("t", std::string(digit) + std::string(400, 'x'), Qos::at_least_once);
    const auto payloads = broker.connect(away).payloads();
    ASSERT_EQ(payloads.size(), 2U);
    EXPECT_EQ(payloads[0][0], '2');
    EXPECT_EQ(broker.drops(DropReason::queue_full), 1U);
}

TEST_P(Contract, QueuesQos0ForAbsentClientsIfAsked) {
    const ConnectOptions away{.client_id = "away", .clean_session = false};
    subscriber(away, "t", Qos::at_least_once).drop();
    Client& publisher = client("p");
    publisher.publish("t", "lost");
    broker.settings.session.queue_qos0 = true;
    publisher.publish("t", "queued");
    EXPECT_THAT(broker.connect(away).texts(),
                ElementsAre("CONNACK 0 present", "PUBLISH t q0 queued"));
}

TEST_P(Contract, DropsQos0BeyondTheBufferOfASlowReader) {
    broker.settings.limits.outbound_buffer = 4096;
    Client& slow = subscriber("slow", "t", Qos::at_least_once);
    slow.reads = false;
    Client& publisher = client("p");
    for (int i = 0; i < 10; ++i)
        publisher.publish("t", std::string(1000, 'x'));
    for (int i = 0; i < 10; ++i)
        publisher.publish("t", std::string(1000, 'y'), Qos::at_least_once);
    slow.reads = true;
    broker.run();
    const auto payloads = slow.payloads();
    EXPECT_EQ(std::count(payloads.begin(), payloads.end(), std::string(1000, 'y')), 10);
    EXPECT_EQ(payloads.size() + broker.drops(DropReason::slow_reader), 20U);
    EXPECT_GT(broker.drops(DropReason::slow_reader), 0U);
}

// --- Retained messages -------------------------------------------------------------------------

std::vector<std::string> retained_now(Harness& broker) {
    Client& reader = broker.connect({.client_id = "retained now"});
    reader.subscribe("#");
    std::vector<std::string> payloads = reader.payloads();
    reader.drop();
    std::sort(payloads.begin(), payloads.end());
    return payloads;
}

TEST_P(Contract, RoutesAndForgetsARetainedMessageTooLarge) {
    broker.settings.retained.max_payload = 5;
    Client& reader = subscriber("reader", "t");
    Client& publisher = client("p");
    publisher.publish("t", "small", Qos::at_least_once, {.retain = true});
    EXPECT_THAT(retained_now(broker), ElementsAre("small"));
    publisher.publish("t", "too large", Qos::at_least_once, {.retain = true});
    EXPECT_THAT(publisher.texts(), ElementsAre("PUBACK 1", "PUBACK 2"));
    EXPECT_THAT(reader.payloads(), ElementsAre("small", "too large"));
    EXPECT_THAT(retained_now(broker), IsEmpty());
    EXPECT_EQ(broker.drops(DropReason::retained_limit), 1U);
}

TEST_P(Contract, RoutesButDoesNotRetainBeyondTheLimit) {
    broker.settings.retained.max_messages = 2;
    Client& reader = subscriber("reader", "+");
    Client& publisher = client("p");
    for (const std::string_view topic : {"a", "b", "c"})
        publisher.publish(topic, topic, Qos::at_least_once, {.retain = true});
    EXPECT_THAT(reader.payloads(), ElementsAre("a", "b", "c"));
    EXPECT_THAT(retained_now(broker), ElementsAre("a", "b"));
    publisher.publish("b", "replaced", Qos::at_least_once, {.retain = true});
    EXPECT_THAT(retained_now(broker), ElementsAre("a", "replaced"));
    publisher.publish("a", "", Qos::at_least_once, {.retain = true});
    publisher.publish("c", "c", Qos::at_least_once, {.retain = true});
    EXPECT_THAT(retained_now(broker), ElementsAre("c", "replaced"));
}

TEST_P(Contract, RemovesRetainedMessagesThatExpire) {
    broker.settings.retained.expiry = std::chrono::hours{1};
    broker.settings.retained.expiry_overrides = {{"short/#", std::chrono::minutes{1}},
                                                 {"short/+/long", std::chrono::hours{9}},
                                                 {"for/ever", core::Duration{0}}};
    Client& publisher = client("p");
    for (const std::string_view topic : {"t", "short/x", "short/x/long", "for/ever"})
        publisher.publish(topic, topic, Qos::at_least_once, {.retain = true});
    EXPECT_EQ(retained_now(broker).size(), 4U);
    broker.advance(std::chrono::minutes{2});
    EXPECT_THAT(retained_now(broker), ElementsAre("for/ever", "t"));
    broker.advance(std::chrono::minutes{50});
    publisher.publish("t", "t again", Qos::at_least_once, {.retain = true});
    broker.advance(std::chrono::minutes{50});
    EXPECT_THAT(retained_now(broker), ElementsAre("for/ever", "t again"));
    broker.advance(std::chrono::minutes{20});
    EXPECT_THAT(retained_now(broker), ElementsAre("for/ever"));
}

TEST_P(Contract, RetainsNothingWhereThatIsTurnedOff) {
    broker.settings.retained.enabled = false;
    Client& reader = subscriber("reader", "t");
    client("p").publish("t", "x", Qos::at_least_once, {.retain = true});
    EXPECT_THAT(reader.texts(), ElementsAre("PUBLISH t q0 x"));
    EXPECT_THAT(retained_now(broker), IsEmpty());
}

TEST_P(Contract, ReplaysRetainedMessagesForEachFilter) {
    client("p").publish("a/b", "kept", Qos::at_least_once, {.retain = true});
    Client& reader = client("reader");
    reader.subscribe({{"a/#", Qos::at_most_once},
                      {"a/b", Qos::at_least_once},
                      {"nothing", Qos::at_least_once},
                      {"$local/a/+", Qos::at_most_once},
                      {"$share/g/a/b", Qos::at_most_once}});  // shared ones get none
    ASSERT_EQ(reader.messages().size(), 3U);
    EXPECT_EQ(reader.messages()[0].qos, Qos::at_most_once);
    EXPECT_EQ(reader.messages()[1].qos, Qos::at_least_once);
    EXPECT_THAT(reader.payloads(), Each("kept"));
}

TEST_P(Contract, LimitsSubscriptionsPerClient) {
    broker.settings.limits.max_subscriptions = 2;
    Client& reader = client("reader");
    reader.subscribe("a");
    reader.subscribe(
        {{"b", Qos::at_most_once}, {"c", Qos::at_most_once}, {"a", Qos::at_least_once}});
    EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 1 [0]", "SUBACK 2 [0 128 1]"));
    reader.unsubscribe("a");
    reader.forget();
    reader.subscribe("c");
    EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 4 [0]"));
}

TEST_P(Contract, SendsAgainOnALiveConnectionIfAsked) {
    broker.settings.session.retry_interval = std::chrono::seconds{10};
    Client& reader =
        subscriber({.client_id = "reader", .acknowledges = false}, "t", Qos::at_least_once);
    client("p").publish("t", "x", Qos::at_least_once);
    broker.advance(std::chrono::seconds{21});
    ASSERT_GE(reader.messages().size(), 2U);
    EXPECT_THAT(reader.texts()[1], "PUBLISH t q1 #1 dup x");
    reader.ack(PacketType::puback, 1);
    reader.forget();
    broker.advance(std::chrono::seconds{60});
    EXPECT_THAT(reader.received(), IsEmpty());
}

}  // namespace
}  // namespace godwit::test
