#include "stream.hpp"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <string>

#include "client_frames.hpp"

namespace godwit::net {
namespace {

using Status = Stream::Status;

class StreamTest : public ::testing::Test {
protected:
    Stream make_stream(const std::string& web_socket_path = {}) {
        int ends[2] = {-1, -1};
        EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
        peer_ = Descriptor(ends[0]);
        door_ = std::make_unique<Door>(Sign{.web_socket_path = web_socket_path}, 0, admission_);
        return {Descriptor(ends[1]), door_->enter()};
    }
    void peer_sends(std::string_view bytes) {
        EXPECT_EQ(::send(peer_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
    }
    std::string peer_receives() {
        char buffer[1024];
        const ssize_t bytes = recv(peer_.get(), buffer, sizeof buffer, 0);
        return bytes < 0 ? "nothing" : std::string(buffer, bytes);
    }
    static std::string receive(Stream& stream) {
        std::byte buffer[1024];
        const Stream::Result result = stream.receive(buffer);
        if (result.status != Status::ok) {
            return "status " + std::to_string(static_cast<int>(result.status));
        }
        return {reinterpret_cast<const char*>(buffer), result.bytes};
    }

private:
    Admission admission_{LimitSettings{}};
    std::unique_ptr<Door> door_;
    Descriptor peer_;
};

// --- The PROXY header

TEST_F(StreamTest, TakesAProxyHeaderAndNothingBehindIt) {
    Stream stream = make_stream();
    peer_sends("PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\nCONNECT");
    ProxyHeader header;
    EXPECT_EQ(stream.receive(header), Status::ok);
    EXPECT_EQ(header.state(), ProxyHeader::State::complete);
    EXPECT_EQ(receive(stream), "CONNECT");
}

TEST_F(StreamTest, APartOfAProxyHeaderDoesNotStayInTheSocket) {  // The loop would spin over it.
    Stream stream = make_stream();
    ProxyHeader header;
    for (const char* part : {"P", "ROXY TCP4 192.0.2", ".1 192.0.2.2 1 2\r"}) {
        peer_sends(part);
        EXPECT_EQ(stream.receive(header), Status::blocked);
        pollfd poller{.fd = stream.descriptor(), .events = POLLIN, .revents = 0};
        EXPECT_EQ(poll(&poller, 1, 0), 0) << part;
    }
    peer_sends("\n");
    EXPECT_EQ(stream.receive(header), Status::ok);
}

// --- WebSocket

TEST_F(StreamTest, ATurnThatBringsNoDataIsBlockedNotEnded) {
    Stream stream = make_stream("/mqtt");
    EXPECT_TRUE(stream.is_upgrading());
    peer_sends(test::kUpgradeRequest);
    EXPECT_EQ(receive(stream), "status 1");
    EXPECT_FALSE(stream.is_upgrading());
    EXPECT_TRUE(peer_receives().starts_with("HTTP/1.1 101 "));
    peer_sends(test::bytes_of({.opcode = 9, .payload = "hi"}));
    EXPECT_EQ(receive(stream), "status 1");
    EXPECT_EQ(peer_receives(), "\x8a\x02hi");
    EXPECT_FALSE(stream.has_more());
}

TEST_F(StreamTest, TellsOfTheEndBehindTheData) {
    Stream stream = make_stream("/mqtt");
    peer_sends(std::string(test::kUpgradeRequest) + test::bytes_of({.payload = "DISCONNECT"}) +
               test::bytes_of({.opcode = 8}));
    EXPECT_EQ(receive(stream), "DISCONNECT");
    EXPECT_TRUE(stream.has_more());
    EXPECT_EQ(receive(stream), "status 2");
}

TEST_F(StreamTest, TellsWhatWasWrongBehindTheData) {
    Stream stream = make_stream("/mqtt");
    peer_sends(std::string(test::kUpgradeRequest) + test::bytes_of({.payload = "PUBLISH"}) +
               test::bytes_of({.payload = "x", .masked = false}));
    EXPECT_EQ(receive(stream), "PUBLISH");
    EXPECT_EQ(receive(stream), "status 3");
    EXPECT_EQ(stream.fault().reason, core::CloseReason::websocket_error);
    EXPECT_EQ(stream.fault().detail, "a client's frame is not masked");
}

TEST_F(StreamTest, PingsOfAClientThatReadsNothingAreNoReasonToEndIt) {
    Stream stream = make_stream("/mqtt");
    peer_sends(test::kUpgradeRequest);
    EXPECT_EQ(receive(stream), "status 1");
    const std::string ping = test::bytes_of({.opcode = 9, .payload = "hi"});
    for (int i = 0; i < 10'000 && !stream.wants_to_send(); ++i) {
        peer_sends(ping);
        EXPECT_EQ(receive(stream), "status 1");
    }
    EXPECT_TRUE(stream.wants_to_send());
    EXPECT_EQ(stream.flush(), Status::blocked);
}

}  // namespace
}  // namespace godwit::net
