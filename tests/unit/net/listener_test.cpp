// Who gets in, where, and how many.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/stat.h>

#include <filesystem>
#include <string>
#include <vector>

#include "network_harness.hpp"
#include "socket.hpp"

namespace godwit::net {
namespace {

using test::answer_at;
using test::NetworkHarness;
using test::Socket;
using testing::HasSubstr;

ListenerSettings tcp_listener(Anonymous anonymous = Anonymous::automatic) {
    return {.name = "tcp", .bind = TcpBind{"127.0.0.1", 0}, .anonymous = anonymous};
}

Settings with(std::vector<ListenerSettings> listeners) {
    Settings settings;
    settings.listeners = std::move(listeners);
    return settings;
}

std::string error_of(const Settings& settings) {
    try {
        const NetworkHarness broker(settings);
    } catch (const ListenError& error) {
        return error.what();
    }
    return "none";
}

class UnixListenerTest : public testing::Test {
protected:
    UnixListenerTest() {
        path = std::filesystem::path(testing::TempDir()) /
               ("godwit-" + std::to_string(getpid()) + ".sock");
        std::filesystem::remove(path);
        settings = with({{.name = "local", .bind = UnixBind{path}, .socket_mode = 0640}});
    }
    ~UnixListenerTest() override { std::filesystem::remove(path); }

    std::string path;
    Settings settings;
};

TEST_F(UnixListenerTest, ServesClientsUnderItsPath) {
    NetworkHarness broker(settings);
    EXPECT_EQ(broker.network().addresses().at(0), "unix " + path);
    Socket client(path);
    client.connect("a").flush();
    EXPECT_EQ(client.receive(), "CONNACK 0");
    EXPECT_TRUE(broker.reports.wait_for("connected a from " + path));
}

TEST_F(UnixListenerTest, GivesTheFileItsModeAndRemovesItAtTheEnd) {
    {
        const NetworkHarness broker(settings);
        struct stat status {};
        ASSERT_EQ(stat(path.c_str(), &status), 0);
        EXPECT_EQ(status.st_mode & 0777U, 0640U);
    }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(UnixListenerTest, ReplacesTheFileOfADeadProcessOnly) {
    { const auto sockets = open_listening(UnixBind{path}, 1, 0600); }
    ASSERT_TRUE(std::filesystem::exists(path)) << "as a process leaves it that was killed";
    const NetworkHarness broker(settings);
    EXPECT_EQ(error_of(settings),
              "listener 'local' cannot listen on unix:" + path + ": Address already in use");
    Socket client(path);
    client.connect("a").flush();
    EXPECT_EQ(client.receive(), "CONNACK 0") << "the living one was left alone";
}

TEST(ListenerTest, FindsAFreePort) {
    const NetworkHarness broker(with({tcp_listener(), tcp_listener()}));
    EXPECT_NE(broker.port(0), 0);
    EXPECT_NE(broker.port(0), broker.port(1));
    EXPECT_EQ(answer_at(broker.port(0)), "CONNACK 0");
    EXPECT_EQ(answer_at(broker.port(1)), "CONNACK 0");
}

TEST(ListenerTest, APortInUseIsAnErrorWithNameAddressAndReason) {
    const NetworkHarness broker(with({tcp_listener()}));
    const std::string address = "127.0.0.1:" + std::to_string(broker.port());
    EXPECT_EQ(error_of(with({{.name = "second", .bind = parse_bind(address).value()}})),
              "listener 'second' cannot listen on " + address + ": Address already in use");
}

TEST(ListenerTest, AnUnknownHostIsAnError) {
    EXPECT_THAT(error_of(with({{.name = "x", .bind = TcpBind{"no.such.host.invalid", 0}}})),
                HasSubstr("listener 'x' cannot listen on no.such.host.invalid:0: "));
}

TEST(ListenerTest, AStarServesIpv4Too) {
    const NetworkHarness broker(
        with({{.name = "any", .bind = TcpBind{"", 0}, .anonymous = Anonymous::allow}}));
    EXPECT_EQ(answer_at(broker.port()), "CONNACK 0");
}

TEST(ListenerTest, AutomaticAdmitsAnonymousClientsWhereOnlyThisMachineConnects) {
    const NetworkHarness broker(with({tcp_listener(), {.name = "any", .bind = TcpBind{"", 0}}}));
    EXPECT_EQ(answer_at(broker.port(0)), "CONNACK 0");
    EXPECT_EQ(answer_at(broker.port(1)), "CONNACK 5");
}

TEST(ListenerTest, WhoMayNotBeAnonymousIsToldSoAndClosed) {  // [MQTT-3.2.2-5]
    NetworkHarness broker(with({tcp_listener(Anonymous::deny)}));
    Socket client(broker.port());
    client.connect("a").subscribe("t").flush();
    EXPECT_EQ(client.receive(), "CONNACK 5");
    EXPECT_EQ(client.receive(), "closed");
    EXPECT_TRUE(broker.reports.wait_for("refused 'a' not_authorized"));
}

int option_of(const Descriptor& socket, int level, int name) {
    int value = -1;
    socklen_t size = sizeof value;
    EXPECT_EQ(getsockopt(socket.get(), level, name, &value, &size), 0);
    return value;
}

TEST(ListenerTest, AcceptedSocketsSendWithoutDelayAndNoticeThatTheirPeerIsGone) {
    const auto sockets = open_listening(TcpBind{"127.0.0.1", 0}, 1, 0);
    const Socket client(Address::local(sockets.at(0).get()).port());
    pollfd ready{.fd = sockets[0].get(), .events = POLLIN, .revents = 0};
    ASSERT_EQ(poll(&ready, 1, 20'000), 1);
    const Descriptor accepted(accept(sockets[0].get(), nullptr, nullptr));
    EXPECT_NE(option_of(accepted, IPPROTO_TCP, TCP_NODELAY), 0);
    EXPECT_NE(option_of(accepted, SOL_SOCKET, SO_KEEPALIVE), 0);
    EXPECT_EQ(option_of(accepted, IPPROTO_TCP, TCP_KEEPIDLE), 300);
    EXPECT_EQ(option_of(accepted, IPPROTO_TCP, TCP_KEEPINTVL), 30);
    EXPECT_EQ(option_of(accepted, IPPROTO_TCP, TCP_KEEPCNT), 5);
}

// --- How many

TEST(ConnectionLimitTest, WhoIsTooManyIsClosedUnreadUntilSomebodyLeaves) {
    Settings settings = with({tcp_listener()});
    settings.limits.max_connections = 1;
    NetworkHarness broker(settings);
    Socket first(broker.port());
    first.connect("first").flush();
    EXPECT_EQ(first.receive(), "CONNACK 0");
    {
        Socket second(broker.port());
        EXPECT_EQ(second.receive(), "closed");
    }
    EXPECT_TRUE(broker.reports.wait_for("too many connections"));
    EXPECT_EQ(broker.network().traffic(0).connections_turned_away.get(), 1);
    first.disconnect().flush();
    EXPECT_EQ(first.receive(), "closed");
    EXPECT_EQ(answer_at(broker.port()), "CONNACK 0");
}

TEST(ConnectionLimitTest, AListenerHasItsOwn) {
    ListenerSettings narrow = tcp_listener();
    narrow.max_connections = 1;
    NetworkHarness broker(with({narrow, tcp_listener()}));
    Socket first(broker.port(0));
    first.connect("first").flush();
    EXPECT_EQ(first.receive(), "CONNACK 0");
    EXPECT_EQ(Socket(broker.port(0)).receive(), "closed");
    EXPECT_EQ(answer_at(broker.port(1)), "CONNACK 0");
}

}  // namespace
}  // namespace godwit::net
