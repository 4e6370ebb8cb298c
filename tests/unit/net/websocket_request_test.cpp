#include "websocket_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "client_frames.hpp"

namespace godwit::net {
namespace {

using ::testing::HasSubstr;

std::string_view whole_request() {
    std::string_view request = test::kUpgradeRequest;
    request.remove_suffix(4);
    return request;
}

// The request with one text in it replaced.
std::string with(std::string_view old, std::string_view replacement) {
    std::string request(whole_request());
    const std::size_t at = request.find(old);
    EXPECT_NE(at, std::string::npos) << old;
    return request.replace(at, old.size(), replacement);
}

std::string with_line(std::string_view line) {
    return std::string(whole_request()) + "\r\n" + std::string(line);
}

// 'accepted SUBPROTOCOL', or the status that it is refused with.
std::string verdict(std::string_view request) {
    const auto parsed = parse_upgrade(request, "/mqtt");
    if (const auto* refusal = std::get_if<HttpRefusal>(&parsed)) {
        return std::string(refusal->status.substr(0, 3));
    }
    return "accepted " + std::string(std::get<UpgradeRequest>(parsed).subprotocol);
}

TEST(UpgradeRequestTest, IsAcceptedWithTheAnswerOfTheStandard) {
    const auto parsed = parse_upgrade(whole_request(), "/mqtt");
    EXPECT_EQ(accept_upgrade(std::get<UpgradeRequest>(parsed)),
              "HTTP/1.1 101 Switching Protocols\r\n"
              "Upgrade: websocket\r\n"
              "Connection: Upgrade\r\n"
              "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
              "Sec-WebSocket-Protocol: mqtt\r\n\r\n");
}

TEST(UpgradeRequestTest, NamesAndTokensAreComparedWithoutCase) {
    EXPECT_EQ(verdict(with("Upgrade: websocket", "UPGRADE:WebSocket")), "accepted mqtt");
    EXPECT_EQ(verdict(with("keep-alive, Upgrade", " keep-alive ,,upgrade\t")), "accepted mqtt");
    EXPECT_EQ(verdict(with("Sec-WebSocket-Version", "sec-websocket-version")), "accepted mqtt");
}

TEST(UpgradeRequestTest, TheQueryOfThePathDoesNotMatter) {
    EXPECT_EQ(verdict(with("/mqtt", "/mqtt?token=a/b")), "accepted mqtt");
}

TEST(UpgradeRequestTest, ChoosesASubprotocolOfTheList) {  // [MQTT-6.0.0-4]
    EXPECT_EQ(verdict(with("Protocol: mqtt", "Protocol: mqttv3.1")), "accepted mqttv3.1");
    EXPECT_EQ(verdict(with("Protocol: mqtt", "Protocol: chat,mqttv3.1 , mqtt")), "accepted mqtt");
    EXPECT_EQ(verdict(with("Protocol: mqtt", "Protocol: chat\r\nSec-WebSocket-Protocol: mqtt")),
              "accepted mqtt");
}

TEST(UpgradeRequestTest, WithoutASubprotocolOfOursItIsRefused) {  // [MQTT-6.0.0-3]
    EXPECT_EQ(verdict(with("Protocol: mqtt", "Protocol: chat")), "400");
    EXPECT_EQ(verdict(with("Protocol: mqtt", "Protocol: MQTT")), "400");
    EXPECT_EQ(verdict(with("Protocol: mqtt", "Protocol: mqttv5")), "400");
    EXPECT_EQ(verdict(with("Sec-WebSocket-Protocol: mqtt\r\n", "")), "400");
}

TEST(UpgradeRequestTest, JoinsTheLinesOfXForwardedFor) {
    const std::string request =
        with_line("X-Forwarded-For: 10.0.0.1, 10.0.0.2\r\nx-forwarded-for: ::1");
    EXPECT_EQ(std::get<UpgradeRequest>(parse_upgrade(request, "/mqtt")).forwarded_for,
              "10.0.0.1, 10.0.0.2,::1");
}

TEST(UpgradeRequestTest, WhatIsWrongIsAnsweredWithTheFittingStatus) {
    EXPECT_EQ(verdict(with("GET /mqtt", "POST /mqtt")), "405");
    EXPECT_EQ(verdict(with("/mqtt", "/")), "404");
    EXPECT_EQ(verdict(with("/mqtt", "/mqtt/")), "404");
    EXPECT_EQ(verdict(with("HTTP/1.1", "HTTP/1.0")), "505");
    EXPECT_EQ(verdict(with("HTTP/1.1", "HTTP/1.1 x")), "505");
    EXPECT_EQ(verdict(with("Host: broker.example:8083\r\n", "")), "400");
    EXPECT_EQ(verdict(with_line("Host: other")), "400");
    EXPECT_EQ(verdict(with("Upgrade: websocket\r\n", "")), "426");
    EXPECT_EQ(verdict(with("websocket", "h2c")), "426");
    EXPECT_EQ(verdict(with("keep-alive, Upgrade", "keep-alive")), "426");
    EXPECT_EQ(verdict(with("Version: 13", "Version: 8")), "426");
    EXPECT_EQ(verdict(with("Sec-WebSocket-Version: 13", "X: y")), "426");
    EXPECT_EQ(verdict(with_line("Sec-WebSocket-Version: 13")), "426");
    EXPECT_EQ(verdict(with_line("no header")), "400");
    EXPECT_EQ(verdict(with_line(" folded: line")), "400");
    EXPECT_EQ(verdict(with_line("name : value")), "400");
    EXPECT_EQ(verdict(with_line(": value")), "400");
    EXPECT_EQ(verdict(with_line("name: a\nb")), "400");
    EXPECT_EQ(verdict(with_line(std::string("name: a\0b", 9))), "400");
    EXPECT_EQ(verdict(""), "405");
}

TEST(UpgradeRequestTest, TheKeyIsSixteenBytesInBase64) {
    constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
    for (const std::string_view bad :
         {"", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ=", "dGhlIHNhbXBsZSBub25jZSE=",
          "dGhlIHNhbXBsZSBub25jZQ==x", "dGhlIHNhbXBsZSBub25j*Q==", "dGhlIHNhbXBsZSBub25jZQ==,a"}) {
        EXPECT_EQ(verdict(with(kKey, bad)), "400") << bad;
    }
    EXPECT_EQ(verdict(with_line("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")), "400");
}

TEST(UpgradeRequestTest, ARefusalIsAWholeAnswer) {
    const auto parsed = parse_upgrade(with("Version: 13", "Version: 8"), "/mqtt");
    EXPECT_EQ(refuse_upgrade(std::get<HttpRefusal>(parsed)),
              "HTTP/1.1 426 Upgrade Required\r\n"
              "Connection: close\r\n"
              "Content-Type: text/plain\r\n"
              "Content-Length: 35\r\n"
              "Sec-WebSocket-Version: 13\r\n\r\n"
              "the version of WebSocket is not 13\n");
    const auto posted = parse_upgrade(with("GET", "PUT"), "/mqtt");
    EXPECT_THAT(refuse_upgrade(std::get<HttpRefusal>(posted)), HasSubstr("\r\nAllow: GET\r\n"));
}

TEST(UpgradeRequestTest, NoRequestIsKnownByItsFirstBytes) {
    EXPECT_FALSE(is_no_request(""));
    EXPECT_FALSE(is_no_request("G"));
    EXPECT_FALSE(is_no_request(whole_request()));
    EXPECT_TRUE(is_no_request("\x10"));
    EXPECT_TRUE(is_no_request("GETS"));
    EXPECT_TRUE(is_no_request("\x16\x03\x01"));
}

}  // namespace
}  // namespace godwit::net
