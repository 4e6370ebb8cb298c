#include "rights.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace godwit::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

// Denies topics that begin with '!', and records what it is asked.
class Recorder final : public AccessPolicy {
public:
    std::vector<std::string> take() const { return std::exchange(asked_, {}); }

    [[nodiscard]] bool restricts() const override { return true; }
    [[nodiscard]] bool may_publish(const Client& client, std::string_view topic) const override {
        return answer("publish", client, topic);
    }
    [[nodiscard]] bool may_receive(const Client& client, std::string_view topic) const override {
        return answer("receive", client, topic);
    }
    [[nodiscard]] Scope may_subscribe(const Client&, std::string_view) const override {
        return Scope::all;
    }
    [[nodiscard]] std::string receive_rule(const Client&, std::string_view) const override {
        return {};
    }

private:
    bool answer(std::string what, const Client& client, std::string_view topic) const {
        asked_.push_back(what.append(" ").append(client.client_id).append(" ").append(topic));
        return !topic.starts_with('!');
    }
    mutable std::vector<std::string> asked_;
};

class RightsTest : public ::testing::Test {
protected:
    Session make(std::string id) {
        Session session;
        session.client_id = std::move(id);
        session.holder = rights.next_holder();
        return session;
    }

    Recorder policy;
    Rights rights{3, policy};
};

TEST_F(RightsTest, AsksOnceForATopicOfAClient) {
    const Session session = make("c");
    for (int i = 0; i < 3; ++i) {
        EXPECT_TRUE(rights.may_publish(session, "a/b"));
        EXPECT_FALSE(rights.may_publish(session, "!a"));
    }
    EXPECT_THAT(policy.take(), ElementsAre("publish c a/b", "publish c !a"));
}

TEST_F(RightsTest, TellsClientsTopicsAndActionsApart) {
    const Session one = make("one");
    const Session two = make("two");
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(rights.may_publish(one, "t"));
        EXPECT_TRUE(rights.may_publish(two, "t"));
        EXPECT_TRUE(rights.may_receive(one, "t"));
        EXPECT_TRUE(rights.may_receive(one, "tt"));
    }
    EXPECT_THAT(policy.take(),
                ElementsAre("publish one t", "publish two t", "receive one t", "receive one tt"));
}

TEST_F(RightsTest, AsksAnewForAClientThatIsAnotherOneNow) {
    Session session = make("c");
    EXPECT_TRUE(rights.may_publish(session, "t"));
    session.holder = rights.next_holder();
    EXPECT_TRUE(rights.may_publish(session, "t"));
    EXPECT_EQ(policy.take().size(), 2U);
}

TEST_F(RightsTest, ForgetsWhatOtherRulesSaid) {
    const Session session = make("c");
    EXPECT_TRUE(rights.may_publish(session, "t"));
    const Recorder other;
    rights.enforce(other);
    EXPECT_TRUE(rights.may_publish(session, "t"));
    EXPECT_THAT(other.take(), ElementsAre("publish c t"));
}

TEST_F(RightsTest, StaysRightForMoreTopicsThanItRemembers) {
    const Session session = make("c");
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < 50'000; ++i) {
            const std::string topic = (i % 3 == 0 ? "!" : "t") + std::to_string(i);
            ASSERT_EQ(rights.may_publish(session, topic), i % 3 != 0);
        }
    }
    const std::string longest(65'535, 't');
    EXPECT_TRUE(rights.may_publish(session, longest));
    EXPECT_FALSE(rights.may_publish(session, "!" + longest));
}

TEST_F(RightsTest, AsksByThePlainTopic) {
    Session session = make("c");
    session.owner = std::make_unique<Owner>(Owner{.user_name = {}, .mount_point = "home/"});
    EXPECT_TRUE(rights.may_receive(session, "home/t"));
    EXPECT_THAT(policy.take(), ElementsAre("receive c t"));
    // Another shard asks by the same facts.
    const RightsHolder holder = Rights::holder_of(session);
    EXPECT_TRUE(rights.may_receive(holder, "home/t"));
    EXPECT_THAT(policy.take(), IsEmpty());
}

TEST_F(RightsTest, AsksForNoSuperuser) {
    Session session = make("c");
    session.superuser = true;
    EXPECT_TRUE(rights.may_publish(session, "!t"));
    EXPECT_TRUE(rights.may_receive(session, "!t"));
    EXPECT_TRUE(rights.may_publish(Author{.client_id = "c", .superuser = true}, "!t"));
    EXPECT_EQ(rights.may_subscribe(session, "#"), AccessPolicy::Scope::all);
    EXPECT_THAT(policy.take(), IsEmpty());
    EXPECT_FALSE(rights.may_publish(Author{.client_id = "c"}, "!t"));
}

}  // namespace
}  // namespace godwit::core
