#include "godwit/core/subscriber_list.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <vector>

namespace godwit::core {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class SubscriberListTest : public ::testing::Test {
protected:
    static Subscriber subscriber(std::uint32_t slot, int qos = 0, bool local = false) {
        return {{7, slot, 1}, static_cast<mqtt::Qos>(qos), local};
    }
    bool put(const Subscriber& s) { return list.put(s, reclaimer); }
    bool remove(const Subscriber& s) { return list.remove(s.session, s.local, reclaimer); }
    std::vector<Subscriber> all() const {
        std::vector<Subscriber> seen;
        list.for_each([&seen](const Subscriber& s) { seen.push_back(s); });
        return seen;
    }

    Reclaimer reclaimer{1};
    SubscriberList list;
};

TEST_F(SubscriberListTest, VisitsTheOldestFirst) {
    EXPECT_TRUE(list.empty());
    for (std::uint32_t slot : {5U, 3U, 9U, 1U})
        EXPECT_FALSE(put(subscriber(slot)));
    EXPECT_FALSE(list.empty());
    EXPECT_THAT(all(), ElementsAre(subscriber(5), subscriber(3), subscriber(9), subscriber(1)));
}

TEST_F(SubscriberListTest, ReplacesTheQosInPlace) {  // [MQTT-3.8.4-3]
    for (std::uint32_t slot = 0; slot < 3; ++slot)
        put(subscriber(slot));
    EXPECT_TRUE(put(subscriber(0, 2)));
    EXPECT_TRUE(put(subscriber(1, 1)));
    EXPECT_THAT(all(), ElementsAre(subscriber(0, 2), subscriber(1, 1), subscriber(2, 0)));
}

TEST_F(SubscriberListTest, KeepsAnOrdinaryAndALocalSubscriptionApart) {
    EXPECT_FALSE(put(subscriber(1, 0)));
    EXPECT_FALSE(put(subscriber(1, 2, true)));
    EXPECT_THAT(all(), ElementsAre(subscriber(1, 0), subscriber(1, 2, true)));
    EXPECT_TRUE(remove(subscriber(1)));
    EXPECT_THAT(all(), ElementsAre(subscriber(1, 2, true)));
}

TEST_F(SubscriberListTest, TellsTenantsOfOneSlotApart) {
    put({{7, 1, 1}, mqtt::Qos::at_most_once, false});
    put({{7, 1, 2}, mqtt::Qos::at_most_once, false});
    put({{8, 1, 1}, mqtt::Qos::at_most_once, false});
    EXPECT_EQ(all().size(), 3U);
    EXPECT_FALSE(list.remove({8, 1, 2}, false, reclaimer));
    EXPECT_TRUE(list.remove({7, 1, 2}, false, reclaimer));
    EXPECT_EQ(all().size(), 2U);
}

TEST_F(SubscriberListTest, IsEmptyOnceTheLastHasGone) {
    for (std::uint32_t slot = 0; slot < 3; ++slot)
        put(subscriber(slot));
    for (std::uint32_t slot = 0; slot < 3; ++slot) {
        EXPECT_FALSE(list.empty());
        EXPECT_TRUE(remove(subscriber(slot)));
        EXPECT_FALSE(remove(subscriber(slot)));
    }
    EXPECT_TRUE(list.empty());
    EXPECT_THAT(all(), IsEmpty());
    put(subscriber(0));
    EXPECT_THAT(all(), ElementsAre(subscriber(0)));
}

TEST_F(SubscriberListTest, BehavesLikeAPlainListThroughGrowthAndCompaction) {
    std::mt19937 engine(11);
    const auto random = [&engine] { return static_cast<std::uint32_t>(engine()); };
    std::vector<Subscriber> reference;
    for (int step = 0; step < 20'000; ++step) {
        // Grows to some hundreds, then shrinks again, twice.
        const bool growing = step / 5'000 % 2 == 0;
        Subscriber s = subscriber(random() % (step < 10'000 ? 400 : 40),
                                  static_cast<int>(random() % 3), random() % 4 == 0);
        const auto same = std::find_if(reference.begin(), reference.end(), [&](const auto& other) {
            return other.session == s.session && other.local == s.local;
        });
        if (random() % 8 < (growing ? 6U : 2U)) {
            ASSERT_EQ(put(s), same != reference.end());
            if (same != reference.end()) {
                same->qos = s.qos;
            } else {
                reference.push_back(s);
            }
        } else {
            ASSERT_EQ(remove(s), same != reference.end());
            if (same != reference.end()) reference.erase(same);
        }
        ASSERT_EQ(list.empty(), reference.empty());
        if (step % 50 == 0) {
            ASSERT_EQ(all(), reference);
            reclaimer.collect(100);
        }
    }
    EXPECT_EQ(all(), reference);
}

}  // namespace
}  // namespace godwit::core
