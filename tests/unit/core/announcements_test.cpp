#include <gmock/gmock.h>

#include "shard_harness.hpp"

namespace godwit::test {
namespace {

using testing::Contains;
using testing::ElementsAre;

constexpr std::size_t kShards = 3;

std::size_t publish(Harness& broker, std::string_view topic, std::string_view payload,
                    Qos qos = Qos::at_most_once, bool retain = false) {
    const std::size_t receivers =
        broker.shard().publish(topic, as_bytes(payload), qos, retain, broker.now);
    broker.run();
    return receivers;
}

std::size_t times_written(Harness& broker, std::string_view what) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < kShards; ++i) {
        const auto& written = broker.store(i).written;
        count += static_cast<std::size_t>(std::count(written.begin(), written.end(), what));
    }
    return count;
}

TEST(AnnouncementsTest, ReachesEveryShardAndCountsEachClientOnce) {
    Harness broker({}, kShards);
    std::vector<Client*> clients;
    for (int i = 0; i < 12; ++i) {
        clients.push_back(&broker.connect({.client_id = "c" + std::to_string(i)}));
        clients.back()->subscribe("a/#");
        clients.back()->subscribe("a/+");  // overlaps: still one copy
    }
    EXPECT_EQ(publish(broker, "a/b", "x"), 12U);
    for (const Client* client : clients)
        EXPECT_THAT(client->payloads(), ElementsAre("x"));
    EXPECT_EQ(publish(broker, "b", "x"), 0U);
}

TEST(AnnouncementsTest, CountsOneMemberOfEachGroup) {
    Harness broker({}, kShards);
    std::size_t got = 0;
    std::vector<Client*> members;
    for (int i = 0; i < 6; ++i) {
        members.push_back(&broker.connect({.client_id = "m" + std::to_string(i)}));
        members.back()->subscribe("$share/one/a");
        members.back()->subscribe("$queue/a");
    }
    EXPECT_EQ(publish(broker, "a", "x", Qos::at_least_once), 2U);
    for (const Client* member : members)
        got += member->payloads().size();
    EXPECT_EQ(got, 2U);
}

TEST(AnnouncementsTest, AsksForNoRight) {
    Harness broker;
    broker.access.denied = {"a"};
    Client& client = broker.connect({.client_id = "c", .superuser = true});
    client.subscribe("a");
    EXPECT_EQ(publish(broker, "a", "x"), 1U);
    EXPECT_THAT(client.payloads(), ElementsAre("x"));
}

TEST(AnnouncementsTest, StoredQos1OutlivesAReceiverThatIsAway) {
    Harness broker({}, kShards, Harness::Keeps::state);
    Client& first = broker.connect({.client_id = "c", .clean_session = false});
    first.subscribe("a", Qos::at_least_once);
    first.disconnect();
    EXPECT_EQ(publish(broker, "a", "x", Qos::at_least_once), 1U);
    EXPECT_EQ(times_written(broker, "put_arriving"), 1U);
    EXPECT_THAT(broker.connect({.client_id = "c", .clean_session = false}).payloads(),
                ElementsAre("x"));
}

TEST(AnnouncementsTest, Qos0IsNotLogged) {
    Harness broker({}, kShards, Harness::Keeps::state);
    EXPECT_EQ(publish(broker, "a", "x"), 0U);
    EXPECT_EQ(times_written(broker, "put_arriving"), 0U);
}

TEST(AnnouncementsTest, RetainedValueIsStoredAndReplayed) {
    Harness broker({}, kShards, Harness::Keeps::state);
    publish(broker, "a", "x", Qos::at_most_once, true);
    EXPECT_EQ(times_written(broker, "put_retained"), 1U);
    Client& client = broker.connect({.client_id = "c"});
    client.subscribe("a");
    EXPECT_THAT(client.payloads(), ElementsAre("x"));
}

TEST(AnnouncementsTest, RetainedValueOfTheBrokersOwnIsReplayedButNeverStored) {
    Harness broker({}, kShards, Harness::Keeps::state);
    for (const Qos qos : {Qos::at_most_once, Qos::exactly_once})
        publish(broker, "$SYS/broker/uptime", "5", qos, true);
    EXPECT_EQ(times_written(broker, "put_retained"), 0U);
    Client& client = broker.connect({.client_id = "c"});
    client.subscribe("$SYS/#");
    EXPECT_THAT(client.texts(), Contains("PUBLISH $SYS/broker/uptime q0 retain 5"));
}

TEST(AnnouncementsTest, RetainedValuesOfTheBrokersOwnTakeNoPlaceFromClients) {
    core::Settings settings;
    settings.retained.max_messages = 1;
    settings.retained.expiry = std::chrono::seconds{1};
    Harness broker(settings);
    publish(broker, "$SYS/one", "1", Qos::at_most_once, true);
    publish(broker, "$SYS/two", "2", Qos::at_most_once, true);
    EXPECT_EQ(broker.retained().size(), 0U);
    Client& client = broker.connect({.client_id = "c"});
    client.publish("a", "x", Qos::at_most_once, {.retain = true});
    EXPECT_EQ(broker.retained().size(), 1U);
    EXPECT_EQ(broker.drops(core::DropReason::retained_limit), 0U);
    broker.advance(std::chrono::seconds{5});  // nor do they expire
    EXPECT_TRUE(broker.retained().get("$SYS/one"));
    EXPECT_FALSE(broker.retained().get("a"));
}

TEST(AnnouncementsTest, LocalTopicIsRoutedByItsPlainName) {
    Harness broker;
    Client& client = broker.connect({.client_id = "c"});
    client.subscribe("a");
    EXPECT_EQ(publish(broker, "$local/a", "x", Qos::at_most_once, true), 1U);
    EXPECT_FALSE(broker.retained().get("a"));
    EXPECT_EQ(publish(broker, "$share/g/a", "x"), 0U);
    EXPECT_EQ(broker.drops(core::DropReason::not_routable), 1U);
}

}  // namespace
}  // namespace godwit::test
