// What a client sees of its connection, from accept to close.
#include <gtest/gtest.h>

#include <filesystem>
#include <latch>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "client_frames.hpp"
#include "network_harness.hpp"

namespace godwit::net {
namespace {

using namespace std::chrono_literals;
using test::NetworkHarness;
using test::Socket;

Settings on_free_port() {
    Settings settings;
    settings.listeners[0].bind = TcpBind{"127.0.0.1", 0};
    return settings;
}

core::Settings without_outbound_limit() {
    core::Settings settings;
    settings.limits.outbound_buffer = 0;
    return settings;
}

TEST(ConnectionTest, CarriesPacketsBothWays) {
    NetworkHarness broker(on_free_port());
    Socket client(broker.port());
    client.connect("a").flush();
    EXPECT_EQ(client.receive(), "CONNACK 0");
    client.subscribe("t").flush();
    EXPECT_EQ(client.receive(), "SUBACK 1 [0]");
    client.publish("t", "hello").flush();
    EXPECT_EQ(client.receive(), "PUBLISH t q0 hello");
    client.disconnect().flush();
    EXPECT_EQ(client.receive(), "closed");
    EXPECT_TRUE(broker.reports.wait_for("disconnected 'a' disconnect"));
}

// A turn of a loop that stands still before it looks at its sockets.
class Halt {
public:
    explicit Halt(EventLoop& loop) {
        loop.post([gate = gate_] {
            gate->reached.count_down();
            gate->released.wait();
        });
    }
    void wait() { gate_->reached.wait(); }
    void release() { gate_->released.count_down(); }

private:
    struct Gate {
        std::latch reached{1};
        std::latch released{1};
    };
    std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
};

// What came before is handled.
void pass_a_turn(EventLoop& loop) {
    for (int i = 0; i < 2; ++i) {
        Halt halt(loop);
        halt.release();
        halt.wait();
    }
}

class WebSocketClient : public Socket {
public:
    using Socket::Socket;

    void send_frame(unsigned opcode, std::string_view payload) {
        raw(test::bytes_of({.opcode = opcode, .payload = payload})).flush();
    }
    // One frame with the packets that `append` appends.
    template <typename Append>
    void send_mqtt(Append append) {
        std::vector<std::byte> packets;
        append(packets);
        send_frame(2, {reinterpret_cast<const char*>(packets.data()), packets.size()});
    }
    // Reads all that is here, and no more.
    void drain() {
        std::vector<std::byte> buffer(1 << 20);
        while (recv(descriptor(), buffer.data(), buffer.size(), MSG_DONTWAIT) > 0) {
        }
    }
};

// Its socket takes nothing, neither messages nor the pong that has to wait for the end of a frame.
// Whichever of them finds the client gone, that is the end of it: at once, or after some more of
// the messages have gone.
TEST(ConnectionTest, EndsOnceWhereMessagesAndAPongFindTheClientGone) {
    const std::string path = testing::TempDir() + "godwit-pong-" + std::to_string(getpid());
    Settings settings = on_free_port();
    settings.listeners.push_back(
        {.name = "ws", .bind = UnixBind{path}, .transport = Transport::websocket});
    NetworkHarness broker(settings);
    Socket publisher(broker.port());
    publisher.connect("p").flush();
    EXPECT_EQ(publisher.receive(), "CONNACK 0");
    const auto publish = [&](int count) {
        for (int i = 0; i < count; ++i)
            publisher.publish("t", std::string(60'000, 'x'));
        publisher.raw(std::string_view("\xc0\x00", 2)).flush();
        EXPECT_EQ(publisher.receive(), "PINGRESP");
    };
    for (int rounds = 0; rounds < 5; ++rounds) {
        const std::string id = "c" + std::to_string(rounds);
        auto client = std::make_unique<WebSocketClient>(path);
        client->raw(test::kUpgradeRequest).flush();
        client->send_mqtt([&](auto& out) {
            mqtt::append_connect(out, {.client_id = id});
            mqtt::append_subscribe(out, {1, {{"t", mqtt::Qos::at_most_once}}});
        });
        ASSERT_TRUE(broker.reports.wait_for("connected " + id));
        pass_a_turn(broker.loop());
        publish(10);  // more than the socket takes, and more than one frame
        client->send_frame(9, "ping");
        pass_a_turn(broker.loop());

        for (int i = 0; i < rounds; ++i) {
            Halt halt(broker.loop());
            halt.wait();
            client->drain();
            halt.release();
        }
        // The loop sends once more, and finds the client gone in its next turn.
        Halt before(broker.loop());
        before.wait();
        client->drain();
        Halt after(broker.loop());
        before.release();
        after.wait();
        client.reset();
        after.release();
        EXPECT_TRUE(broker.reports.wait_for("disconnected '" + id + "'"));
        publish(1);  // to nobody, and all is well
    }
    std::filesystem::remove(path);
}

TEST(ConnectionTest, TakesManyPacketsInOneSegment) {
    NetworkHarness broker(on_free_port());
    Socket client(broker.port());
    client.connect("a").subscribe("t");
    for (int i = 0; i < 100; ++i)
        client.publish("t", std::to_string(i));
    client.flush();
    EXPECT_EQ(client.receive(), "CONNACK 0");
    EXPECT_EQ(client.receive(), "SUBACK 1 [0]");
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(client.receive(), "PUBLISH t q0 " + std::to_string(i));
    }
}

TEST(ConnectionTest, TakesPacketsByteByByte) {
    NetworkHarness broker(on_free_port());
    Socket client(broker.port());
    client.connect("a").subscribe("t").publish("t", "hello").disconnect().flush_bytewise();
    EXPECT_EQ(client.receive(), "CONNACK 0");
    EXPECT_EQ(client.receive(), "SUBACK 1 [0]");
    EXPECT_EQ(client.receive(), "PUBLISH t q0 hello");
    EXPECT_EQ(client.receive(), "closed");
}

TEST(ConnectionTest, TakesAPacketLargerThanOneRead) {
    NetworkHarness broker(on_free_port(), without_outbound_limit());
    Socket client(broker.port());
    const std::string payload(1000 * 1000, 'x');
    client.connect("a").subscribe("t").publish("t", payload).publish("t", "small").flush();
    EXPECT_EQ(client.receive(), "CONNACK 0");
    EXPECT_EQ(client.receive(), "SUBACK 1 [0]");
    EXPECT_EQ(client.receive(), "PUBLISH t q0 " + payload);
    EXPECT_EQ(client.receive(), "PUBLISH t q0 small");
}

TEST(ConnectionTest, SendsAllToAReaderThatBeginsLate) {
    NetworkHarness broker(on_free_port(), without_outbound_limit());
    Socket subscriber(broker.port());
    subscriber.connect("s").subscribe("t").flush();
    EXPECT_EQ(subscriber.receive(), "CONNACK 0");
    EXPECT_EQ(subscriber.receive(), "SUBACK 1 [0]");

    Socket publisher(broker.port());
    publisher.connect("p").flush();
    EXPECT_EQ(publisher.receive(), "CONNACK 0");
    const std::string padding(3'000, '.');
    constexpr int kMessages = 6'000;  // More than two sockets hold.
    for (int i = 0; i < kMessages; ++i) {
        publisher.publish("t", std::to_string(i) + padding).flush();
    }
    publisher.disconnect().flush();
    EXPECT_EQ(publisher.receive(), "closed") << "the broker has read it all";
    for (int i = 0; i < kMessages; ++i) {
        ASSERT_EQ(subscriber.receive(), "PUBLISH t q0 " + std::to_string(i) + padding);
    }
}

TEST(ConnectionTest, HandsClientsOverToTheirHomeShardsWithAllTheyHaveSent) {
    NetworkHarness broker(on_free_port(), {}, 3);
    for (int i = 0; i < 30; ++i) {
        const std::string id = "client" + std::to_string(i);
        Socket client(broker.port());
        client.connect(id).subscribe(id).publish(id, "1").publish(id, "2").flush();
        EXPECT_EQ(client.receive(), "CONNACK 0");
        EXPECT_EQ(client.receive(), "SUBACK 1 [0]");
        EXPECT_EQ(client.receive(), "PUBLISH " + id + " q0 1");
        EXPECT_EQ(client.receive(), "PUBLISH " + id + " q0 2");
        client.publish(id, "3").flush();
        EXPECT_EQ(client.receive(), "PUBLISH " + id + " q0 3");
    }
}

TEST(ConnectionTest, EndOfTheStreamEndsTheClient) {
    NetworkHarness broker(on_free_port());
    Socket client(broker.port());
    client.connect("a").flush();
    EXPECT_EQ(client.receive(), "CONNACK 0");
    client.close();
    EXPECT_TRUE(broker.reports.wait_for("disconnected 'a' peer_closed"));
}

TEST(ConnectionTest, ATakeOverClosesTheOlderConnection) {  // [MQTT-3.1.4-2]
    NetworkHarness broker(on_free_port(), {}, 2);
    Socket older(broker.port());
    older.connect("a").flush();
    EXPECT_EQ(older.receive(), "CONNACK 0");
    Socket newer(broker.port());
    newer.connect("a").flush();
    EXPECT_EQ(newer.receive(), "CONNACK 0");
    EXPECT_EQ(older.receive(), "closed");
}

TEST(ConnectionTest, SilenceForOneAndAHalfKeepAlivesCloses) {  // [MQTT-3.1.2-24]
    NetworkHarness broker(on_free_port());
    Socket client(broker.port());
    const auto begin = std::chrono::steady_clock::now();
    client.connect("a", 1).flush();
    EXPECT_EQ(client.receive(), "CONNACK 0");
    EXPECT_EQ(client.receive(), "closed");
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 1500ms);
    EXPECT_TRUE(broker.reports.wait_for("disconnected 'a' keep_alive"));
}

// --- Before and in place of CONNECT

TEST(NewcomerTest, AFirstPacketOtherThanConnectCloses) {  // [MQTT-3.1.0-1]
    NetworkHarness broker(on_free_port());
    Socket client(broker.port());
    client.publish("t", "hello").flush();
    EXPECT_EQ(client.receive(), "closed");
    EXPECT_TRUE(broker.reports.wait_for("refused '' protocol_violation"));
}

TEST(NewcomerTest, AMalformedConnectCloses) {
    NetworkHarness broker(on_free_port());
    Socket client(broker.port());
    client.raw(std::string_view("\x10\x02\x00\x04", 4)).flush();
    EXPECT_EQ(client.receive(), "closed");
    EXPECT_TRUE(broker.reports.wait_for("refused '' malformed_packet"));
}

TEST(NewcomerTest, AnUnknownLevelIsToldSo) {  // [MQTT-3.1.2-2]
    NetworkHarness broker(on_free_port());
    Socket client(broker.port());
    client.raw(std::string_view("\x10\x0d\x00\x04MQTT\x05\x02\x00\x00\x00\x01x", 15)).flush();
    EXPECT_EQ(client.receive(), "CONNACK 1");
    EXPECT_EQ(client.receive(), "closed");
    EXPECT_TRUE(broker.reports.wait_for("refused '' unsupported_protocol"));
}

TEST(NewcomerTest, WhoSendsNoWholeConnectInTimeIsClosed) {
    core::Settings settings;
    settings.mqtt.connect_timeout = 100ms;
    NetworkHarness broker(on_free_port(), settings);
    Socket silent(broker.port());
    EXPECT_EQ(silent.receive(), "closed");
    Socket slow(broker.port());
    slow.raw("\x10").flush();
    EXPECT_EQ(slow.receive(), "closed");
    EXPECT_TRUE(broker.reports.wait_for("refused '' connect_timeout"));
}

TEST(NewcomerTest, AConnectLargerThanTheLimitCloses) {
    core::Settings settings;
    settings.mqtt.max_packet_size = 100;
    NetworkHarness broker(on_free_port(), settings);
    Socket client(broker.port());
    client.connect(std::string(200, 'a')).flush();
    EXPECT_EQ(client.receive(), "closed");
    EXPECT_TRUE(broker.reports.wait_for("refused '' packet_too_large"));
}

TEST(NewcomerTest, WhoLeavesBeforeConnectIsNoted) {
    NetworkHarness broker(on_free_port());
    Socket(broker.port()).close();
    EXPECT_TRUE(broker.reports.wait_for("refused '' peer_closed"));
}

}  // namespace
}  // namespace godwit::net
