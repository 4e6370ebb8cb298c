#include "inspector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "shard_harness.hpp"

namespace godwit::core {
namespace {

using test::Client;
using test::ConnectOptions;
using test::Harness;
using test::Qos;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::UnorderedElementsAre;

std::vector<std::string> ids_of(Harness& broker, const SessionQuery& query,
                                std::size_t limit = 10'000) {
    std::vector<std::string> ids;
    std::optional<SessionPlace> place = 0;
    while (place) {
        const auto slice = broker.shard().sessions(query, *place, limit, broker.now);
        EXPECT_LE(slice.items.size(), limit);
        for (const SessionView& one : slice.items)
            ids.push_back(one.client_id);
        place = slice.next;
    }
    return ids;
}

std::vector<std::string> filters_of(Harness& broker, const SubscriptionQuery& query,
                                    std::size_t limit = 10'000) {
    std::vector<std::string> filters;
    std::optional place = SubscriptionPlace{};
    while (place) {
        const auto slice = broker.shard().subscriptions(query, *place, limit);
        EXPECT_LE(slice.items.size(), limit);
        for (const SubscriptionView& one : slice.items)
            filters.push_back(one.client_id + " " + one.filter);
        place = slice.next;
    }
    return filters;
}

Client& absent(Harness& broker, std::string_view id, std::string_view filter, Qos qos) {
    Client& client = broker.connect({.client_id = std::string(id), .clean_session = false});
    client.subscribe(filter, qos);
    client.disconnect();
    return client;
}

// --- Sessions ----------------------------------------------------------------------------------

TEST(InspectorTest, ListsEverySessionOnceInSlicesThatAreBounded) {
    Harness broker;
    for (int i = 0; i < 1200; ++i)
        broker.connect({.client_id = "c" + std::to_string(i)});
    for (const std::size_t limit : {7U, 100U, 10'000U}) {
        const auto ids = ids_of(broker, {}, limit);
        EXPECT_THAT(ids, SizeIs(1200));
        EXPECT_THAT(std::set(ids.begin(), ids.end()), SizeIs(1200));
    }
    // What nobody asked for costs its part of a slice too.
    const auto slice = broker.shard().sessions({.text = "nobody"}, 0, 10, broker.now);
    EXPECT_THAT(slice.items, IsEmpty());
    EXPECT_TRUE(slice.next);
}

TEST(InspectorTest, SessionThatStaysComesOnceWhileOthersComeAndGo) {
    Harness broker;
    std::vector<Client*> clients;
    for (int i = 0; i < 40; ++i)
        clients.push_back(&broker.connect({.client_id = "c" + std::to_string(i)}));
    std::vector<std::string> ids;
    std::optional<SessionPlace> place = 0;
    for (std::size_t gone = 0; place; gone += 2) {
        const auto slice = broker.shard().sessions({}, *place, 5, broker.now);
        for (const SessionView& one : slice.items)
            ids.push_back(one.client_id);
        if (gone < clients.size()) clients[gone]->disconnect();
        broker.connect({.client_id = "new" + std::to_string(gone)});
        place = slice.next;
    }
    for (int i = 1; i < 40; i += 2)
        EXPECT_EQ(std::count(ids.begin(), ids.end(), "c" + std::to_string(i)), 1) << i;
}

TEST(InspectorTest, FindsSessionsByIdUserAndAddressWhateverTheCase) {
    Harness broker;
    broker.connect({.client_id = "Sensor-1"});
    broker.connect({.client_id = "b", .user_name = "ALICE"});
    broker.connect({.client_id = "c", .address = "fe80::AB:1883"});
    EXPECT_THAT(ids_of(broker, {.text = "sensor"}), ElementsAre("Sensor-1"));
    EXPECT_THAT(ids_of(broker, {.text = "lic"}), ElementsAre("b"));
    EXPECT_THAT(ids_of(broker, {.text = "fe80::ab"}), ElementsAre("c"));
    EXPECT_THAT(ids_of(broker, {.text = "alicea"}), IsEmpty());
}

TEST(InspectorTest, TellsWhoIsConnected) {
    Harness broker;
    broker.connect({.client_id = "here"});
    absent(broker, "away", "a", Qos::at_least_once);
    EXPECT_THAT(ids_of(broker, {.connected = true}), ElementsAre("here"));
    EXPECT_THAT(ids_of(broker, {.connected = false}), ElementsAre("away"));
}

TEST(InspectorTest, ShowsAConnectedClient) {
    Harness broker;
    const WallTime before = broker.now.wall;
    Client& client = broker.connect({.client_id = "c",
                                     .clean_session = false,
                                     .keep_alive = 60,
                                     .will = {{.topic = "w", .payload = "", .retain = true}},
                                     .user_name = "u",
                                     .mount_point = "home/",
                                     .address = "10.0.0.7:5",
                                     .acknowledges = false});
    client.subscribe({{"a/#", Qos::at_least_once}, {"$share/g/b", Qos::at_most_once}});
    client.publish("x", "", Qos::exactly_once);
    (void)broker.shard().publish("home/a", test::as_bytes("m"), Qos::at_least_once, false,
                                 broker.now);
    broker.advance(std::chrono::seconds{5});

    const auto detail = broker.shard().session("c", broker.now);
    ASSERT_TRUE(detail);
    const SessionView& view = detail->session;
    EXPECT_EQ(view.user_name, "u");
    EXPECT_EQ(view.mount_point, "home/");
    EXPECT_TRUE(view.connected);
    EXPECT_FALSE(view.clean);
    EXPECT_EQ(view.address, "10.0.0.7:5");
    EXPECT_EQ(view.keep_alive, 60);
    EXPECT_EQ(view.connected_at, before);
    EXPECT_EQ(view.expires_at, std::nullopt);
    EXPECT_EQ(view.subscriptions, 2U);
    EXPECT_EQ(view.inflight_messages, 1U);
    EXPECT_EQ(view.awaiting_rel, 1U);
    EXPECT_THAT(view.pauses, IsEmpty());
    ASSERT_THAT(detail->subscriptions, SizeIs(2));
    EXPECT_EQ(detail->subscriptions[0].filter, "$share/g/b");
    EXPECT_EQ(detail->subscriptions[1].filter, "a/#");
    ASSERT_TRUE(detail->will);
    EXPECT_EQ(detail->will->topic, "w");
    EXPECT_TRUE(detail->will->retain);
}

TEST(InspectorTest, ShowsAnAbsentSessionAndItsEnd) {
    Settings settings;
    settings.session.expiry = std::chrono::seconds{100};
    Harness broker(settings);
    absent(broker, "c", "a", Qos::at_least_once);
    const WallTime ends = broker.now.wall + settings.session.expiry;
    broker.connect({.client_id = "p"}).publish("a", "12345", Qos::at_least_once);
    broker.advance(std::chrono::seconds{30});
    const SessionView view = broker.shard().session("c", broker.now)->session;
    EXPECT_FALSE(view.connected);
    EXPECT_EQ(view.expires_at, ends);
    EXPECT_EQ(view.queued_messages, 1U);
    EXPECT_EQ(view.queued_bytes, 6U);
    EXPECT_FALSE(broker.shard().session("nobody", broker.now));
}

TEST(InspectorTest, SaysWhyAClientIsNotReadFrom) {
    Settings settings;
    settings.session.overflow = Overflow::hold;
    settings.session.max_queued_messages = 1;
    Harness broker(settings);
    absent(broker, "slow", "a", Qos::at_least_once);
    Client& publisher = broker.connect({.client_id = "p"});
    publisher.publish("a", "1", Qos::at_least_once);
    publisher.publish("a", "2", Qos::at_least_once);
    EXPECT_THAT(broker.shard().session("p", broker.now)->session.pauses, ElementsAre("held"));
    EXPECT_EQ(broker.shard().session("slow", broker.now)->session.held_messages, 1U);
}

// --- Subscriptions -----------------------------------------------------------------------------

TEST(InspectorTest, ListsManySubscriptionsOfOneClientOnceEachWhileOthersGo) {
    Harness broker;
    Client& client = broker.connect({.client_id = "c"});
    for (int i = 0; i < 1300; ++i)
        client.subscribe("f/" + std::to_string(i));
    std::vector<std::string> filters;
    std::optional place = SubscriptionPlace{};
    for (int gone = 0; place; gone += 2) {
        const auto slice = broker.shard().subscriptions({.client_id = "c"}, *place, 100);
        for (const SubscriptionView& one : slice.items)
            filters.push_back(one.filter);
        client.unsubscribe("f/" + std::to_string(gone));
        // The very one at which the list stopped goes as well.
        if (slice.next && slice.next->text.back() == '0') client.unsubscribe(slice.next->text);
        place = slice.next;
    }
    for (int i = 1; i < 1300; i += 2) {
        EXPECT_EQ(std::count(filters.begin(), filters.end(), "f/" + std::to_string(i)), 1) << i;
    }
}

TEST(InspectorTest, FindsSubscriptionsByTheirVeryFilter) {
    Harness broker;
    broker.connect({.client_id = "a"}).subscribe("x/#");
    broker.connect({.client_id = "b"}).subscribe("$local/$share/g/x/#");
    broker.connect({.client_id = "m", .mount_point = "home/"}).subscribe("x/#");
    EXPECT_THAT(filters_of(broker, {.filter = "x/#"}), ElementsAre("a x/#", "m x/#"));
    // However its prefixes are ordered.
    EXPECT_THAT(filters_of(broker, {.filter = "$share/g/$local/x/#"}),
                ElementsAre("b $local/$share/g/x/#"));
    EXPECT_THAT(filters_of(broker, {.filter = "x/+"}), IsEmpty());
    EXPECT_THAT(filters_of(broker, {.filter = "x/#/y"}), IsEmpty());
}

TEST(InspectorTest, FindsSubscriptionsThatATopicWouldReach) {
    Harness broker;
    broker.connect({.client_id = "a"}).subscribe("#");
    broker.connect({.client_id = "b"}).subscribe("$local/x/+");
    broker.connect({.client_id = "c"}).subscribe("$share/g/x/y");
    broker.connect({.client_id = "m", .mount_point = "home/"}).subscribe("#");
    EXPECT_THAT(filters_of(broker, {.match = "x/y"}),
                ElementsAre("a #", "b $local/x/+", "c $share/g/x/y"));
    EXPECT_THAT(filters_of(broker, {.match = "home/x"}), ElementsAre("a #", "m #"));
    EXPECT_THAT(filters_of(broker, {.match = "home"}), ElementsAre("a #"));
    EXPECT_THAT(filters_of(broker, {.match = "$SYS/x"}), IsEmpty());
    EXPECT_THAT(filters_of(broker, {.client_id = "b", .match = "x/y"}),
                ElementsAre("b $local/x/+"));
    EXPECT_THAT(filters_of(broker, {.client_id = "nobody"}), IsEmpty());
}

TEST(InspectorTest, CountsWhatEachMemberOfAGroupGot) {
    Settings settings;
    settings.shared_subscriptions.groups = {{"g", ShareStrategy::sticky}};
    Harness broker(settings);
    for (const char* id : {"a", "b"}) {
        Client& member = broker.connect({.client_id = id});
        member.subscribe("$share/g/x", Qos::at_least_once);
        member.subscribe("$queue/x");
    }
    Client& publisher = broker.connect({.client_id = "p"});
    for (const Qos qos :
         {Qos::at_most_once, Qos::at_least_once, Qos::exactly_once, Qos::exactly_once})
        publisher.publish("x", "", qos);
    std::map<std::string, std::vector<std::uint64_t>> deliveries;
    for (const GroupView& one : broker.shard().memberships({}, 100).items) {
        ASSERT_THAT(one.members, SizeIs(1));
        EXPECT_EQ(one.filter, "x");
        EXPECT_EQ(one.strategy, one.name == "g" ? "sticky" : "round_robin");
        deliveries[one.name].push_back(one.members[0].deliveries);
    }
    EXPECT_THAT(deliveries["g"], UnorderedElementsAre(0U, 4U));
    EXPECT_THAT(deliveries[""], ElementsAre(2U, 2U));
}

TEST(InspectorTest, MessageThatMovesToAnotherMemberCountsThere) {
    Harness broker;
    absent(broker, "away", "$share/g/x", Qos::at_least_once);
    broker.connect({.client_id = "p"}).publish("x", "", Qos::at_least_once);
    Client& here = broker.connect({.client_id = "here"});
    here.subscribe("$share/g/x", Qos::at_least_once);
    EXPECT_THAT(here.messages(), SizeIs(1));
    std::map<std::string, std::uint64_t> deliveries;
    for (const GroupView& one : broker.shard().memberships({}, 100).items)
        deliveries[one.members[0].client_id] = one.members[0].deliveries;
    EXPECT_EQ(deliveries["here"], 1U);
}

}  // namespace
}  // namespace godwit::core
