#include "godwit/core/restart.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_ports.hpp"
#include "stored_records.hpp"

namespace godwit::core {
namespace {

using mqtt::Qos;
using ::testing::Contains;
using ::testing::Not;

struct State final : StoredState {
    std::vector<StoredSession> sessions;
    std::vector<RetainedRecord> retained;
    std::vector<StoredPublication> publications;

    void for_each_session(const Wanted& wanted,
                          const std::function<void(StoredSession)>& visit) const override {
        for (const StoredSession& session : sessions) {
            if (wanted(session.record)) visit(session);
        }
    }
    void for_each_will(const std::function<void(Incarnation, WillRecord)>&) const override {}
    void for_each_retained(const std::function<void(RetainedRecord)>& visit) const override {
        for (const RetainedRecord& record : retained)
            visit(record);
    }
    void for_each_publication(const std::function<void(StoredPublication)>& visit) const override {
        for (const StoredPublication& publication : publications)
            visit(publication);
    }
};

// One shard, and what it is given when the broker starts.
class RestartTest : public ::testing::Test, protected Mailer {
protected:
    void restart() {
        Restart restart(commons_, state);
        restart.load_retained();
        restart.load_sessions(shard_, now_);
        restart.finish(shard_, now_);
        for (shard_.end_turn(now_); !store.committing.empty(); shard_.end_turn(now_)) {
            const CommitId commit = store.committing.front();
            store.committing.pop_front();
            shard_.on_commit(commit, now_);
        }
    }

    State state;
    test::FakeStore store{true};

private:
    bool take_credit(ShardIndex, std::size_t) override { return true; }
    void return_credit(ShardIndex, std::size_t) override {}
    void send(ShardIndex, Mail, std::size_t) override {}

    Settings settings_;
    test::FakeEvents events_;
    test::FakeAccess access_;
    test::FakeRandom random_;
    Reclaimer reclaimer_{1};

protected:
    RetainedTree tree{reclaimer_};

private:
    Router router_{reclaimer_};
    Commons commons_{1, 0, settings_, router_, tree, reclaimer_, events_, access_};
    Now now_{SteadyTime{} + std::chrono::hours{1}, WallTime{} + std::chrono::hours{24 * 365 * 50}};
    Shard shard_{0, commons_, store, *this, random_};
};

// A publication under way whose retained value is stored, and was then replaced.
TEST_F(RestartTest, StoredRetainedValueIsNotSetAgainByItsRow) {
    LoggedPublication old{
        .message = test::message("t", "old"), .qos = Qos::exactly_once, .retain = true};
    state.publications.push_back({7, std::move(old), {{kRetainedMark, {}}}});
    state.retained.push_back({test::message("t", "new"), Qos::at_least_once, std::nullopt});
    restart();
    EXPECT_EQ(test::payload_of(tree.get("t")->message), "new");
}

TEST_F(RestartTest, RetainedValueThatIsNotStoredIsSetByItsRow) {
    LoggedPublication fresh{
        .message = test::message("t", "new"), .qos = Qos::exactly_once, .retain = true};
    state.publications.push_back({7, std::move(fresh), {}});
    state.retained.push_back({test::message("t", "old"), Qos::at_least_once, std::nullopt});
    restart();
    EXPECT_EQ(test::payload_of(tree.get("t")->message), "new");
    EXPECT_THAT(store.written, Contains("put_retained"));
}

TEST_F(RestartTest, SessionThatKeepsItsPlaceIsNotWritten) {
    StoredSession session{.record = test::session_record(3, "c")};
    session.record.absence = {WallTime{}, 2};
    session.record.handle = {0, 0, 1};
    state.sessions.push_back(session);
    restart();
    EXPECT_THAT(store.written, Not(Contains("put_session")));
}

// Rows that are written from now on name it by its new place.
TEST_F(RestartTest, NewPlaceOfASessionFromAnotherShardIsStored) {
    StoredSession session{.record = test::session_record(3, "c")};
    session.record.absence = {WallTime{}, 2};
    session.record.handle.shard = 5;
    state.sessions.push_back(session);
    restart();
    EXPECT_THAT(store.written, Contains("put_session"));
}

}  // namespace
}  // namespace godwit::core
