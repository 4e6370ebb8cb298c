// How many handshakes there may be at once, and in one turn.
#include "handshakes.hpp"

#include <gtest/gtest.h>

namespace godwit::net {
namespace {

using namespace std::chrono_literals;

struct Client final : Handshakes::Waiter {
    void on_room() override { called = true; }
    bool called = false;
};

TEST(HandshakesTest, BeginUpToTheirNumber) {
    Handshakes handshakes(2, 1ms);
    Client a, b, c;
    EXPECT_TRUE(handshakes.begin(a));
    EXPECT_TRUE(handshakes.begin(b));
    EXPECT_FALSE(handshakes.begin(c));
    EXPECT_EQ(handshakes.under_way(), 2U);
    EXPECT_EQ(handshakes.waiting(), 1U);
}

TEST(HandshakesTest, TheFirstWhoWaitsIsNext) {
    Handshakes handshakes(1, 1ms);
    Client a, b, c;
    EXPECT_TRUE(handshakes.begin(a));
    EXPECT_FALSE(handshakes.begin(b));
    EXPECT_FALSE(handshakes.begin(c));
    handshakes.end(a);
    EXPECT_TRUE(b.called);
    EXPECT_FALSE(c.called);
    EXPECT_TRUE(handshakes.begin(b)) << "it has begun already";
    EXPECT_EQ(handshakes.under_way(), 1U);
}

TEST(HandshakesTest, WhoGivesUpWaitingTakesNoPlace) {
    Handshakes handshakes(1, 1ms);
    Client a, b, c;
    EXPECT_TRUE(handshakes.begin(a));
    EXPECT_FALSE(handshakes.begin(b));
    EXPECT_FALSE(handshakes.begin(c));
    handshakes.end(b);
    handshakes.end(a);
    handshakes.end(a);  // again: nothing
    EXPECT_FALSE(b.called);
    EXPECT_TRUE(c.called);
    EXPECT_EQ(handshakes.under_way(), 1U);
    handshakes.end(c);
    EXPECT_EQ(handshakes.under_way(), 0U);
}

TEST(HandshakesTest, ATurnThatIsUsedUpLeavesTheRestToTheNext) {
    Handshakes handshakes(10, 0ms);
    int steps = 0;
    const auto step = [&] { ++steps; };
    handshakes.begin_turn();
    handshakes.run(step);
    handshakes.run(step);
    EXPECT_EQ(steps, 1) << "the first one runs always, the second finds no time left";
    handshakes.begin_turn();
    handshakes.run(step);
    EXPECT_EQ(steps, 2);
}

TEST(HandshakesTest, ManyStepsFitATurnThatIsLong) {
    Handshakes handshakes(10, 1h);
    int steps = 0;
    handshakes.begin_turn();
    for (int i = 0; i < 100; ++i)
        handshakes.run([&] { ++steps; });
    EXPECT_EQ(steps, 100);
}

}  // namespace
}  // namespace godwit::net
