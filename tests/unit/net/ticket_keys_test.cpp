// How long a session ticket can be read.
#include "ticket_keys.hpp"

#include <gtest/gtest.h>

namespace godwit::net {
namespace {

using namespace std::chrono_literals;
constexpr auto kLifetime = TicketKeys::kLifetime;
const TicketKeys::Time kStart{24h};

TEST(TicketKeysTest, ATicketIsGoodForItsLifetimeWheneverItWasMade) {
    TicketKeys keys;
    const auto first = keys.current(kStart);
    ASSERT_TRUE(first);
    const auto late = keys.current(kStart + kLifetime - 1s);
    EXPECT_EQ(late->name, first->name) << "the same key until then";

    const auto found = keys.find(first->name, kStart + 2 * kLifetime - 2s);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->key.cipher, first->cipher);
    EXPECT_FALSE(found->is_current) << "so that the client gets a new ticket";
}

TEST(TicketKeysTest, AKeyIsGoneAfterTwoLifetimes) {
    TicketKeys keys;
    const auto first = keys.current(kStart);
    const auto second = keys.current(kStart + kLifetime);
    EXPECT_NE(second->name, first->name);
    EXPECT_TRUE(keys.find(first->name, kStart + 2 * kLifetime - 1s));
    EXPECT_FALSE(keys.find(first->name, kStart + 2 * kLifetime));
    EXPECT_TRUE(keys.find(second->name, kStart + 2 * kLifetime));
}

TEST(TicketKeysTest, NoKeySurvivesALongSilence) {
    TicketKeys keys;
    const auto first = keys.current(kStart);
    EXPECT_FALSE(keys.find(first->name, kStart + 100h));
}

TEST(TicketKeysTest, NoTwoBrokersShareKeys) {
    TicketKeys ours;
    TicketKeys theirs;
    EXPECT_FALSE(ours.find(theirs.current(kStart)->name, kStart));
}

}  // namespace
}  // namespace godwit::net
