#include "godwit/core/shard.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "shard_harness.hpp"

namespace godwit::core {
namespace {

using test::Client;
using test::Harness;
using test::Qos;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

// The tests of single bugs and promises of the core as a whole; what the standard says about it is
// in tests/conformance/, and what holds under any order of events in tests/simulation/.

TEST(ShardTest, DeliversBetweenShards) {
    Harness broker{{}, 4};
    std::vector<Client*> subscribers;
    for (const char* id : {"a", "b", "c", "d", "e"}) {
        subscribers.push_back(&broker.connect({.client_id = id}));
        subscribers.back()->subscribe("x/#", Qos::at_least_once);
    }
    Client& publisher = broker.connect({.client_id = "p"});
    publisher.publish("x/y", "hello", Qos::at_least_once);
    for (const Client* subscriber : subscribers) {
        EXPECT_THAT(subscriber->texts(),
                    ElementsAre("CONNACK 0", "SUBACK 1 [1]", "PUBLISH x/y q1 #1 hello"));
    }
    EXPECT_THAT(publisher.texts(), ElementsAre("CONNACK 0", "PUBACK 1"));
}

TEST(ShardTest, AcknowledgesOnceThePersistentReceiversEntryIsCommitted) {
    Harness broker{{}, 2, Harness::Keeps::state};
    Client& absent = broker.connect({.client_id = "absent", .clean_session = false});
    absent.subscribe("t", Qos::at_least_once);
    absent.disconnect();
    Client& publisher = broker.connect({.client_id = "p"});
    broker.commits_complete = false;
    publisher.publish("t", "hello", Qos::at_least_once);
    EXPECT_THAT(publisher.texts(), ElementsAre("CONNACK 0"));
    broker.commit();
    EXPECT_THAT(publisher.texts(), ElementsAre("CONNACK 0", "PUBACK 1"));
}

TEST(ShardTest, LargePayloadIsNotReadFromTheNetworkBufferLater) {
    Harness broker;
    Client& slow = broker.connect({.client_id = "slow", .clean_session = false});
    slow.subscribe("t", Qos::at_least_once);
    slow.reads = false;
    Client& publisher = broker.connect({.client_id = "p"});
    publisher.publish("t", std::string(6000, 'a'), Qos::at_least_once);
    publisher.publish("t", std::string(6000, 'b'), Qos::at_least_once);
    slow.reads = true;
    broker.run();
    EXPECT_THAT(slow.payloads(), ElementsAre(std::string(6000, 'a'), std::string(6000, 'b')));
}

TEST(ShardTest, GroupMessageThatTriesAnotherMemberKeepsItsQos) {
    Settings settings;
    settings.session.max_inflight = 1;
    settings.session.max_queued_bytes = 1;
    settings.session.overflow = Overflow::hold;
    Harness broker{settings};
    Client& busy = broker.connect({.client_id = "busy", .acknowledges = false});
    busy.subscribe("$share/g/t", Qos::exactly_once);
    Client& publisher = broker.connect({.client_id = "p"});
    publisher.publish("t", "0", Qos::at_least_once);
    publisher.publish("t", "1", Qos::at_least_once);
    Client& other = broker.connect({.client_id = "other"});
    other.subscribe("$share/g/t", Qos::exactly_once);
    publisher.publish("t", "2", Qos::at_least_once);  // the turn of the one without room
    publisher.publish("t", "3", Qos::at_least_once);
    EXPECT_THAT(other.texts(),
                ElementsAre("CONNACK 0", "SUBACK 1 [2]", "PUBLISH t q1 #1 2", "PUBLISH t q1 #2 3"));
}

TEST(ShardTest, MessageLargerThanAWholeQueueIsHeldNoLongerThanTheQueueIsNotEmpty) {
    Settings settings;
    settings.session.max_queued_bytes = 10;
    settings.session.overflow = Overflow::hold;
    Harness broker{settings, 1, Harness::Keeps::state};
    Client& subscriber = broker.connect({.client_id = "s", .clean_session = false});
    subscriber.subscribe("t", Qos::at_least_once);
    Client& publisher = broker.connect({.client_id = "p"});
    publisher.publish("t", "more than ten bytes", Qos::at_least_once);
    EXPECT_THAT(subscriber.payloads(), ElementsAre("more than ten bytes"));
    EXPECT_THAT(publisher.texts(), ElementsAre("CONNACK 0", "PUBACK 1"));
}

TEST(ShardTest, OnlyWhatWaitsCountsForTheQueueLimit) {
    Settings settings;
    settings.session.max_inflight = 3;
    settings.session.max_queued_messages = 2;
    settings.session.overflow = Overflow::drop_newest;
    Harness broker{settings};
    Client& subscriber = broker.connect({.client_id = "s", .acknowledges = false});
    subscriber.subscribe("t", Qos::at_least_once);
    Client& publisher = broker.connect({.client_id = "p"});
    for (const char* payload : {"1", "2", "3", "4", "5", "one too many"})
        publisher.publish("t", payload, Qos::at_least_once);
    for (const mqtt::PacketId id : std::initializer_list<mqtt::PacketId>{1, 2, 3})
        subscriber.ack(test::PacketType::puback, id);
    EXPECT_THAT(subscriber.payloads(), ElementsAre("1", "2", "3", "4", "5"));
}

TEST(ShardTest, FullQueueDropsLiveMessagesBeforeThoseOfAReplay) {
    Settings settings;
    settings.session.max_inflight = 1;
    settings.session.max_queued_messages = 2;
    Harness broker{settings, 1, Harness::Keeps::state};
    Client& publisher = broker.connect({.client_id = "p"});
    for (const char* topic : {"t/1", "t/2"})
        publisher.publish(topic, "retained", Qos::at_least_once, {.retain = true});
    Client& slow =
        broker.connect({.client_id = "s", .clean_session = false, .acknowledges = false});
    slow.subscribe("t/#", Qos::at_least_once);
    for (const char* payload : {"first", "second", "third"})
        publisher.publish("t/3", payload, Qos::at_least_once);
    for (const mqtt::PacketId id : std::initializer_list<mqtt::PacketId>{1, 2, 3})
        slow.ack(test::PacketType::puback, id);
    EXPECT_THAT(slow.payloads(), UnorderedElementsAre("retained", "retained", "third"));
}

TEST(ShardTest, ClientThatDoesNotReadPilesUpNoReplays) {
    constexpr std::size_t kRequests = 3000;
    Settings settings;
    settings.limits.outbound_buffer = 1000;
    Harness broker{settings, 1, Harness::Keeps::state};
    Client& publisher = broker.connect({.client_id = "p"});
    publisher.publish("r", "retained", Qos::at_least_once, {.retain = true});
    Client& slow = broker.connect({.client_id = "s", .clean_session = false});
    slow.reads = false;
    for (std::size_t i = 0; i < kRequests; ++i)
        slow.subscribe("r");
    slow.subscribe("last");
    publisher.publish("last", "early");  // That SUBSCRIBE is not taken yet.
    slow.reads = true;
    broker.run();
    publisher.publish("last", "late");
    std::vector<std::string> payloads(kRequests, "retained");
    payloads.emplace_back("late");
    EXPECT_EQ(slow.payloads(), payloads);
}

TEST(ShardTest, GroupsThatCameAndWentLeaveTheOthersTheirTurns) {
    Harness broker{{}};
    Client& a = broker.connect({.client_id = "a"});
    Client& b = broker.connect({.client_id = "b"});
    for (Client* client : {&a, &b})
        client->subscribe("$share/g/t");
    Client& passing = broker.connect({.client_id = "c"});
    Client& publisher = broker.connect({.client_id = "p"});
    for (int i = 0; i < 3000; ++i) {
        const std::string topic = "passing/" + std::to_string(i);
        passing.subscribe("$share/g/" + topic);
        publisher.publish(topic, "x");
        passing.unsubscribe("$share/g/" + topic);
    }
    for (int i = 0; i < 10; ++i)
        publisher.publish("t", "x");
    EXPECT_EQ(passing.payloads().size(), 3000U);
    EXPECT_EQ(a.payloads().size(), 5U);
    EXPECT_EQ(b.payloads().size(), 5U);
}

TEST(ShardTest, CopyThatDropsAnotherCopyOfItsMessageIsAnsweredFor) {
    Settings settings;
    settings.session.max_queued_bytes = 30;
    Harness broker{settings, 1, Harness::Keeps::state};
    Client& absent = broker.connect({.client_id = "absent", .clean_session = false});
    absent.subscribe({{"t", Qos::at_least_once}, {"$share/g/t", Qos::at_least_once}});
    absent.disconnect();
    Client& publisher = broker.connect({.client_id = "p"});
    publisher.publish("t", "a payload of 24 bytes...", Qos::at_least_once);
    EXPECT_THAT(publisher.texts(), ElementsAre("CONNACK 0", "PUBACK 1"));
    EXPECT_TRUE(broker.shard().settled());
}

TEST(ShardTest, SecondChoiceThatDropsAnotherCopyOfItsMessageIsAwaited) {
    Settings settings;
    settings.session.max_inflight = 1;
    settings.session.max_queued_messages = 1;
    Harness broker{settings, 2, Harness::Keeps::state};
    for (const std::size_t shard : {0, 1})
        broker.store(shard).linger_time = std::chrono::milliseconds{20};
    // A member on another shard than the publisher, and one on the same.
    std::string there = "a";
    while (broker.home_of(there) == broker.home_of("p"))
        there += "a";
    std::string here = "b";
    while (broker.home_of(here) != broker.home_of("p"))
        here += "b";
    Client& first = broker.connect({.client_id = there});
    first.subscribe("$share/g/t", Qos::at_least_once);
    Client& second = broker.connect({.client_id = here, .clean_session = false});
    second.acknowledges = false;
    second.subscribe({{"fills the window", Qos::at_least_once},
                      {"t", Qos::at_least_once},
                      {"$share/g/t", Qos::at_least_once}});
    Client& publisher = broker.connect({.client_id = "p"});
    publisher.publish("fills the window", "", Qos::at_least_once);
    broker.advance(std::chrono::milliseconds{50});
    publisher.forget();
    broker.mail_arrives = false;
    broker.commits_complete = false;
    publisher.publish("t", "x", Qos::at_least_once);
    first.disconnect();
    broker.mail_arrives = true;
    broker.run();
    EXPECT_THAT(publisher.texts(), ElementsAre());
    broker.commits_complete = true;
    broker.advance(std::chrono::milliseconds{50});
    EXPECT_THAT(publisher.texts(), ElementsAre("PUBACK 2"));
}

TEST(ShardTest, MarkOfALoggedPublicationIsCommittedBeforeItsAnswer) {
    Settings settings;
    settings.session.max_inflight = 1;
    settings.session.max_queued_messages = 1;
    settings.session.overflow = Overflow::hold;
    Harness broker{settings, 2, Harness::Keeps::state};
    // A publisher and a receiver at home on different shards.
    std::string there = "s";
    while (broker.home_of(there) == broker.home_of("p"))
        there += "s";
    Client& receiver = broker.connect({.client_id = there, .acknowledges = false});
    receiver.subscribe("t", Qos::at_least_once);
    Client& publisher = broker.connect({.client_id = "p", .clean_session = false});
    for (const char* payload : {"1", "2"})
        publisher.publish("t", payload, Qos::at_least_once);
    publisher.publish("t", "held", Qos::exactly_once);
    broker.commits_complete = false;
    receiver.ack(test::PacketType::puback, 1);  // "held" leaves the hold, and its mark is written
    EXPECT_EQ(broker.store(broker.home_of(there)).written.back(), "put_arrived");
    EXPECT_THAT(broker.store(broker.home_of("p")).written, Not(Contains("delete_arriving")));
    broker.commit();
    EXPECT_THAT(broker.store(broker.home_of("p")).written, Contains("delete_arriving"));
}

TEST(ShardTest, Qos0KeepsItsOrderBehindQos0ThatWaited) {
    Settings settings;
    settings.session.queue_qos0 = true;
    settings.session.max_inflight = 1;
    Harness broker{settings};
    Client& before = broker.connect({.client_id = "s", .clean_session = false});
    before.subscribe("#", Qos::exactly_once);
    before.disconnect();
    Client& publisher = broker.connect({.client_id = "p"});
    publisher.publish("a", "1", Qos::at_least_once);
    publisher.publish("a", "2", Qos::at_least_once);
    publisher.publish("b", "early");
    Client& after =
        broker.connect({.client_id = "s", .clean_session = false, .acknowledges = false});
    publisher.publish("b", "late");
    after.ack(test::PacketType::puback, 1);
    after.ack(test::PacketType::puback, 2);
    EXPECT_THAT(after.payloads(), ElementsAre("1", "2", "early", "late"));
}

TEST(ShardTest, CommitsWhatAnActionWritesThatHadNothingToWaitFor) {
    Harness broker{{}, 1, Harness::Keeps::state};
    Client& before = broker.connect({.client_id = "s", .clean_session = false});
    before.subscribe("t", Qos::exactly_once);
    before.disconnect();
    broker.connect({.client_id = "p"}).publish("t", "1", Qos::exactly_once);
    // CONNACK waits for no commit, the packet id of the message behind it does. Nothing else
    // happens, so it must be committed in the same turn.
    broker.commits_complete = false;
    broker.connect({.client_id = "s", .clean_session = false});
    EXPECT_EQ(broker.store().committing.size(), 1U);
}

TEST(ShardTest, AsksForATurnWhereTheEndOfOneLeftWork) {
    Harness broker{{}, 1, Harness::Keeps::state};
    const test::ConnectOptions away{.client_id = "away", .clean_session = false};
    Client& before = broker.connect(away);
    before.subscribe("t", Qos::exactly_once);
    before.drop();
    Client& publisher = broker.connect({.client_id = "p"});
    publisher.publish("t", "hello", Qos::exactly_once);
    publisher.disconnect();
    (void)broker.connect({.client_id = "another"});
    // Nothing is to be committed for CONNACK, but the packet id that is chosen behind it.
    EXPECT_THAT(broker.connect(away).payloads(), ElementsAre("hello"));
}

TEST(ShardTest, GroupGivesToConnectedMembersBeforeAbsentOnes) {
    Harness broker{{}, 4};
    Client& absent = broker.connect({.client_id = "absent", .clean_session = false});
    absent.subscribe("$share/g/t", Qos::at_least_once);
    absent.disconnect();
    Client& there = broker.connect({.client_id = "there"});
    there.subscribe("$share/g/t", Qos::at_least_once);
    Client& publisher = broker.connect({.client_id = "p"});
    for (const char* payload : {"1", "2", "3"})
        publisher.publish("t", payload, Qos::at_least_once);
    EXPECT_THAT(there.payloads(), ElementsAre("1", "2", "3"));
}

TEST(ShardTest, WhatWaitsForAnAbsentMemberGoesToTheOneThatComes) {
    Harness broker{{}, 4};
    Client& absent = broker.connect({.client_id = "absent", .clean_session = false});
    absent.subscribe("$share/g/t", Qos::at_least_once);
    absent.disconnect();
    Client& publisher = broker.connect({.client_id = "p"});
    for (const char* payload : {"1", "2"})
        publisher.publish("t", payload, Qos::at_least_once);
    Client& comes = broker.connect({.client_id = "comes"});
    comes.subscribe("$share/g/t", Qos::at_least_once);
    EXPECT_THAT(comes.payloads(), ElementsAre("1", "2"));
}

TEST(ShardTest, MessageThatIsHandedOverIsAcknowledgedOnceItIsStoredAgain) {
    Harness broker{{}, 1, Harness::Keeps::state};
    broker.store().linger_time = std::chrono::milliseconds{20};
    Client& leaves = broker.connect({.client_id = "leaves", .clean_session = false});
    leaves.acknowledges = false;
    leaves.subscribe("$share/g/t", Qos::at_least_once);
    Client& publisher = broker.connect({.client_id = "p"});
    publisher.publish("t", "x", Qos::at_least_once);
    Client& stays = broker.connect({.client_id = "stays", .clean_session = false});
    stays.subscribe("$share/g/t", Qos::at_least_once);
    broker.commits_complete = false;
    leaves.drop();
    EXPECT_THAT(publisher.texts(), ElementsAre("CONNACK 0"));
    broker.commits_complete = true;
    broker.run();
    EXPECT_THAT(publisher.texts(), ElementsAre("CONNACK 0", "PUBACK 1"));
    EXPECT_THAT(stays.payloads(), ElementsAre("x"));
}

TEST(ShardTest, PublisherWithAThousandUnansweredMessagesGoesOnOnceTheyAreAnswered) {
    Harness broker{{}, 1, Harness::Keeps::state};
    Client& absent = broker.connect({.client_id = "absent", .clean_session = false});
    absent.subscribe("t", Qos::at_least_once);
    absent.disconnect();
    Client& publisher = broker.connect({.client_id = "p"});
    broker.commits_complete = false;
    for (int i = 0; i < 1500; ++i)
        publisher.publish("t", "x", Qos::at_least_once);
    EXPECT_EQ(broker.shard().counters().messages_received[1].get(), 1000U);
    broker.commits_complete = true;
    broker.run();
    EXPECT_EQ(broker.shard().counters().messages_received[1].get(), 1500U);
    EXPECT_EQ(publisher.texts().back(), "PUBACK 1500");
}

TEST(ShardTest, PubrecOfAnUnknownMessageGetsItsPubrel) {  // or its sender keeps the id for ever
    Harness broker;
    Client& client = broker.connect({.client_id = "c"});
    client.ack(test::PacketType::pubrec, 9);
    EXPECT_THAT(client.texts(), ElementsAre("CONNACK 0", "PUBREL 9"));
}

// --- A store that cannot write -----------------------------------------------------------------

TEST(FailingStoreTest, PersistentSessionsAreRefusedAndCleanOnesGoOn) {
    Harness broker{{}, 1, Harness::Keeps::state};
    Client& holder = broker.connect({.client_id = "holder", .clean_session = false});
    broker.set_store_failing(true);
    Client& refused = broker.connect({.client_id = "new", .clean_session = false});
    EXPECT_THAT(refused.texts(), ElementsAre("CONNACK 3"));
    EXPECT_EQ(refused.closed(), CloseReason::server_unavailable);
    // Neither a takeover nor a wipe could be kept.
    EXPECT_EQ(broker.connect({.client_id = "holder"}).closed(), CloseReason::server_unavailable);
    EXPECT_FALSE(holder.closed());

    Client& clean = broker.connect({.client_id = "clean"});
    clean.subscribe("t");
    broker.connect({.client_id = "p", .will = test::WillOptions{"w", "x"}}).publish("t", "0");
    EXPECT_THAT(clean.texts(), ElementsAre("CONNACK 0", "SUBACK 1 [0]", "PUBLISH t q0 0"));
}

TEST(FailingStoreTest, SubscriptionsThatCannotBeKeptAreRefused) {
    Harness broker{{}, 1, Harness::Keeps::state};
    Client& client = broker.connect({.client_id = "s", .clean_session = false});
    broker.set_store_failing(true);
    broker.connect({.client_id = "waits"}).publish("w", "x", Qos::at_least_once, {.retain = true});
    client.subscribe("t", Qos::at_least_once);
    EXPECT_THAT(client.texts(), ElementsAre("CONNACK 0", "SUBACK 1 [128]"));
    broker.set_store_failing(false);
    client.subscribe("t", Qos::at_least_once);
    EXPECT_THAT(client.texts(), ElementsAre("CONNACK 0", "SUBACK 1 [128]", "SUBACK 2 [1]"));
}

TEST(FailingStoreTest, CleanClientDoesNotWaitForTheEndOfAnotherSession) {
    Settings settings;
    settings.session.expiry = std::chrono::seconds{1};
    Harness broker{settings, 1, Harness::Keeps::state};
    broker.connect({.client_id = "gone", .clean_session = false}).disconnect();
    broker.set_store_failing(true);
    broker.advance(std::chrono::seconds{2});
    EXPECT_THAT(broker.connect({.client_id = "clean"}).texts(), ElementsAre("CONNACK 0"));
    // Its own old session is to be gone for certain.
    const Client& successor = broker.connect({.client_id = "gone"});
    EXPECT_THAT(successor.texts(), ElementsAre());
    broker.set_store_failing(false);
    EXPECT_THAT(successor.texts(), ElementsAre("CONNACK 0"));
}

// Commits go on in a reserve, which is not to be filled with new messages.
TEST(FailingStoreTest, PublishersOfWhatIsToBeKeptArePaused) {
    for (const std::size_t shards : {1U, 4U}) {
        Harness broker{{}, shards, Harness::Keeps::state};
        Client& kept = broker.connect({.client_id = "s", .clean_session = false});
        kept.subscribe("kept", Qos::at_least_once);
        Client& clean = broker.connect({.client_id = "c"});
        clean.subscribe("clean", Qos::at_least_once);
        Client& publisher = broker.connect({.client_id = "p"});
        Client& other = broker.connect({.client_id = "o"});
        Client& retainer = broker.connect({.client_id = "r"});
        broker.set_store_failing(true);
        broker.commits_complete = true;
        publisher.publish("kept", "1", Qos::at_least_once);
        retainer.publish("elsewhere", "1", Qos::at_least_once, {.retain = true});
        other.publish("clean", "2", Qos::at_least_once);
        EXPECT_THAT(publisher.texts(), ElementsAre("CONNACK 0"));
        EXPECT_THAT(retainer.texts(), ElementsAre("CONNACK 0"));
        EXPECT_THAT(other.texts(), ElementsAre("CONNACK 0", "PUBACK 1"));
        EXPECT_THAT(kept.payloads(), ElementsAre());
        broker.set_store_failing(false);
        EXPECT_THAT(kept.payloads(), ElementsAre("1"));
        EXPECT_THAT(publisher.texts(), ElementsAre("CONNACK 0", "PUBACK 1"));
        EXPECT_THAT(retainer.texts(), ElementsAre("CONNACK 0", "PUBACK 1"));
    }
}

TEST(FailingStoreTest, AcknowledgementsWaitUntilItCanWriteAgain) {
    Harness broker{{}, 1, Harness::Keeps::state};
    broker.connect({.client_id = "s", .clean_session = false}).subscribe("t", Qos::at_least_once);
    broker.connect({.client_id = "s", .clean_session = false}).disconnect();
    Client& publisher = broker.connect({.client_id = "p"});
    broker.set_store_failing(true);
    publisher.publish("t", "1", Qos::at_least_once);
    EXPECT_THAT(publisher.texts(), ElementsAre("CONNACK 0"));
    broker.set_store_failing(false);
    EXPECT_THAT(publisher.texts(), ElementsAre("CONNACK 0", "PUBACK 1"));
}

}  // namespace
}  // namespace godwit::core
