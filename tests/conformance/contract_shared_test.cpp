// What Godwit promises about $share, $queue and $local.
#include <map>
#include <set>

#include "conformance.hpp"

namespace godwit::test {
namespace {

class Shared : public Contract {
protected:
    Client& member(std::string_view id, Qos qos = Qos::at_least_once) {
        return subscriber(id, "$share/g/t", qos);
    }
    static ConnectOptions stored(std::string_view id, bool acknowledges = true) {
        return {.client_id = std::string(id), .clean_session = false, .acknowledges = acknowledges};
    }
    void publish(int from, int to, Qos qos = Qos::at_least_once) {
        if (publisher_ == nullptr) publisher_ = &client("publisher");
        for (int i = from; i <= to; ++i)
            publisher_->publish("t", std::to_string(i), qos);
    }

    Client* publisher_ = nullptr;
};

INSTANTIATE_TEST_SUITE_P(Brokers, Shared, ::testing::ValuesIn(kBrokers), name_of);

// --- Names -------------------------------------------------------------------------------------

TEST_P(Shared, RefusesMalformedFormsAlone) {
    for (const std::string_view filter : {"$share",
                                          "$share/",
                                          "$share/g",
                                          "$share/g/",
                                          "$share//t",
                                          "$share/+/t",
                                          "$share/#/t",
                                          "$share/a+/t",
                                          "$share/a#b/t",
                                          "$queue",
                                          "$queue/",
                                          "$local",
                                          "$local/",
                                          "$local/$share/g",
                                          "$local/$share//t",
                                          "$share/g/$local/",
                                          "$local/$queue/",
                                          "$queue/$local/",
                                          "$share/g/$share/h/t",
                                          "$share/g/$queue/t",
                                          "$queue/$queue/t",
                                          "$local/$local/t"}) {
        Client& reader = client("reader");
        reader.subscribe(
            {{"a", Qos::at_most_once}, {filter, Qos::at_most_once}, {"b", Qos::at_least_once}});
        EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 1 [0 128 1]")) << filter;
    }
}

TEST_P(Shared, TakesPrefixesInEitherOrder) {
    for (const std::string_view filter :
         {"$share/g/t", "$queue/t", "$local/t", "$local/$share/g/t", "$share/g/$local/t",
          "$local/$queue/t", "$queue/$local/t"}) {
        Client& reader = subscriber("reader", filter);
        client("p").publish("t", "plain");
        client("p").publish("$local/t", "local");
        EXPECT_THAT(reader.texts(), ElementsAre("PUBLISH t q0 plain", "PUBLISH t q0 local"))
            << filter;
        // Which order it was subscribed in does not matter either.
        if (filter == "$share/g/$local/t") {
            reader.unsubscribe("$local/$share/g/t");
            reader.forget();
            client("p").publish("t", "nobody's");
            EXPECT_THAT(reader.received(), IsEmpty());
        }
    }
}

TEST_P(Shared, DropsPublicationsToGroups) {
    Client& reader = client("reader");
    reader.subscribe({{"#", Qos::at_most_once}, {"$share/g/t", Qos::at_most_once}});
    reader.forget();
    Client& publisher = client({.client_id = "p", .acknowledges = false});
    publisher.publish("$share/g/t", "x");
    publisher.publish("$queue/t", "x", Qos::at_least_once, {.packet_id = 1});
    publisher.publish("$share/g/t", "x", Qos::exactly_once, {.packet_id = 2});
    publisher.publish("$local/$queue/t", "x", Qos::at_least_once, {.packet_id = 3});
    EXPECT_THAT(publisher.texts(), ElementsAre("PUBACK 1", "PUBREC 2", "PUBACK 3"));
    EXPECT_THAT(reader.received(), IsEmpty());
    EXPECT_EQ(broker.drops(DropReason::not_routable), 4U);
}

TEST_P(Shared, RefusesGroupsWhereTheyAreTurnedOff) {
    broker.settings.shared_subscriptions.enabled = false;
    Client& reader = client("reader");
    reader.subscribe({{"$share/g/t", Qos::at_most_once},
                      {"$queue/t", Qos::at_most_once},
                      {"$local/t", Qos::at_most_once}});
    EXPECT_THAT(reader.texts(), ElementsAre("SUBACK 1 [128 128 0]"));
}

TEST_P(Shared, GivesOneCopyToOrdinaryAndLocalFiltersAndOneToEachGroup) {
    Client& reader = client("reader");
    reader.subscribe({{"t", Qos::at_most_once},
                      {"#", Qos::at_least_once},
                      {"$local/t", Qos::exactly_once},
                      {"$local/+", Qos::at_most_once}});
    reader.forget();
    publish(1, 1, Qos::exactly_once);
    EXPECT_THAT(reader.messages().at(0).qos, Qos::exactly_once);
    EXPECT_EQ(reader.messages().size(), 1U);
    reader.subscribe({{"$share/g/t", Qos::at_most_once},
                      {"$share/h/t", Qos::at_most_once},
                      {"$share/g/+", Qos::at_most_once},  // another group: (name, filter)
                      {"$queue/t", Qos::at_most_once}});
    reader.forget();
    publish(2, 2, Qos::exactly_once);
    EXPECT_EQ(reader.messages().size(), 5U);
}

TEST_P(Shared, PublishesToLocalWithoutRetaining) {
    Client& plain = subscriber("plain", "t", Qos::at_least_once);
    Client& local = subscriber("local", "$local/t", Qos::at_least_once);
    client("p").publish("$local/t", "x", Qos::at_least_once, {.retain = true});
    EXPECT_THAT(plain.texts(), ElementsAre("PUBLISH t q1 #1 x"));
    EXPECT_THAT(local.texts(), ElementsAre("PUBLISH t q1 #1 x"));
    Client& later = client("later");
    later.subscribe({{"t", Qos::at_most_once}, {"$local/t", Qos::at_most_once}});
    EXPECT_THAT(later.messages(), IsEmpty());
    // Which does not touch what is retained under the plain topic.
    client("p").publish("t", "kept", Qos::at_most_once, {.retain = true});
    client("p").publish("$local/t", "", Qos::at_most_once, {.retain = true});
    later.forget();
    later.subscribe("$local/t");
    EXPECT_THAT(later.payloads(), ElementsAre("kept"));
}

TEST_P(Shared, GivesGroupsNoRetainedMessages) {
    client("p").publish("t", "kept", Qos::at_least_once, {.retain = true});
    Client& reader = client("reader");
    reader.subscribe("$share/g/t");
    reader.subscribe("$queue/t");
    reader.subscribe("$local/$share/g/t");
    EXPECT_THAT(reader.messages(), IsEmpty());
}

// --- Who gets a message ------------------------------------------------------------------------

TEST_P(Shared, GivesMembersTheirTurns) {
    std::vector<Client*> members;
    for (const std::string_view id : {"a", "b", "c", "d"})
        members.push_back(&member(id));
    for (const Qos qos : kEveryQos)
        publish(1, 8, qos);
    for (const Client* one : members)
        EXPECT_EQ(one->messages().size(), 6U);
    std::multiset<std::string> all;
    for (const Client* one : members) {
        for (const std::string& payload : one->payloads())
            all.insert(payload);
    }
    EXPECT_EQ(all.size(), 24U);
    for (int i = 1; i <= 8; ++i)
        EXPECT_EQ(all.count(std::to_string(i)), 3U);
}

TEST_P(Shared, PrefersConnectedMembers) {
    subscriber(stored("away"), "$share/g/t", Qos::at_least_once).drop();
    Client& here = member("here");
    publish(1, 4);
    EXPECT_EQ(here.messages().size(), 4U);
    EXPECT_THAT(broker.connect(stored("away")).payloads(), IsEmpty());
}

TEST_P(Shared, PassesOverFullMembers) {
    broker.settings.session.max_inflight = 1;
    broker.settings.session.max_queued_messages = 1;
    for (const auto policy :
         {core::Overflow::drop_oldest, core::Overflow::drop_newest, core::Overflow::hold}) {
        broker.settings.session.overflow = policy;
        Client& full = subscriber({.client_id = "full", .acknowledges = false}, "$share/g/t",
                                  Qos::at_least_once);
        Client& free = member("free");
        publish(1, 10);
        EXPECT_EQ(full.messages().size(), 1U);
        EXPECT_EQ(free.messages().size(), 8U);
        EXPECT_EQ(broker.drops(DropReason::queue_full), 0U);
        full.acknowledges = true;
        full.ack(PacketType::puback, full.messages()[0].packet_id);
        EXPECT_EQ(full.messages().size(), 2U);
        full.disconnect();
        free.disconnect();
    }
}

TEST_P(Shared, AsksOtherMembersWhenTheChosenOneProvesFull) {
    // Chosen before it is known that its queue has filled.
    broker.settings.session.max_inflight = 1;
    broker.settings.session.max_queued_messages = 1;
    Client& one =
        subscriber({.client_id = "one", .acknowledges = false}, "$share/g/t", Qos::exactly_once);
    Client& two = member("two", Qos::exactly_once);
    broker.mail_arrives = false;
    publish(1, 12);
    broker.mail_arrives = true;
    broker.run();
    EXPECT_EQ(one.messages().size(), 1U);
    for (const Packet& packet : two.messages())
        EXPECT_EQ(packet.qos, Qos::at_least_once);  // that of the publication, not of the group
    EXPECT_EQ(publisher_->received().size(), 12U);
    EXPECT_EQ(
        one.messages().size() + two.messages().size() + broker.drops(DropReason::queue_full) + 1,
        12U);
}

TEST_P(Shared, WaitsInOneAbsentSessionWhereNobodyIsConnected) {
    for (const std::string_view id : {"a", "b"})
        subscriber(stored(id), "$share/g/t", Qos::at_least_once).drop();
    publish(1, 4);
    EXPECT_EQ(publisher_->received().size(), 4U);
    // The first to come gets them all.
    EXPECT_THAT(broker.connect(stored("a")).payloads(), UnorderedElementsAre("1", "2", "3", "4"));
    EXPECT_THAT(broker.connect(stored("b")).payloads(), IsEmpty());
}

TEST_P(Shared, KeepsAnOrdinarySubscriptionApart) {
    Client& both = client("both");
    both.subscribe({{"$share/g/t", Qos::at_most_once}, {"t", Qos::at_most_once}});
    both.forget();
    publish(1, 1);
    EXPECT_THAT(both.payloads(), ElementsAre("1", "1"));
    both.unsubscribe("$share/g/t");
    both.forget();
    publish(2, 2);
    EXPECT_THAT(both.payloads(), ElementsAre("2"));
}

// --- Members come and go -----------------------------------------------------------------------

TEST_P(Shared, HandsOverWhatALeavingMemberDidNotAcknowledge) {
    broker.settings.session.max_inflight = 2;
    for (const bool clean : {true, false}) {
        Client& leaving =
            subscriber({.client_id = "leaving", .clean_session = clean, .acknowledges = false},
                       "$share/g/t", Qos::at_least_once);
        publish(1, 4);
        EXPECT_THAT(leaving.payloads(), ElementsAre("1", "2"));
        leaving.ack(PacketType::puback, leaving.messages()[0].packet_id);
        EXPECT_THAT(leaving.payloads(), ElementsAre("1", "2", "3"));
        Client& staying = member("staying");
        leaving.drop();
        // As new messages.
        EXPECT_THAT(staying.payloads(), UnorderedElementsAre("2", "3", "4"));
        for (const Packet& packet : staying.messages())
            EXPECT_FALSE(packet.dup);
        staying.disconnect();
        if (!clean) {
            EXPECT_THAT(broker.connect(stored("leaving")).texts(),
                        ElementsAre("CONNACK 0 present"));
        }
        (void)client("leaving");
    }
}

TEST_P(Shared, HandsOverOnlyWhatWasNotSentAtUnsubscribe) {
    broker.settings.session.max_inflight = 2;
    Client& leaving = subscriber({.client_id = "leaving", .acknowledges = false}, "$share/g/t",
                                 Qos::at_least_once);
    publish(1, 4);
    Client& staying = member("staying");
    leaving.unsubscribe("$share/g/t");
    EXPECT_THAT(leaving.payloads(), ElementsAre("1", "2"));
    EXPECT_THAT(staying.payloads(), UnorderedElementsAre("3", "4"));
}

TEST_P(Shared, KeepsMessagesWithTheirMemberThroughATakeover) {
    broker.settings.session.max_inflight = 1;
    (void)subscriber(stored("c", false), "$share/g/t", Qos::at_least_once);
    publish(1, 2);
    Client& other = member("other");
    Client& again = broker.connect(stored("c"));
    EXPECT_THAT(again.payloads(), ElementsAre("1", "2"));
    EXPECT_TRUE(again.messages().at(0).dup);
    EXPECT_THAT(other.received(), IsEmpty());
}

TEST_P(Shared, MovesWaitingMessagesToAMemberThatConnects) {
    subscriber(stored("away"), "$share/g/t", Qos::at_least_once).drop();
    publish(1, 3);
    Client& here = client("here");
    here.subscribe("$share/g/t", Qos::at_least_once);
    EXPECT_THAT(here.payloads(), UnorderedElementsAre("1", "2", "3"));
    EXPECT_THAT(broker.connect(stored("away")).payloads(), IsEmpty());
}

TEST_P(Shared, MovesWaitingMessagesWhenTheirSessionExpires) {
    broker.settings.session.expiry = std::chrono::hours{1};
    subscriber(stored("first"), "$share/g/t", Qos::at_least_once).drop();
    broker.advance(std::chrono::minutes{30});
    subscriber(stored("second"), "$share/g/t", Qos::at_least_once).drop();
    publish(1, 6);
    broker.advance(std::chrono::minutes{45});
    EXPECT_THAT(broker.connect(stored("first")).texts(), ElementsAre("CONNACK 0"));
    EXPECT_THAT(broker.connect(stored("second")).payloads(),
                UnorderedElementsAre("1", "2", "3", "4", "5", "6"));
}

TEST_P(Shared, MovesWaitingMessagesWhenTheirSessionIsWiped) {
    for (const std::string_view id : {"a", "b"})
        subscriber(stored(id), "$share/g/t", Qos::at_least_once).drop();
    publish(1, 6);
    (void)client("a");  // a clean session
    EXPECT_THAT(broker.connect(stored("b")).payloads(),
                UnorderedElementsAre("1", "2", "3", "4", "5", "6"));
}

TEST_P(Shared, KeepsSentQos2MessagesWithTheirSession) {
    Client& leaving = subscriber(stored("leaving", false), "$share/g/t", Qos::exactly_once);
    publish(1, 1, Qos::exactly_once);
    EXPECT_THAT(leaving.payloads(), ElementsAre("1"));
    Client& staying = member("staying", Qos::exactly_once);
    leaving.drop();
    EXPECT_THAT(staying.messages(), IsEmpty());
    Client& again = broker.connect(stored("leaving"));
    EXPECT_THAT(again.payloads(), ElementsAre("1"));
    EXPECT_TRUE(again.messages().at(0).dup);
}

TEST_P(Shared, DropsQos2MessagesThatACleanSessionLeftUnfinished) {
    Client& leaving = subscriber({.client_id = "leaving", .acknowledges = false}, "$share/g/t",
                                 Qos::exactly_once);
    publish(1, 1, Qos::exactly_once);
    EXPECT_THAT(leaving.payloads(), ElementsAre("1"));
    Client& staying = member("staying", Qos::exactly_once);
    leaving.drop();
    EXPECT_THAT(staying.messages(), IsEmpty());
    EXPECT_EQ(broker.drops(DropReason::unfinished_qos2), 1U);
}

// --- Strategies --------------------------------------------------------------------------------

using Strategy = core::ShareStrategy;

class Strategies : public Shared {
protected:
    void SetUp() override {
        for (const std::string_view id : {"a", "b", "c"})
            members.push_back(&subscriber(id, "$share/g/t/#", Qos::at_least_once));
    }
    // By member, what it got of these messages to these topics by these publishers.
    std::vector<std::size_t> shares(int messages, int topics = 1, int publishers = 1) {
        for (Client* member : members)
            member->forget();
        for (int p = 0; p < publishers; ++p) {
            Client& publisher = client("publisher" + std::to_string(p));
            for (int t = 0; t < topics; ++t) {
                for (int i = 0; i < messages; ++i) {
                    publisher.publish("t/" + std::to_string(t),
                                      std::to_string(p) + ":" + std::to_string(t));
                }
            }
        }
        std::vector<std::size_t> sizes;
        for (const Client* member : members)
            sizes.push_back(member->messages().size());
        return sizes;
    }
    // Whether all messages with the same payload went to the same member.
    [[nodiscard]] bool together() const {
        std::map<std::string, const Client*> owners;
        for (const Client* member : members) {
            for (const std::string& payload : member->payloads()) {
                if (owners.emplace(payload, member).first->second != member) return false;
            }
        }
        return true;
    }
    static std::size_t busy(const std::vector<std::size_t>& sizes) {
        return static_cast<std::size_t>(
            std::count_if(sizes.begin(), sizes.end(), [](std::size_t size) { return size != 0; }));
    }

    std::vector<Client*> members;
};

INSTANTIATE_TEST_SUITE_P(Brokers, Strategies, ::testing::ValuesIn(kBrokers), name_of);

TEST_P(Strategies, RoundRobinIsExact) {
    EXPECT_THAT(shares(30), ElementsAre(10, 10, 10));
}

TEST_P(Strategies, StickyStaysWithOneMemberWhileItIsThere) {
    broker.settings.shared_subscriptions.strategy = Strategy::sticky;
    const auto first = shares(5, 10, 3);
    EXPECT_EQ(busy(first), 1U);
    const auto chosen = static_cast<std::size_t>(
        std::find_if(first.begin(), first.end(), [](std::size_t size) { return size != 0; }) -
        first.begin());
    members[chosen]->disconnect();
    const auto second = shares(5, 10, 3);
    EXPECT_EQ(busy(second), 1U);
    EXPECT_EQ(second[chosen], 0U);
}

TEST_P(Strategies, HashTopicKeepsATopicWithOneMember) {
    broker.settings.shared_subscriptions.strategy = Strategy::hash_topic;
    EXPECT_EQ(busy(shares(3, 40)), 3U);
    EXPECT_TRUE(together());
}

TEST_P(Strategies, HashClientIdKeepsAPublisherWithOneMember) {
    broker.settings.shared_subscriptions.strategy = Strategy::hash_client_id;
    EXPECT_EQ(busy(shares(3, 1, 40)), 3U);
    EXPECT_TRUE(together());
    EXPECT_EQ(busy(shares(5, 20, 1)), 1U);
}

TEST_P(Strategies, RandomReachesEveryMember) {
    broker.settings.shared_subscriptions.strategy = Strategy::random;
    const auto sizes = shares(300);
    for (const std::size_t size : sizes) {
        EXPECT_GT(size, 50U);
        EXPECT_LT(size, 150U);
    }
}

TEST_P(Strategies, LeastInflightSparesWhoIsBehind) {
    broker.settings.shared_subscriptions.strategy = Strategy::least_inflight;
    members[0]->acknowledges = false;
    Client& publisher = client("p");
    for (int i = 0; i < 30; ++i)
        publisher.publish("t/x", "x", Qos::at_least_once);
    EXPECT_LE(members[0]->messages().size(), 1U);
}

TEST_P(Strategies, AGroupMayHaveAStrategyOfItsOwn) {
    broker.settings.shared_subscriptions.groups = {{"other", Strategy::sticky}};
    EXPECT_THAT(shares(30), ElementsAre(10, 10, 10));
    broker.settings.shared_subscriptions.groups = {{"g", Strategy::sticky}};
    EXPECT_EQ(busy(shares(30)), 1U);
}

}  // namespace
}  // namespace godwit::test
