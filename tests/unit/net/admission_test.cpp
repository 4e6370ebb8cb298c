// Who is let in: how many from one host, and how fast.
#include "admission.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <string>
#include <vector>

#include "door.hpp"
#include "network_harness.hpp"

namespace godwit::net {
namespace {

using namespace std::chrono_literals;
using test::answer_at;
using test::NetworkHarness;
using test::Socket;

Address v4(const char* text) {
    Address address;
    auto& in = reinterpret_cast<sockaddr_in&>(*address.data());
    in.sin_family = AF_INET;
    EXPECT_EQ(inet_pton(AF_INET, text, &in.sin_addr), 1);
    return address;
}

Address v6(const char* text) {
    Address address;
    auto& in6 = reinterpret_cast<sockaddr_in6&>(*address.data());
    in6.sin6_family = AF_INET6;
    EXPECT_EQ(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
    return address;
}

TEST(HostQuotaTest, CountsIpv4ByAddressAndIpv6ByNetwork) {
    HostQuota quota(1);
    EXPECT_TRUE(quota.take(v4("10.0.0.1")));
    EXPECT_TRUE(quota.take(v4("10.0.0.2")));
    EXPECT_FALSE(quota.take(v4("10.0.0.1")));
    EXPECT_FALSE(quota.take(v6("::ffff:10.0.0.1"))) << "as a listener on both families sees it";
    EXPECT_TRUE(quota.take(v6("2001:db8:0:1::1")));
    EXPECT_FALSE(quota.take(v6("2001:db8:0:1:2:3:4:5"))) << "who has one has them all";
    EXPECT_TRUE(quota.take(v6("2001:db8:0:2::1")));
    EXPECT_TRUE(quota.take(v6("::1")));
}

TEST(HostQuotaTest, GivesAPlaceToTheNextWhenSomebodyLeaves) {
    HostQuota quota(2);
    const auto first = quota.take(v4("10.0.0.1"));
    const auto second = quota.take(v4("10.0.0.1"));
    EXPECT_FALSE(quota.take(v4("10.0.0.1")));
    quota.give_back(first.value());
    EXPECT_TRUE(quota.take(v4("10.0.0.1")));
    quota.give_back(second.value());
    EXPECT_TRUE(quota.take(v4("10.0.0.1")));
}

TEST(HostQuotaTest, DoesNotCountUnixSocketsAndNobodyWithoutALimit) {
    HostQuota quota(1);
    Address local;
    local.data()->sa_family = AF_UNIX;
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(quota.take(local), HostQuota::Guest{nullptr});
    quota.set_max(0);
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(quota.take(v4("10.0.0.1")), HostQuota::Guest{nullptr});
    quota.set_max(1);
    EXPECT_TRUE(quota.take(v4("10.0.0.1")).value());
    EXPECT_FALSE(quota.take(v4("10.0.0.1")));
}

TEST(PlaceTest, GivesBackAllItHoldsWhenItsConnectionEnds) {
    LimitSettings limits{.max_connections = 2};
    limits.max_connections_per_address = 1;
    Admission admission(limits);
    Door door({.listener = "tcp"}, 0, admission);
    Place first = door.enter();
    EXPECT_TRUE(first.come_from(v4("10.0.0.1")));
    {
        Place second = door.enter();
        EXPECT_FALSE(second.come_from(v4("10.0.0.1")));
        EXPECT_FALSE(door.enter());
    }
    Place moved = std::move(first);
    Place again = door.enter();
    EXPECT_FALSE(again.come_from(v4("10.0.0.1")));
    moved.give_up();
    EXPECT_EQ(admission.connections.used(), 1U);
    Place next = door.enter();
    EXPECT_TRUE(next.come_from(v4("10.0.0.1")));
}

TEST(DoorTest, FollowsAnotherLimit) {
    Admission admission(LimitSettings{});
    Door door({.listener = "tcp"}, 2, admission);
    const Place first = door.enter();
    const Place second = door.enter();
    EXPECT_FALSE(door.enter());
    door.change({.listener = "tcp"}, 3);
    Place third = door.enter();
    EXPECT_TRUE(third);
    door.change({.listener = "tcp"}, 1);
    third.give_up();
    EXPECT_FALSE(door.enter()) << "those who are too many stay";
}

TEST(AdmissionTest, FollowsOtherLimits) {
    Admission admission(LimitSettings{});
    LimitSettings limits{.max_connections = 1};
    limits.connect_rate = 1;
    admission.enforce(limits);
    EXPECT_TRUE(admission.connections.take());
    EXPECT_FALSE(admission.connections.take());
    const core::SteadyTime now{1h};
    EXPECT_TRUE(admission.rate.take(now));
    EXPECT_FALSE(admission.rate.take(now));
    admission.enforce({});
    EXPECT_TRUE(admission.connections.take());
    EXPECT_TRUE(admission.rate.take(now));
}

// --- With a network around it

Settings on_one_port() {
    Settings settings;
    settings.listeners = {{.name = "tcp", .bind = TcpBind{"127.0.0.1", 0}}};
    return settings;
}

TEST(AdmissionTest, AHostWithTooManyConnectionsIsTurnedAwayByName) {
    Settings settings = on_one_port();
    settings.limits.max_connections_per_address = 1;
    NetworkHarness broker(settings);
    Socket first(broker.port());
    first.connect("first").flush();
    EXPECT_EQ(first.receive(), "CONNACK 0");
    EXPECT_EQ(Socket(broker.port()).receive(), "closed");
    EXPECT_TRUE(broker.reports.wait_for("too many connections from 127.0.0.1, 1 turned away"));
    first.disconnect().flush();
    EXPECT_EQ(first.receive(), "closed");
    EXPECT_EQ(answer_at(broker.port()), "CONNACK 0");
}

TEST(AdmissionTest, BehindAProxyTheHostIsTheOneItNames) {
    Settings settings = on_one_port();
    settings.listeners[0].proxy_protocol = true;
    settings.limits.max_connections_per_address = 1;
    NetworkHarness broker(settings);
    const auto answer_from = [&](Socket& proxy, const std::string& address) {
        proxy.raw("PROXY TCP4 " + address + " 127.0.0.1 1000 1883\r\n").connect(address).flush();
        return proxy.receive();
    };
    Socket first(broker.port());
    EXPECT_EQ(answer_from(first, "10.0.0.1"), "CONNACK 0");
    Socket second(broker.port());
    EXPECT_EQ(answer_from(second, "10.0.0.2"), "CONNACK 0");
    Socket third(broker.port());
    EXPECT_EQ(answer_from(third, "10.0.0.1"), "closed");
    EXPECT_TRUE(broker.reports.wait_for("refused '' connection_limit"));
}

TEST(AdmissionTest, WhoComesTooFastWaitsAndIsLetIn) {
    Settings settings = on_one_port();
    settings.listeners.push_back(settings.listeners[0]);
    settings.limits.connect_rate = 4;
    NetworkHarness broker(settings, {}, 2);
    const auto start = std::chrono::steady_clock::now();
    std::vector<std::unique_ptr<Socket>> clients;
    for (std::size_t i = 0; i < 8; ++i) {
        clients.push_back(std::make_unique<Socket>(broker.port(i % 2)));
        clients.back()->connect("client " + std::to_string(i)).flush();
    }
    for (const auto& client : clients)
        EXPECT_EQ(client->receive(), "CONNACK 0");
    // Four at once and four more in a second, over both listeners.
    EXPECT_GE(std::chrono::steady_clock::now() - start, 990ms);
    EXPECT_TRUE(broker.reports.wait_for("more connections a second than limits.connect_rate"));
}

}  // namespace
}  // namespace godwit::net
