#include "trusted_proxies.hpp"

#include <gtest/gtest.h>

#include "socket.hpp"

namespace godwit::net {
namespace {

TrustedProxies ranges(std::initializer_list<std::string_view> texts) {
    TrustedProxies proxies;
    for (const std::string_view text : texts)
        proxies.push_back(core::AddressRange::parse(text).value());
    return proxies;
}

// The client that a peer names; '-': none.
std::string client(const TrustedProxies& proxies, std::string_view peer, std::string_view list) {
    const auto found = forwarded_client(proxies, core::IpAddress::parse(peer), list);
    return found ? Address(*found).host() : "-";
}

TEST(TrustedProxiesTest, NobodyIsBelievedWhereNobodyIsListed) {
    EXPECT_EQ(client({}, "127.0.0.1", "10.0.0.1"), "-");
    EXPECT_EQ(client(ranges({"10.0.0.0/8"}), "127.0.0.1", "10.0.0.1"), "-");
}

TEST(TrustedProxiesTest, ATrustedPeerNamesTheClient) {
    const auto proxies = ranges({"127.0.0.1", "fd00::/8"});
    EXPECT_EQ(client(proxies, "127.0.0.1", "192.0.2.1"), "192.0.2.1");
    EXPECT_EQ(client(proxies, "fd00::7", " 2001:db8::1 "), "2001:db8::1");
    EXPECT_EQ(client(proxies, "127.0.0.1", ""), "-");
}

TEST(TrustedProxiesTest, TheLastAddressThatIsNoProxysIsTheClients) {
    const auto proxies = ranges({"10.0.0.0/8"});
    EXPECT_EQ(client(proxies, "10.0.0.1", "203.0.113.9, 192.0.2.1, 10.0.0.2,10.0.0.3"), "192.0.2.1")
        << "what stands before it the client may have written itself";
    EXPECT_EQ(client(proxies, "10.0.0.1", "10.0.0.9, 10.0.0.2"), "10.0.0.9")
        << "all are proxies: the first one";
}

TEST(TrustedProxiesTest, WhatStandsBeforeABrokenEntryIsNotBelieved) {
    const auto proxies = ranges({"10.0.0.0/8"});
    EXPECT_EQ(client(proxies, "10.0.0.1", "192.0.2.1, unknown, 10.0.0.2"), "10.0.0.2");
    EXPECT_EQ(client(proxies, "10.0.0.1", "192.0.2.1, unknown"), "-");
    EXPECT_EQ(client(proxies, "10.0.0.1", "192.0.2.1,"), "-");
}

TEST(TrustedProxiesTest, AnEntryMayNameAPort) {
    const auto proxies = ranges({"10.0.0.0/8"});
    EXPECT_EQ(client(proxies, "10.0.0.1", "192.0.2.1:4711"), "192.0.2.1");
    EXPECT_EQ(client(proxies, "10.0.0.1", "[2001:db8::1]:4711"), "2001:db8::1");
    EXPECT_EQ(client(proxies, "10.0.0.1", "[2001:db8::1]"), "2001:db8::1");
    EXPECT_EQ(client(proxies, "10.0.0.1", "[2001:db8::1"), "-");
}

TEST(TrustedProxiesTest, ThePeerOfAUnixSocketIsTrusted) {
    EXPECT_TRUE(is_trusted(ranges({"10.0.0.0/8"}), std::nullopt));
    EXPECT_EQ(client(ranges({"10.0.0.0/8"}), "", "192.0.2.1"), "192.0.2.1");
}

}  // namespace
}  // namespace godwit::net
