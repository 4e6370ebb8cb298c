#include "godwit/net/event_loop.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "socket.hpp"
#include "watched.hpp"

namespace godwit::net {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

constexpr core::WallTime kWallStart{std::chrono::hours(1000)};

// Counts turns and ends the loop when told.
class RecordingTurn final : public EventLoop::Turn {
public:
    void begin() override { ++begins; }
    std::optional<core::SteadyTime> end(const core::Now& now) override {
        ++ends;
        return on_end ? on_end(now) : std::nullopt;
    }
    void sleep() override { ++sleeps; }

    int begins = 0;
    int ends = 0;
    int sleeps = 0;
    std::function<std::optional<core::SteadyTime>(const core::Now&)> on_end;
};

class RecordingWatched final : public Watched {
public:
    void on_ready(Ready ready) override {
        if (ready.read) ++reads;
        if (ready.write) ++writes;
        if (then) then();
    }
    void on_timer() override {
        ++timers;
        if (then) then();
    }

    int reads = 0;
    int writes = 0;
    int timers = 0;
    std::function<void()> then;
};

struct SocketPair {
    SocketPair() {
        int ends[2];
        if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends) != 0) std::abort();
        ours = Descriptor(ends[0]);
        theirs = Descriptor(ends[1]);
    }
    void send(const std::string& text) const {
        EXPECT_EQ(write(theirs.get(), text.data(), text.size()), std::ssize(text));
    }
    Descriptor ours, theirs;
};

class EventLoopTest : public testing::Test {
protected:
    EventLoop loop{{std::chrono::steady_clock::now(), kWallStart}};
    RecordingTurn turn;
};

TEST_F(EventLoopTest, CallsPostedWorkInOrder) {
    std::vector<int> called;
    for (int i = 0; i < 3; ++i)
        loop.post([&called, i] { called.push_back(i); });
    loop.stop();
    loop.run(turn);
    EXPECT_THAT(called, ElementsAre(0, 1, 2));
}

TEST_F(EventLoopTest, CallsAllWorkPostedBetweenTwoTurnsInOneTurn) {
    for (int i = 0; i < 100; ++i)
        loop.post([] {});
    loop.stop();
    loop.run(turn);
    EXPECT_LE(turn.ends, 2);
}

TEST_F(EventLoopTest, TakesMoveOnlyWork) {
    auto number = std::make_unique<int>(42);
    int seen = 0;
    loop.post([&seen, number = std::move(number)] { seen = *number; });
    loop.stop();
    loop.run(turn);
    EXPECT_EQ(seen, 42);
}

TEST_F(EventLoopTest, WorkPostedByOtherThreadsArrivesInTheOrderOfEach) {
    constexpr int kPosts = 10'000;
    std::vector<std::vector<int>> seen(3);
    int left = 3 * kPosts;
    std::vector<std::jthread> threads;
    for (std::size_t t = 0; t < seen.size(); ++t) {
        threads.emplace_back([&, t] {
            for (int i = 0; i < kPosts; ++i) {
                loop.post([&, t, i] {
                    seen[t].push_back(i);
                    if (--left == 0) loop.stop();
                });
            }
        });
    }
    loop.run(turn);
    for (const auto& numbers : seen) {
        EXPECT_EQ(numbers.size(), kPosts);
        EXPECT_TRUE(std::ranges::is_sorted(numbers));
    }
}

TEST_F(EventLoopTest, CallsAWatchedDescriptorEveryTurnWhileItIsReady) {
    SocketPair pair;
    RecordingWatched watched;
    loop.watch(pair.ours.get(), watched, EventLoop::Interest::read);
    pair.send("x");
    watched.then = [&] {
        if (watched.reads == 3) loop.stop();
    };
    loop.run(turn);
    EXPECT_GE(watched.reads, 3);
    EXPECT_EQ(watched.writes, 0);
}

TEST_F(EventLoopTest, TellsWritabilityOnlyWhenAsked) {
    SocketPair pair;
    RecordingWatched watched;
    loop.watch(pair.ours.get(), watched, EventLoop::Interest::read);
    loop.change(pair.ours.get(), watched, EventLoop::Interest::both);
    watched.then = [&] { loop.stop(); };
    loop.run(turn);
    EXPECT_GE(watched.writes, 1);
    EXPECT_EQ(watched.reads, 0);
}

TEST_F(EventLoopTest, TellsTheEndOfTheStreamAsReadable) {
    SocketPair pair;
    RecordingWatched watched;
    loop.watch(pair.ours.get(), watched, EventLoop::Interest::read);
    pair.theirs.close();
    watched.then = [&] { loop.stop(); };
    loop.run(turn);
    EXPECT_GE(watched.reads, 1);
}

TEST_F(EventLoopTest, WhoIsUnwatchedIsNotCalledAgainNotEvenInThisTurn) {
    SocketPair pairs[2];
    RecordingWatched watched[2];
    for (int i = 0; i < 2; ++i) {
        loop.watch(pairs[i].ours.get(), watched[i], EventLoop::Interest::read);
        pairs[i].send("x");
        watched[i].then = [&, i] {
            loop.unwatch(pairs[1 - i].ours.get(), watched[1 - i]);
            loop.stop();
        };
    }
    loop.run(turn);
    EXPECT_TRUE((watched[0].reads == 0) != (watched[1].reads == 0));
}

TEST_F(EventLoopTest, CallsTimersWhenTheirTimeHasCome) {
    RecordingWatched watched;
    const core::SteadyTime deadline = loop.now().steady + 30ms;
    loop.set_timer(watched, deadline);
    watched.then = [&] { loop.stop(); };
    loop.run(turn);
    EXPECT_EQ(watched.timers, 1);
    EXPECT_GE(loop.now().steady, deadline);
}

TEST_F(EventLoopTest, WhoIsForgottenHasNoDeadlineAnyMore) {
    RecordingWatched forgotten;
    RecordingWatched other;
    other.then = [&] { loop.stop(); };
    loop.set_timer(forgotten, loop.now().steady + 10ms);
    loop.set_timer(other, loop.now().steady + 200ms);
    loop.forget(forgotten);
    loop.run(turn);
    EXPECT_EQ(forgotten.timers, 0);
    EXPECT_EQ(other.timers, 1);
}

TEST_F(EventLoopTest, EveryTurnBeginsAndEnds) {
    loop.post([] {});
    loop.stop();
    loop.run(turn);
    EXPECT_GE(turn.begins, 1);
    EXPECT_EQ(turn.begins, turn.ends);
}

TEST_F(EventLoopTest, DoesNotSleepWhenTheNextTurnIsDueAtOnce) {
    turn.on_end = [&](const core::Now& now) -> std::optional<core::SteadyTime> {
        if (turn.ends == 5) loop.stop();
        return now.steady;
    };
    loop.run(turn);
    EXPECT_EQ(turn.sleeps, 0);
}

TEST_F(EventLoopTest, ComesAgainAtTheTimeTheTurnAskedFor) {
    core::SteadyTime wanted{};
    turn.on_end = [&](const core::Now& now) -> std::optional<core::SteadyTime> {
        if (turn.ends == 1) return wanted = now.steady + 20ms;
        EXPECT_GE(now.steady, wanted);
        loop.stop();
        return std::nullopt;
    };
    loop.run(turn);
    EXPECT_GE(turn.sleeps, 1);
}

TEST_F(EventLoopTest, CarriesOnTheWallClockItWasGiven) {
    const core::Now before = loop.now();
    EXPECT_GE(before.wall, kWallStart);
    EXPECT_LT(before.wall, kWallStart + 1h);
    turn.on_end = [&](const core::Now& now) -> std::optional<core::SteadyTime> {
        if (turn.ends == 1) return now.steady + 5ms;
        EXPECT_GE(now.steady - before.steady, 5ms);
        EXPECT_EQ(now.wall - before.wall, now.steady - before.steady);
        loop.stop();
        return std::nullopt;
    };
    loop.run(turn);
    EXPECT_GE(turn.ends, 2);
}

TEST_F(EventLoopTest, DropsWhatNobodyCalls) {
    auto shared = std::make_shared<int>(1);
    loop.post([shared] {});
    EXPECT_EQ(shared.use_count(), 2);
    loop.drop_posts();
    EXPECT_EQ(shared.use_count(), 1);
}

}  // namespace
}  // namespace godwit::net
