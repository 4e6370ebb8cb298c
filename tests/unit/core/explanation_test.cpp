// Each verdict, and that the broker then does what it says.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "godwit/core/inspection.hpp"
#include "shard_harness.hpp"

namespace godwit::core {
namespace {

using test::Client;
using test::Harness;
using test::Qos;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using Outcome = Explanation::Verdict;

Explanation explain(Harness& broker, std::string_view id, std::string_view topic) {
    return broker.shard().explain(id, topic, broker.now).value();
}

TEST(ExplanationTest, NobodyIsExplainedWithoutASession) {
    Harness broker;
    EXPECT_FALSE(broker.shard().explain("nobody", "a", broker.now));
}

TEST(ExplanationTest, NamesTheFiltersThatMatch) {
    Harness broker;
    Client& client = broker.connect({.client_id = "c"});
    client.subscribe({{"a/#", Qos::at_most_once},
                      {"a/+", Qos::exactly_once},
                      {"$local/a/b", Qos::at_most_once},
                      {"b", Qos::at_most_once}});
    broker.connect({.client_id = "other"}).subscribe("#");
    client.publish("a/b", "x", Qos::at_most_once, {.retain = true});
    const Explanation explanation = explain(broker, "c", "a/b");
    EXPECT_EQ(explanation.verdict, Outcome::subscribed);
    EXPECT_TRUE(explanation.retained);
    std::vector<std::string> filters;
    for (const Explanation::Match& match : explanation.matches)
        filters.push_back(match.filter + " " + std::to_string(static_cast<int>(match.qos)));
    EXPECT_THAT(filters, testing::UnorderedElementsAre("a/# 0", "a/+ 2", "$local/a/b 0"));
    EXPECT_EQ(explain(broker, "c", "x").verdict, Outcome::no_matching_subscription);
    EXPECT_EQ(explain(broker, "c", "$share/g/a/b").verdict, Outcome::no_matching_subscription);
}

TEST(ExplanationTest, SeesTopicsAsTheClientDoes) {
    Harness broker;
    broker.connect({.client_id = "c", .mount_point = "home/"}).subscribe("a/+");
    const Explanation explanation = explain(broker, "c", "a/b");
    ASSERT_THAT(explanation.matches, SizeIs(1));
    EXPECT_EQ(explanation.matches[0].filter, "a/+");
    EXPECT_EQ(explain(broker, "c", "home/a/b").verdict, Outcome::no_matching_subscription);
}

TEST(ExplanationTest, NamesTheRuleThatDenies) {
    Harness broker;
    broker.access.denied = {"a/secret"};
    broker.connect({.client_id = "c"}).subscribe("a/#");
    const Explanation denied = explain(broker, "c", "a/secret");
    EXPECT_EQ(denied.verdict, Outcome::denied_by_acl);
    EXPECT_FALSE(denied.matches.at(0).allowed);
    EXPECT_EQ(denied.matches.at(0).rule, "denied");
    EXPECT_EQ(explain(broker, "c", "a/b").verdict, Outcome::subscribed);
    EXPECT_EQ(explain(broker, "c", "a/b").matches.at(0).rule, "default");
    broker.connect({.client_id = "root", .superuser = true}).subscribe("a/#");
    EXPECT_EQ(explain(broker, "root", "a/secret").verdict, Outcome::subscribed);
    EXPECT_EQ(explain(broker, "root", "a/secret").matches.at(0).rule, "");
}

TEST(ExplanationTest, GroupsAlonePromiseNothing) {
    Harness broker;
    Client& client = broker.connect({.client_id = "c"});
    client.subscribe("$share/g/a");
    const Explanation shared = explain(broker, "c", "a");
    EXPECT_EQ(shared.verdict, Outcome::shared);
    EXPECT_EQ(shared.matches.at(0).filter, "$share/g/a");
    client.subscribe("a");
    EXPECT_EQ(explain(broker, "c", "a").verdict, Outcome::subscribed);
}

TEST(ExplanationTest, Qos0WaitsForNobodyUnlessItIsQueued) {
    for (const bool queues : {false, true}) {
        Settings settings;
        settings.session.queue_qos0 = queues;
        Harness broker(settings);
        Client& client = broker.connect({.client_id = "c", .clean_session = false});
        client.subscribe({{"zero", Qos::at_most_once}, {"one", Qos::at_least_once}});
        EXPECT_EQ(explain(broker, "c", "zero").verdict, Outcome::subscribed);
        client.disconnect();
        EXPECT_EQ(explain(broker, "c", "zero").verdict,
                  queues ? Outcome::subscribed : Outcome::absent_qos0);
        EXPECT_EQ(explain(broker, "c", "one").verdict, Outcome::subscribed);
    }
}

TEST(ExplanationTest, FullQueueRefusesWhereTheNewestIsDropped) {
    for (const Overflow overflow : {Overflow::drop_newest, Overflow::drop_oldest, Overflow::hold}) {
        Settings settings;
        settings.session.overflow = overflow;
        settings.session.max_queued_messages = 1;
        Harness broker(settings);
        Client& client = broker.connect({.client_id = "c", .clean_session = false});
        client.subscribe("a", Qos::at_least_once);
        client.disconnect();
        EXPECT_EQ(explain(broker, "c", "a").verdict, Outcome::subscribed);
        broker.connect({.client_id = "p"}).publish("a", "1", Qos::at_least_once);
        const Explanation full = explain(broker, "c", "a");
        EXPECT_TRUE(full.queue_full);
        EXPECT_EQ(full.session.queued_messages, 1U);
        EXPECT_EQ(full.verdict,
                  overflow == Overflow::drop_newest ? Outcome::queue_full : Outcome::subscribed);
    }
}

TEST(ExplanationTest, SlowReaderHasNoRoomForQos0) {
    Settings settings;
    settings.limits.outbound_buffer = 1000;
    Harness broker(settings);
    Client& client = broker.connect({.client_id = "c"});
    client.subscribe("a");
    client.reads = false;
    Client& publisher = broker.connect({.client_id = "p"});
    for (int i = 0; i < 12; ++i)
        publisher.publish("a", std::string(89, 'x'));
    publisher.publish("a", std::string(40, 'x'));
    publisher.publish("a", std::string(10, 'x'));
    const Explanation slow = explain(broker, "c", "a");
    EXPECT_EQ(slow.verdict, Outcome::outbound_full);
    ASSERT_FALSE(slow.last_drops.empty());
    EXPECT_EQ(slow.last_drops.back().reason, DropReason::slow_reader);
}

// --- The last drops ----------------------------------------------------------------------------

std::vector<std::string> drops_of(Harness& broker, std::string_view id) {
    std::vector<std::string> drops;
    const auto detail = broker.shard().session(id, broker.now);
    for (const DropView& one : detail->last_drops) {
        drops.push_back(std::string(to_string(one.reason)) + " " + one.topic + " " +
                        std::to_string(static_cast<int>(one.qos)));
    }
    return drops;
}

TEST(LastDropsTest, SayWhatWasLostAndWhy) {
    Settings settings;
    settings.session.max_queued_messages = 1;
    settings.session.queue_qos0 = true;
    Harness broker(settings);
    broker.access.denied = {"m/secret", "mine"};
    Client& client = broker.connect({.client_id = "c", .clean_session = false});
    client.subscribe("m/#", Qos::exactly_once);
    client.publish("mine", "");
    client.publish("$queue/a", "", Qos::at_least_once);
    client.disconnect();
    Client& publisher = broker.connect({.client_id = "p", .superuser = true});
    publisher.publish("m/secret", "", Qos::at_least_once);
    publisher.publish("m/1", "", Qos::at_least_once);
    publisher.publish("m/2", "", Qos::at_most_once);
    publisher.publish("m/3", "", Qos::exactly_once);  // the oldest leaves
    EXPECT_THAT(drops_of(broker, "c"),
                ElementsAre("denied mine 0", "not_routable $queue/a 1",
                            "denied_delivery m/secret 1", "queue_full m/2 0", "queue_full m/1 1"));
    EXPECT_THAT(drops_of(broker, "p"), IsEmpty());
}

TEST(LastDropsTest, KeepTheLastSixteenAndTheirTime) {
    Settings settings;
    settings.session.max_queued_messages = 1;
    settings.session.overflow = Overflow::drop_newest;
    Harness broker(settings);
    Client& client =
        broker.connect({.client_id = "c", .clean_session = false, .mount_point = "home/"});
    client.subscribe("#", Qos::at_least_once);
    client.disconnect();
    Client& publisher = broker.connect({.client_id = "p"});
    for (int i = 0; i < 41; ++i) {
        broker.advance(std::chrono::seconds{1});
        publisher.publish("home/" + std::to_string(i), "", Qos::at_least_once);
    }
    const auto drops = broker.shard().session("c", broker.now)->last_drops;
    ASSERT_THAT(drops, SizeIs(16));
    EXPECT_EQ(drops.front().topic, "25");
    EXPECT_EQ(drops.back().topic, "40");
    EXPECT_EQ(drops.back().at, broker.now.wall);
    EXPECT_EQ(drops.front().at, broker.now.wall - std::chrono::seconds{15});
}

TEST(LastDropsTest, KeepOnlyTheBeginningOfALongTopic) {
    Settings settings;
    settings.session.max_queued_messages = 1;
    settings.session.overflow = Overflow::drop_newest;
    Harness broker(settings);
    Client& client = broker.connect({.client_id = "c", .clean_session = false});
    client.subscribe("#", Qos::at_least_once);
    client.disconnect();
    Client& publisher = broker.connect({.client_id = "p"});
    std::string topic = "x";
    for (int i = 0; i < 1000; ++i)
        topic += "ä";
    publisher.publish(topic, "", Qos::at_least_once);
    publisher.publish(topic, "", Qos::at_least_once);
    const auto drops = broker.shard().session("c", broker.now)->last_drops;
    ASSERT_THAT(drops, SizeIs(1));
    EXPECT_LE(drops[0].topic.size(), 260U);
    EXPECT_TRUE(mqtt::is_utf8_string(drops[0].topic));
}

// --- Kick --------------------------------------------------------------------------------------

TEST(KickTest, ClosesTheConnectionAndLeavesThePersistentSession) {
    Harness broker({}, 1, Harness::Keeps::state);
    Client& client = broker.connect({.client_id = "c", .clean_session = false});
    client.subscribe("a", Qos::at_least_once);
    EXPECT_TRUE(broker.shard().kick("c", false, broker.now));
    EXPECT_EQ(client.closed(), CloseReason::kicked);
    EXPECT_TRUE(broker.shard().session("c", broker.now));
    EXPECT_TRUE(broker.shard().kick("c", false, broker.now));
    EXPECT_FALSE(broker.shard().kick("nobody", false, broker.now));
}

TEST(KickTest, EndsTheSessionToo) {
    for (const bool connected : {true, false}) {
        Harness broker({}, 1, Harness::Keeps::state);
        Client& client = broker.connect({.client_id = "c", .clean_session = false});
        client.subscribe("a", Qos::at_least_once);
        if (!connected) client.disconnect();
        broker.connect({.client_id = "p"}).publish("a", "", Qos::at_least_once);
        EXPECT_TRUE(broker.shard().kick("c", true, broker.now));
        broker.run();
        EXPECT_FALSE(broker.shard().session("c", broker.now));
        EXPECT_THAT(broker.store().written, testing::Contains("wipe_session"));
        EXPECT_THAT(broker.connect({.client_id = "c", .clean_session = false}).texts(),
                    ElementsAre("CONNACK 0"));
    }
}

TEST(KickTest, PublishesTheWill) {
    Harness broker;
    Client& watcher = broker.connect({.client_id = "w"});
    watcher.subscribe("gone");
    broker.connect({.client_id = "c", .will = {{.topic = "gone", .payload = "x"}}});
    EXPECT_TRUE(broker.shard().kick("c", true, broker.now));
    broker.run();
    EXPECT_THAT(watcher.payloads(), ElementsAre("x"));
    EXPECT_FALSE(broker.shard().session("c", broker.now));
}

}  // namespace
}  // namespace godwit::core
