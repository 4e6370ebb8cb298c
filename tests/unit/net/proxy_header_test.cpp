#include "proxy_header.hpp"

#include <gtest/gtest.h>

#include <string>

#include "server_packet.hpp"
#include "socket.hpp"

namespace godwit::net {
namespace {

using namespace std::string_view_literals;
using test::as_bytes;

std::string verdict(const ProxyHeader& header) {
    switch (header.state()) {
        case ProxyHeader::State::incomplete: return "incomplete";
        case ProxyHeader::State::broken: return "broken: " + std::string(header.fault());
        case ProxyHeader::State::complete: break;
    }
    if (!header.source()) return "nobody";
    return Address(header.source()->address, header.source()->port).text();
}

// Whose connection it is, the header being taken whole and byte by byte.
std::string source_of(const std::string& bytes) {
    ProxyHeader whole;
    ProxyHeader bytewise;
    const std::size_t taken = whole.take(as_bytes(bytes + "MQTT"));
    for (const char& byte : bytes + "MQTT")
        (void)bytewise.take(as_bytes({&byte, 1}));
    EXPECT_EQ(verdict(whole), verdict(bytewise));
    if (whole.state() == ProxyHeader::State::complete) {
        EXPECT_EQ(taken, bytes.size());
    }
    return verdict(whole);
}

// --- Version 1

TEST(ProxyHeaderTest, ReadsVersion1) {
    EXPECT_EQ(source_of("PROXY TCP4 192.0.2.1 198.51.100.2 56324 1883\r\n"), "192.0.2.1:56324");
    EXPECT_EQ(source_of("PROXY TCP6 2001:db8::1 ::1 65535 0\r\n"), "[2001:db8::1]:65535");
    EXPECT_EQ(source_of("PROXY UNKNOWN\r\n"), "nobody");
    EXPECT_EQ(source_of("PROXY UNKNOWN ffff:f... what it likes\r\n"), "nobody");
}

TEST(ProxyHeaderTest, ALineOfVersion1HasAtMost107Bytes) {
    EXPECT_EQ(source_of("PROXY UNKNOWN " + std::string(91, 'x') + "\r\n"), "nobody");
    EXPECT_EQ(source_of("PROXY UNKNOWN " + std::string(92, 'x') + "\r\n"),
              "broken: a PROXY header without an end");
}

TEST(ProxyHeaderTest, ABrokenVersion1IsRefused) {
    for (const std::string_view line :
         {"", "TCP4", "TCP4 1.2.3.4 1.2.3.5 1", "TCP4 1.2.3.4 1.2.3.5 1 ",
          "TCP4 1.2.3.4 1.2.3.5 1 2 3", "TCP4 1.2.3.4  1.2.3.5 1 2", "TCP4 1.2.3 1.2.3.5 1 2",
          "TCP4 1.2.3.4 x 1 2", "TCP4 1.2.3.4 1.2.3.5 65536 2", "TCP4 1.2.3.4 1.2.3.5 01 2",
          "TCP4 1.2.3.4 1.2.3.5 -1 2", "TCP4 ::1 ::1 1 2", "TCP6 1.2.3.4 1.2.3.5 1 2",
          "TCP5 1.2.3.4 1.2.3.5 1 2", "tcp4 1.2.3.4 1.2.3.5 1 2", "UNKNOWNS",
          "TCP4 1.2.3.4 1.2.3.5 1 2\r"}) {
        EXPECT_TRUE(source_of("PROXY " + std::string(line) + "\r\n").starts_with("broken: "))
            << line;
    }
}

// --- Version 2

std::string v2(unsigned command, unsigned family, std::string_view rest) {
    std::string header("\r\n\r\n\0\r\nQUIT\n"sv);
    header += static_cast<char>(command);
    header += static_cast<char>(family);
    header += static_cast<char>(rest.size() >> 8);
    header += static_cast<char>(rest.size() & 0xff);
    return header += rest;
}

constexpr std::string_view kV4 =
    "\xc0\x00\x02\x01"
    "\xc6\x33\x64\x02"
    "\xdc\x04"
    "\x07\x5b"sv;
constexpr std::string_view kV6 =
    "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01"
    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x01"
    "\xdc\x04"
    "\x07\x5b"sv;

TEST(ProxyHeaderTest, ReadsVersion2) {
    EXPECT_EQ(source_of(v2(0x21, 0x11, kV4)), "192.0.2.1:56324");
    EXPECT_EQ(source_of(v2(0x21, 0x21, kV6)), "[2001:db8::1]:56324");
    EXPECT_EQ(source_of(v2(0x20, 0x00, "")), "nobody") << "LOCAL: a health check";
    EXPECT_EQ(source_of(v2(0x20, 0x11, kV4)), "nobody");
    EXPECT_EQ(source_of(v2(0x21, 0x00, "")), "nobody") << "UNSPEC";
    EXPECT_EQ(source_of(v2(0x21, 0x31, std::string(216, 'u'))), "nobody") << "a unix socket";
}

TEST(ProxyHeaderTest, SkipsWhatFollowsTheAddressesOfVersion2) {
    const std::string v4 = std::string(kV4) + std::string(2048 - 16 - kV4.size(), 't');
    EXPECT_EQ(source_of(v2(0x21, 0x11, v4)), "192.0.2.1:56324");
    EXPECT_EQ(source_of(v2(0x21, 0x21, std::string(kV6) + "\x04\x00\x01z")), "[2001:db8::1]:56324");
}

TEST(ProxyHeaderTest, ABrokenVersion2IsRefused) {
    EXPECT_EQ(source_of(v2(0x11, 0x11, kV4)), "broken: a PROXY header of an unknown version");
    EXPECT_EQ(source_of(v2(0x22, 0x11, kV4)), "broken: a PROXY header of an unknown version");
    EXPECT_EQ(source_of(v2(0x21, 0x12, kV4)), "broken: a PROXY header of an unknown family");
    EXPECT_EQ(source_of(v2(0x21, 0x11, kV4.substr(1))), "broken: a PROXY header that is too short");
    EXPECT_EQ(source_of(v2(0x21, 0x21, kV4)), "broken: a PROXY header that is too short");
    EXPECT_EQ(source_of(v2(0x21, 0x11, std::string(2033, 'x'))),
              "broken: a PROXY header that is too long");
}

// --- Neither

TEST(ProxyHeaderTest, WhatIsNoHeaderIsKnownAtItsFirstOtherByte) {
    const auto take = [](std::string_view bytes) {
        ProxyHeader header;
        (void)header.take(as_bytes(bytes));
        return verdict(header);
    };
    EXPECT_EQ(take("\x10"), "broken: no PROXY header");
    EXPECT_EQ(take("GET"), "broken: no PROXY header");
    EXPECT_EQ(take("PROXy"), "broken: no PROXY header");
    EXPECT_EQ(take("\r\n\r\n\r"), "broken: no PROXY header");
    EXPECT_EQ(take("PROX"), "incomplete");
    EXPECT_EQ(take(""), "incomplete");
}

}  // namespace
}  // namespace godwit::net
