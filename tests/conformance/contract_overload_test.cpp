// What Godwit promises about clients that want too much: publish rates, fights for a client id, and
// a process whose memory is used up.
#include "conformance.hpp"

namespace godwit::test {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// --- limits.publish_rate, limits.publish_bytes_rate --------------------------------------------

std::vector<std::string> numbers(int first, int last) {
    std::vector<std::string> texts;
    for (int i = first; i <= last; ++i)
        texts.push_back(std::to_string(i));
    return texts;
}

TEST_P(Contract, PausesWhoPublishesTooFastAndLosesNothing) {
    broker.settings.limits.publish_rate = 10;
    for (const Qos qos : {Qos::at_most_once, Qos::at_least_once, Qos::exactly_once}) {
        Client& reader = subscriber("reader", "t", qos);
        Client& publisher = client("publisher");
        for (const std::string& number : numbers(1, 25))
            publisher.publish("t", number, qos);
        EXPECT_THAT(reader.payloads(), ElementsAreArray(numbers(1, 10))) << "a second's worth";
        broker.advance(milliseconds{500});
        EXPECT_THAT(reader.payloads(), ElementsAreArray(numbers(1, 15)));
        broker.advance(seconds{1});
        EXPECT_THAT(reader.payloads(), ElementsAreArray(numbers(1, 25)));
        EXPECT_EQ(publisher.closed(), std::nullopt);
        reader.disconnect();
        publisher.disconnect();
    }
}

TEST_P(Contract, CountsBytesWhereBytesAreLimited) {
    broker.settings.limits.publish_bytes_rate = 1000;
    Client& reader = subscriber("reader", "t");
    Client& publisher = client("publisher");
    const std::string payload(394, 'x');  // and six bytes before it
    for (int i = 0; i < 4; ++i)
        publisher.publish("t", payload);
    EXPECT_EQ(reader.payloads().size(), 2U);
    broker.advance(milliseconds{199});
    EXPECT_EQ(reader.payloads().size(), 2U);
    broker.advance(milliseconds{1});
    EXPECT_EQ(reader.payloads().size(), 3U);
    broker.advance(seconds{1});
    EXPECT_EQ(reader.payloads().size(), 4U);
}

TEST_P(Contract, TakesAMessageThatIsMoreThanASecondsWorth) {
    broker.settings.limits.publish_bytes_rate = 1000;
    Client& reader = subscriber("reader", "t");
    Client& publisher = client("publisher");
    publisher.publish("t", std::string(3000, 'x'));
    EXPECT_EQ(reader.payloads().size(), 1U);
    publisher.publish("t", "next");
    for (int i = 0; i < 20; ++i)
        broker.advance(milliseconds{100});
    EXPECT_EQ(reader.payloads().size(), 1U) << "the debt is paid first";
    broker.advance(seconds{1});
    EXPECT_EQ(reader.payloads().size(), 2U);
}

TEST_P(Contract, AnswersAndAcknowledgesForAPublisherThatIsTooFast) {
    broker.settings.limits.publish_rate = 1;
    broker.settings.session.max_inflight = 1;
    Client& fast = subscriber("fast", "for/fast", Qos::exactly_once);
    fast.publish("t", "1");
    fast.publish("t", "2");  // waits
    for (const std::string& number : numbers(1, 3))
        client("other " + number).publish("for/fast", number, Qos::exactly_once);
    EXPECT_THAT(fast.payloads(), ElementsAre("1", "2", "3")) << "its window moves on";
    fast.forget();
    fast.ping();
    EXPECT_THAT(fast.texts(), ElementsAre("PINGRESP"));
    fast.forget();
    fast.subscribe("more");
    EXPECT_THAT(fast.texts(), IsEmpty()) << "all else waits for its turn";
    broker.advance(seconds{1});
    EXPECT_THAT(fast.texts(), ElementsAre("SUBACK 2 [0]"));
}

TEST_P(Contract, LimitsEachClientByItself) {
    broker.settings.limits.publish_rate = 1;
    Client& reader = subscriber("reader", "t");
    Client& fast = client("fast");
    for (int i = 0; i < 5; ++i)
        fast.publish("t", "fast");
    client("slow").publish("t", "slow");
    EXPECT_THAT(reader.payloads(), ElementsAre("fast", "slow"));
}

TEST_P(Contract, LetsAPublisherGoThatIsTooFast) {
    broker.settings.limits.publish_rate = 1;
    Client& reader = subscriber("reader", "#");
    ConnectOptions options{.client_id = "fast"};
    options.will = WillOptions{.topic = "will", .payload = "gone"};
    Client& fast = client(options);
    fast.publish("t", "1");
    fast.publish("t", "2");
    fast.drop();
    EXPECT_THAT(reader.payloads(), ElementsAre("1", "gone"));
    client(options).publish("t", "3");
    broker.advance(seconds{5});
    EXPECT_THAT(reader.payloads(), ElementsAre("1", "gone", "3"));
}

TEST_P(Contract, TakesAllThatCameBeforeTheEndOfTheStream) {
    broker.settings.limits.publish_rate = 2;
    Client& reader = subscriber("reader", "#");
    Client& polite = client({.client_id = "polite", .will = WillOptions{"will", "polite"}});
    Client& abrupt = client({.client_id = "abrupt", .will = WillOptions{"will", "abrupt"}});
    for (Client* publisher : {&polite, &abrupt}) {
        for (const std::string& number : numbers(1, 4))
            publisher->publish("t", number);
    }
    polite.disconnect();
    polite.finish();
    abrupt.finish();
    EXPECT_EQ(reader.payloads().size(), 4U);
    EXPECT_EQ(polite.closed(), std::nullopt);
    broker.advance(seconds{1});
    EXPECT_EQ(reader.payloads().size(), 9U)
        << "eight messages, and the will of who said no goodbye";
    EXPECT_EQ(reader.payloads().back(), "abrupt");
    EXPECT_EQ(polite.closed(), CloseReason::disconnect);
    EXPECT_EQ(abrupt.closed(), CloseReason::peer_closed);
}

TEST_P(Contract, FollowsARateThatChanges) {
    broker.settings.limits.publish_bytes_rate = 1;
    Client& reader = subscriber("reader", "t");
    Client& publisher = client("publisher");
    publisher.publish("t", std::string(100'000, 'x'));
    publisher.publish("t", "next");
    broker.advance(seconds{10});
    EXPECT_EQ(reader.payloads().size(), 1U);
    broker.settings.limits.publish_bytes_rate = 0;
    broker.advance(seconds{1});
    EXPECT_EQ(reader.payloads().size(), 2U);
}

TEST_P(Contract, CountsAPacketThatWaitsOnce) {
    broker.settings.limits.publish_rate = 1;
    Client& publisher = client({.client_id = "publisher"});
    for (int i = 0; i < 3; ++i)
        publisher.publish("t", "x");
    for (int i = 0; i < 30; ++i)
        broker.advance(milliseconds{100});
    std::uint64_t publishes = 0;
    for (std::size_t i = 0; i < GetParam().shards; ++i) {
        publishes += broker.shard(i)
                         .counters()
                         .packets_received[static_cast<std::size_t>(PacketType::publish)]
                         .get();
    }
    EXPECT_EQ(publishes, 3U);
}

// --- limits.takeover_rate ----------------------------------------------------------------------

std::size_t fights_told(const Harness& broker) {
    const auto& lines = broker.events.lines;
    return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [](const auto& line) {
        return line.starts_with("takeovers refused shared id");
    }));
}

TEST_P(Contract, RefusesTakeoversBeyondTheirRateForAMinute) {
    broker.settings.limits.takeover_rate = 2;
    for (const bool clean : {true, false}) {
        SCOPED_TRACE(clean ? "clean" : "persistent");
        const ConnectOptions options{.client_id = "shared id", .clean_session = clean};
        const std::size_t told = fights_told(broker);
        Client& first = client(options);
        Client& second = client(options);
        EXPECT_EQ(first.closed(), CloseReason::taken_over);
        Client& third = client(options);
        EXPECT_EQ(second.closed(), CloseReason::taken_over);
        for (int i = 0; i < 6; ++i) {  // 59 s
            Client& refused = broker.connect(options);
            EXPECT_THAT(refused.texts(), ElementsAre("CONNACK 3"));
            EXPECT_EQ(refused.closed(), CloseReason::takeover_limit);
            broker.advance(milliseconds{9900});
        }
        EXPECT_EQ(third.closed(), std::nullopt) << "the holder stays";
        EXPECT_EQ(fights_told(broker), told + 1) << "not for each of them";
        broker.advance(seconds{1});
        Client& later = client(options);
        EXPECT_EQ(third.closed(), CloseReason::taken_over);
        later.disconnect();
        broker.advance(seconds{120});
    }
}

TEST_P(Contract, GrantsTakeoversAtTheirRateForEver) {
    broker.settings.limits.takeover_rate = 2;
    for (int i = 0; i < 20; ++i) {
        client({.client_id = "shared id"});
        broker.advance(seconds{30});
    }
    EXPECT_EQ(fights_told(broker), 0U);
}

TEST_P(Contract, DoesNotCountAReturnForATakeover) {
    broker.settings.limits.takeover_rate = 1;
    for (int i = 0; i < 10; ++i)
        client({.client_id = "shared id", .clean_session = false}).drop();
    EXPECT_EQ(fights_told(broker), 0U);
}

// --- limits.memory_high_water ------------------------------------------------------------------

TEST_P(Contract, RefusesNewcomersWhileMemoryIsUsedUp) {
    Client& there = subscriber("there", "t");
    broker.set_memory_high(true);
    Client& refused = broker.connect({.client_id = "newcomer"});
    EXPECT_THAT(refused.texts(), ElementsAre("CONNACK 3"));
    EXPECT_EQ(refused.closed(), CloseReason::memory_limit);
    there.ping();
    EXPECT_THAT(there.texts(), ElementsAre("PINGRESP")) << "who is there stays";
    broker.set_memory_high(false);
    client("newcomer").publish("t", "hello");
    EXPECT_THAT(there.payloads(), ElementsAre("hello"));
}

TEST_P(Contract, DropsQos0AndPausesOtherPublishersWhileMemoryIsUsedUp) {
    Client& reader = subscriber("reader", "t", Qos::exactly_once);
    Client& careless = client("careless");
    Client& careful = client("careful");
    broker.set_memory_high(true);
    careless.publish("t", "lost");
    careful.publish("t", "1", Qos::at_least_once);
    careful.publish("t", "2", Qos::exactly_once);
    careful.publish("t", "3");
    careful.ping();
    EXPECT_THAT(reader.received(), IsEmpty());
    EXPECT_EQ(broker.drops(DropReason::memory), 1U);
    EXPECT_THAT(careful.texts(), ElementsAre("PINGRESP"));
    broker.set_memory_high(false);
    EXPECT_THAT(reader.payloads(), ElementsAre("1", "2", "3"));
    EXPECT_EQ(broker.drops(DropReason::memory), 1U) << "nothing is lost that waited";
}

TEST_P(Contract, GoesOnDeliveringWhileMemoryIsUsedUp) {
    broker.settings.session.max_inflight = 1;
    Client& reader =
        subscriber({.client_id = "reader", .acknowledges = false}, "t", Qos::at_least_once);
    for (const std::string& number : numbers(1, 3))
        client("publisher " + number).publish("t", number, Qos::at_least_once);
    broker.set_memory_high(true);
    reader.ack(PacketType::puback, 1);
    EXPECT_THAT(reader.payloads(), ElementsAre("1", "2")) << "that is how memory becomes free";
}

}  // namespace
}  // namespace godwit::test
