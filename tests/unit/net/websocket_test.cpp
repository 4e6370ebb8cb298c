#include "websocket.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

#include "client_frames.hpp"
#include "server_packet.hpp"

namespace godwit::net {
namespace {

using core::CloseReason;
using test::as_bytes;
using test::bytes_of;
using test::close_payload;
using test::kUpgradeRequest;
using State = WebSocket::State;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

std::string text_of(mqtt::Bytes bytes) {
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A WebSocket with a wire that takes as many bytes as it is asked to.
class Wire {
public:
    WebSocket web_socket{"/mqtt"};

    // What the other side sends; returns what it means.
    std::string take(std::string bytes) {
        const std::size_t size = web_socket.take(std::as_writable_bytes(std::span(bytes)));
        return bytes.substr(0, size);
    }
    // Sends the payload, of which no more than `room` bytes go with all that frames it; returns
    // what went over the wire.
    std::string send(std::string_view& payload, std::size_t room) {
        std::array<mqtt::Bytes, WebSocket::kPiecesMax> wire;
        // In two pieces, as an outbox has them.
        const mqtt::Bytes pieces[] = {
            as_bytes(payload.substr(0, 3)),
            as_bytes(payload.substr(std::min<std::size_t>(3, payload.size())))};
        std::string all;
        for (const mqtt::Bytes& piece : web_socket.frame(pieces, wire))
            all += text_of(piece);
        std::string gone = all.substr(0, room);
        payload.remove_prefix(web_socket.on_sent(gone.size()));
        return gone;
    }
    std::string send(std::string_view payload) { return send(payload, std::string::npos); }

    std::string own() {
        std::string text = text_of(web_socket.own());
        web_socket.on_sent(text.size());
        return text;
    }
};

class OpenWebSocketTest : public ::testing::Test {
protected:
    OpenWebSocketTest() {
        EXPECT_EQ(wire.take(std::string(kUpgradeRequest)), "");
        EXPECT_THAT(wire.own(), StartsWith("HTTP/1.1 101 "));
    }

    State state() { return wire.web_socket.state(); }

    Wire wire;
};

// --- The upgrade

TEST(WebSocketTest, TakesARequestInAnyPiecesWithFramesBehindIt) {
    const std::string bytes = std::string(kUpgradeRequest) + bytes_of({.payload = "CONNECT"});
    for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
        Wire wire;
        std::string data = wire.take(bytes.substr(0, cut));
        data += wire.take(bytes.substr(cut));
        ASSERT_EQ(data, "CONNECT") << "cut at " << cut;
        ASSERT_THAT(wire.own(), StartsWith("HTTP/1.1 101 "));
    }
    Wire wire;
    std::string data;
    for (const char byte : bytes)
        data += wire.take(std::string(1, byte));
    EXPECT_EQ(data, "CONNECT");
}

TEST(WebSocketTest, ARefusedRequestGetsOneAnswerOfHttp) {
    Wire wire;
    EXPECT_EQ(wire.take("GET / HTTP/1.1\r\nHost: a\r\n\r\nmore"), "");
    EXPECT_EQ(wire.web_socket.state(), State::refused);
    EXPECT_EQ(wire.web_socket.fault(), "the request is for another path");
    wire.web_socket.close(CloseReason::websocket_error);
    EXPECT_THAT(wire.own(), AllOf(StartsWith("HTTP/1.1 404 Not Found\r\n"), EndsWith("path\n")));
}

TEST(WebSocketTest, WhatIsNoRequestIsRefusedAtOnce) {
    Wire wire;
    EXPECT_EQ(wire.take("\x10\x10"), "");
    EXPECT_EQ(wire.web_socket.state(), State::refused);
}

TEST(WebSocketTest, ARequestIsNoLongerThanEightKiB) {
    const std::string begin(kUpgradeRequest.substr(0, kUpgradeRequest.size() - 2));
    const auto padded = [&](std::size_t size) {
        std::string request = begin + "X: ";
        request.resize(size - 4, 'x');
        return request + "\r\n\r\n";
    };
    Wire longest;
    EXPECT_EQ(longest.take(padded(kRequestMax) + bytes_of({.payload = "x"})), "x");
    Wire wire;
    EXPECT_EQ(wire.take(padded(kRequestMax + 1)), "");
    EXPECT_THAT(wire.own(), StartsWith("HTTP/1.1 431 "));
    EXPECT_EQ(wire.web_socket.state(), State::refused);
}

TEST(WebSocketTest, SaysNothingToWhoeverHasNotAskedYet) {
    Wire wire;
    EXPECT_EQ(wire.take("GET /mq"), "");
    wire.web_socket.close(CloseReason::connect_timeout);
    EXPECT_EQ(wire.own(), "");
}

// --- Out

TEST_F(OpenWebSocketTest, SendsOneFrameForAllPieces) {
    EXPECT_EQ(wire.send("CONNACK"),
              "\x82\x07"
              "CONNACK");
}

TEST_F(OpenWebSocketTest, FinishesAFrameThatWentInPart) {
    for (std::size_t room = 1; room < 12; ++room) {
        std::string_view payload = "0123456789";
        std::string sent;
        while (!payload.empty())
            sent += wire.send(payload, room);
        ASSERT_EQ(sent,
                  "\x82\x0a"
                  "0123456789")
            << room << " bytes at a time";
    }
}

TEST_F(OpenWebSocketTest, WhatIsAddedMeanwhileGoesIntoTheNextFrame) {
    std::string_view payload = "0123456789";
    std::string sent = wire.send(payload, 5);
    EXPECT_EQ(payload, "3456789");
    std::string_view more = "3456789more";
    sent += wire.send(more, std::string::npos);
    EXPECT_EQ(more, "more");
    sent += wire.send(more, std::string::npos);
    EXPECT_EQ(sent,
              "\x82\x0a"
              "0123456789"
              "\x82\x04"
              "more");
}

// --- Pings

TEST_F(OpenWebSocketTest, AnswersAPing) {
    EXPECT_EQ(wire.take(bytes_of({.opcode = 9, .payload = "hi"})), "");
    EXPECT_EQ(wire.own(), "\x8a\x02hi");
    EXPECT_EQ(wire.own(), "");
}

TEST_F(OpenWebSocketTest, AnswersAPingInFrontOfTheNextFrame) {
    EXPECT_EQ(wire.take(bytes_of({.opcode = 9, .payload = "hi"})), "");
    EXPECT_EQ(wire.send("x"), "\x8a\x02hi\x82\x01x");
}

TEST_F(OpenWebSocketTest, AnswersNoPingInsideAFrame) {
    std::string_view payload = "0123456789";
    std::string sent = wire.send(payload, 5);
    EXPECT_EQ(wire.take(bytes_of({.opcode = 9, .payload = "hi"})), "");
    EXPECT_EQ(wire.own(), "");
    sent += wire.send(payload, std::string::npos);
    EXPECT_EQ(sent,
              "\x82\x0a"
              "0123456789");
    EXPECT_EQ(wire.own(), "\x8a\x02hi");
}

TEST_F(OpenWebSocketTest, PingsThatNobodyReadsTheAnswersOfTakeNoMemory) {
    for (int i = 0; i < 1000; ++i)
        EXPECT_EQ(wire.take(bytes_of({.opcode = 9, .payload = std::to_string(i)})), "");
    EXPECT_EQ(wire.own(),
              "\x8a\x01"
              "0");
    EXPECT_EQ(wire.own(),
              "\x8a\x03"
              "999");
    EXPECT_EQ(wire.own(), "");
}

// --- The end

TEST_F(OpenWebSocketTest, AnswersACloseFrameWithItsCode) {
    EXPECT_EQ(wire.take(bytes_of({.payload = "DISCONNECT"}) +
                        bytes_of({.opcode = 8, .payload = close_payload(1001, "bye")})),
              "DISCONNECT");
    EXPECT_EQ(state(), State::ended);
    wire.web_socket.close(CloseReason::peer_closed);
    EXPECT_EQ(wire.own(), "\x88\x02\x03\xe9");
}

TEST_F(OpenWebSocketTest, AnswersACloseFrameWithoutACodeByItsLike) {
    EXPECT_EQ(wire.take(bytes_of({.opcode = 8})), "");
    wire.web_socket.close(CloseReason::peer_closed);
    EXPECT_EQ(wire.own(), std::string("\x88\x00", 2));
}

TEST_F(OpenWebSocketTest, TellsWhatWasWrongWithAFrame) {
    EXPECT_EQ(wire.take(bytes_of({.payload = "x"}) + bytes_of({.opcode = 1, .payload = "text"})),
              "x");
    EXPECT_EQ(state(), State::failed);
    EXPECT_EQ(wire.web_socket.fault(), "a text frame");
    wire.web_socket.close(CloseReason::websocket_error);
    EXPECT_EQ(wire.own(), "\x88\x02\x03\xeb");
}

TEST_F(OpenWebSocketTest, SaysNothingInTheMidstOfAFrame) {
    std::string_view payload = "0123456789";
    EXPECT_EQ(wire.send(payload, 5),
              "\x82\x0a"
              "012");
    wire.web_socket.close(CloseReason::kicked);
    EXPECT_EQ(wire.own(), "");
}

TEST_F(OpenWebSocketTest, ClosesWithACodeThatFitsTheReason) {
    const std::vector<std::pair<CloseReason, std::string>> codes = {
        {CloseReason::disconnect, "\x03\xe8"},       {CloseReason::server_stopping, "\x03\xe9"},
        {CloseReason::malformed_packet, "\x03\xea"}, {CloseReason::protocol_violation, "\x03\xea"},
        {CloseReason::not_authorized, "\x03\xf0"},   {CloseReason::taken_over, "\x03\xf0"},
        {CloseReason::packet_too_large, "\x03\xf1"}, {CloseReason::server_unavailable, "\x03\xf3"},
    };
    for (const auto& [reason, code] : codes) {
        Wire other;
        EXPECT_EQ(other.take(std::string(kUpgradeRequest)), "");
        EXPECT_NE(other.own(), "");
        other.web_socket.close(reason);
        EXPECT_EQ(other.own(), "\x88\x02" + code) << core::to_string(reason);
    }
}

}  // namespace
}  // namespace godwit::net
