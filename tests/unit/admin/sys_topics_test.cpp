#include "godwit/admin/sys_topics.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>

namespace godwit::admin {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::DoubleNear;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::SizeIs;

SysTopic on(const std::string& name, const std::string& payload) {
    return {"$SYS/broker/" + name, payload};
}

TEST(LoadAverageTest, ASteadyRateIsWhatTheAveragesComeTo) {
    LoadAverage load;
    std::uint64_t total = 0;
    for (int i = 0; i < 6 * 120; ++i)
        load.count(total += 20, 10s);
    EXPECT_THAT(load.averages(), Each(DoubleNear(120.0, 0.1)));
}

TEST(LoadAverageTest, AMinuteOfItFillsTheShortestWindowMost) {
    LoadAverage load;
    load.count(600, 1min);
    EXPECT_THAT(load.averages(),  // 1 - e^(-1), 1 - e^(-1/5), 1 - e^(-1/15)
                ElementsAre(DoubleNear(379.3, 0.1), DoubleNear(108.8, 0.1), DoubleNear(38.7, 0.1)));
}

TEST(LoadAverageTest, HowOftenItIsCountedMakesNoDifference) {
    LoadAverage often;
    LoadAverage seldom;
    for (int i = 1; i <= 60; ++i)
        often.count(static_cast<std::uint64_t>(i), 1s);
    seldom.count(60, 1min);
    EXPECT_NEAR(often.averages()[0], seldom.averages()[0], 0.001);
}

TEST(SysTopicsTest, SpeaksAsMosquittoDoes) {
    Totals totals;
    totals.sessions_connected = 3;
    totals.sessions_absent = 2;
    totals.sessions_expired = 1;
    totals.retained_messages = 4;
    totals.queued_messages = 5;
    totals.inflight_messages = 6;
    totals.messages_sent = {1, 2, 3};
    totals.packets_received[static_cast<std::size_t>(mqtt::PacketType::connect)] = 7;
    totals.packets_received[static_cast<std::size_t>(mqtt::PacketType::publish)] = 8;
    SysTopics topics("1.2.3");
    const auto changes = topics.changes(totals, 123'456ms);
    for (const SysTopic& expected :
         {on("version", "godwit version 1.2.3"), on("uptime", "123 seconds"),
          on("clients/connected", "3"), on("clients/disconnected", "2"), on("clients/total", "5"),
          on("clients/maximum", "3"), on("clients/expired", "1"), on("messages/received", "15"),
          on("messages/stored", "15"), on("publish/messages/sent", "6"),
          on("retained messages/count", "4"), on("load/sockets/15min", "0.00")}) {
        EXPECT_THAT(changes, Contains(expected));
    }
}

TEST(SysTopicsTest, OnlyWhatChangedComesAgain) {
    Totals totals;
    SysTopics topics("1");
    EXPECT_THAT(topics.changes(totals, 1s), SizeIs(testing::Gt(40U)));
    totals.subscriptions = 1;
    EXPECT_THAT(topics.changes(totals, 2s),
                ElementsAre(on("uptime", "2 seconds"), on("subscriptions/count", "1")));
    EXPECT_THAT(topics.changes(totals, 2s), IsEmpty());
}

TEST(SysTopicsTest, TheMaximumStays) {
    Totals totals;
    SysTopics topics("1");
    totals.sessions_connected = 5;
    EXPECT_THAT(topics.changes(totals, 1s), Contains(on("clients/maximum", "5")));
    totals.sessions_connected = 2;
    const auto changes = topics.changes(totals, 2s);
    EXPECT_THAT(changes, Contains(on("clients/connected", "2")));
    EXPECT_THAT(changes, Not(Contains(Field(&SysTopic::topic, "$SYS/broker/clients/maximum"))));
}

TEST(SysTopicsTest, WhatIsWithdrawnLosesItsValueAndComesBackWhole) {
    SysTopics topics("1");
    const auto all = topics.changes({}, 1s);
    const auto gone = topics.withdraw();
    EXPECT_THAT(gone, SizeIs(all.size()));
    EXPECT_THAT(gone, Each(Field(&SysTopic::payload, "")));
    EXPECT_THAT(topics.withdraw(), IsEmpty());
    EXPECT_THAT(topics.changes({}, 2s), SizeIs(all.size()));
}

}  // namespace
}  // namespace godwit::admin
