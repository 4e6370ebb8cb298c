#include "websocket_frames.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "client_frames.hpp"

namespace godwit::net {
namespace {

using test::bytes_of;
using test::ClientFrame;
using test::close_payload;

struct Decoded {
    std::string data;
    std::string pings;  // those that were the latest when a read ended
    std::optional<FrameDecoder::End> end;
};

// What the decoder makes of the bytes when they come in pieces of these sizes; the last size serves
// for all that is left.
Decoded decode(std::string_view bytes, const std::vector<std::size_t>& sizes) {
    FrameDecoder decoder;
    Decoded decoded;
    for (std::size_t i = 0; !bytes.empty(); ++i) {
        std::string piece(bytes.substr(0, sizes[std::min(i, sizes.size() - 1)]));
        bytes.remove_prefix(piece.size());
        const std::size_t size = decoder.decode(std::as_writable_bytes(std::span(piece)));
        decoded.data += piece.substr(0, size);
        if (const auto ping = decoder.take_ping()) {
            const auto view = ping->view();
            decoded.pings += std::string(reinterpret_cast<const char*>(view.data()), view.size());
        }
    }
    decoded.end = decoder.end();
    return decoded;
}

Decoded decode(std::string_view bytes) {
    return decode(bytes, {bytes.size()});
}

std::string text_bytes(std::size_t size) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i)
        text += static_cast<char>('a' + i % 26);
    return text;
}

// --- Data

TEST(FrameDecoderTest, GivesTheDataOfAFrame) {
    for (const std::size_t size : {0U, 1U, 7U, 8U, 9U, 125U, 126U, 65'535U, 65'536U, 200'000U}) {
        const std::string payload = text_bytes(size);
        EXPECT_EQ(decode(bytes_of({.payload = payload})).data, payload);
    }
}

TEST(FrameDecoderTest, JoinsFramesAndFragments) {  // [MQTT-6.0.0-2]
    const std::string bytes = bytes_of({.payload = "one "}) + bytes_of({.payload = ""}) +
                              bytes_of({.payload = "tw", .final = false}) +
                              bytes_of({.opcode = 0, .payload = "", .final = false}) +
                              bytes_of({.opcode = 9, .payload = "ping"}) +
                              bytes_of({.opcode = 0, .payload = "o "}) +
                              bytes_of({.payload = "three"});
    const Decoded decoded = decode(bytes);
    EXPECT_EQ(decoded.data, "one two three");
    EXPECT_EQ(decoded.pings, "ping");
    EXPECT_FALSE(decoded.end);
}

TEST(FrameDecoderTest, AnySplitOfTheBytesGivesTheSameData) {
    const std::string payload = text_bytes(300);
    const std::string bytes =
        bytes_of({.payload = "first"}) + bytes_of({.payload = payload, .final = false}) +
        bytes_of({.opcode = 9, .payload = "?"}) + bytes_of({.opcode = 0, .payload = payload}) +
        bytes_of({.payload = payload, .length_bytes = 2, .mask = {0, 1, 2, 3}});
    const std::string data = "first" + payload + payload + payload;
    ASSERT_EQ(decode(bytes).data, data);
    EXPECT_EQ(decode(bytes, {1}).data, data) << "byte by byte";
    for (std::size_t cut = 1; cut < bytes.size(); ++cut)
        ASSERT_EQ(decode(bytes, {cut, bytes.size()}).data, data) << "cut at " << cut;

    std::mt19937 random(1);
    for (int round = 0; round < 2'000; ++round) {
        std::vector<std::size_t> sizes;
        for (std::size_t sum = 0; sum < bytes.size(); sum += sizes.back())
            sizes.push_back(1 + random() % (round % 2 == 0 ? 9 : 120));
        const Decoded decoded = decode(bytes, sizes);
        ASSERT_EQ(decoded.data, data) << "round " << round;
        ASSERT_EQ(decoded.pings, "?");
    }
}

// --- Control frames

TEST(FrameDecoderTest, KeepsTheLatestPingOfARead) {
    EXPECT_EQ(decode(bytes_of({.opcode = 9, .payload = "1"}) + bytes_of({.opcode = 9})).pings, "");
    const std::string longest(125, 'p');
    EXPECT_EQ(decode(bytes_of({.opcode = 9, .payload = longest})).pings, longest);
}

TEST(FrameDecoderTest, AnUnaskedPongIsNoMatter) {
    const Decoded decoded =
        decode(bytes_of({.opcode = 10, .payload = "pong"}) + bytes_of({.payload = "x"}));
    EXPECT_EQ(decoded.data, "x");
    EXPECT_FALSE(decoded.end);
}

TEST(FrameDecoderTest, ACloseFrameIsTheEnd) {
    const Decoded decoded = decode(bytes_of({.payload = "x"}) +
                                   bytes_of({.opcode = 8, .payload = close_payload(1001, "bye")}) +
                                   bytes_of({.payload = "too late"}));
    EXPECT_EQ(decoded.data, "x");
    ASSERT_TRUE(decoded.end);
    EXPECT_FALSE(decoded.end->violated);
    EXPECT_EQ(decoded.end->code, CloseCode::going_away);

    const Decoded without_code = decode(bytes_of({.opcode = 8}));
    EXPECT_FALSE(without_code.end.value().violated);
    EXPECT_EQ(without_code.end->code, CloseCode::no_code);
}

TEST(FrameDecoderTest, TakesEveryCloseCodeThatMayBeInAFrame) {
    for (unsigned code = 0; code <= 0xffff; ++code) {
        const bool registered = code >= 1000 && code <= 1014 && (code < 1004 || code > 1006);
        const bool valid = registered || (code >= 3000 && code <= 4999);
        const std::string payload = close_payload(code);
        ASSERT_EQ(decode(bytes_of({.opcode = 8, .payload = payload})).end.value().violated, !valid)
            << code;
    }
}

// --- What is refused

struct Bad {
    const char* name;
    std::string bytes;
    CloseCode code = CloseCode::protocol_error;
};

class BadFrameTest : public ::testing::TestWithParam<Bad> {};

TEST_P(BadFrameTest, EndsTheWebSocketHoweverItIsCut) {
    const std::string good = bytes_of({.payload = "good"});
    for (const std::size_t size : {std::size_t{1}, std::size_t{2}, std::size_t{1000}}) {
        const Decoded decoded = decode(good + GetParam().bytes + good, {size});
        ASSERT_TRUE(decoded.end) << "in pieces of " << size;
        EXPECT_TRUE(decoded.end->violated);
        EXPECT_EQ(decoded.end->code, GetParam().code);
        EXPECT_FALSE(decoded.end->detail.empty());
        EXPECT_TRUE(decoded.data.starts_with("good")) << "what came before it counts";
    }
}

const std::string kUnfinished = bytes_of({.payload = "x", .final = false});

INSTANTIATE_TEST_SUITE_P(
    All, BadFrameTest,
    ::testing::Values(
        Bad{"Text", bytes_of({.opcode = 1, .payload = "x"}), CloseCode::unsupported_data},
        Bad{"Unmasked", bytes_of({.payload = "x", .masked = false})},
        Bad{"UnmaskedPing", bytes_of({.opcode = 9, .masked = false})},
        Bad{"ReservedBit1", bytes_of({.payload = "x", .reserved = 0x40})},
        Bad{"ReservedBit2", bytes_of({.payload = "x", .reserved = 0x20})},
        Bad{"ReservedBit3", bytes_of({.payload = "x", .reserved = 0x10})},
        Bad{"ReservedOpcode3", bytes_of({.opcode = 3, .payload = "x"})},
        Bad{"ReservedOpcode7", bytes_of({.opcode = 7, .payload = "x"})},
        Bad{"ReservedOpcode11", bytes_of({.opcode = 11, .payload = "x"})},
        Bad{"ReservedOpcode15", bytes_of({.opcode = 15, .payload = "x"})},
        Bad{"FragmentedPing", bytes_of({.opcode = 9, .payload = "x", .final = false})},
        Bad{"FragmentedClose", bytes_of({.opcode = 8, .final = false})},
        Bad{"LongPing",
            bytes_of({.opcode = 9,
                      .payload = std::string_view("................................................"
                                                  "................................................"
                                                  "..............................")})},
        Bad{"ContinuationOfNothing", bytes_of({.opcode = 0, .payload = "x"})},
        Bad{"ContinuationAfterTheLast",
            kUnfinished + bytes_of({.opcode = 0}) + bytes_of({.opcode = 0})},
        Bad{"MessageInsideAMessage", kUnfinished + bytes_of({.payload = "x"})},
        Bad{"LengthInTwoBytesForNone", bytes_of({.payload = "x", .length_bytes = 2})},
        Bad{"LengthInEightBytesForNone", bytes_of({.payload = "x", .length_bytes = 8})},
        Bad{"LengthInEightBytesForTwo",
            bytes_of(
                {.payload = std::string_view("..............................................."
                                             "..............................................."
                                             "..............................................."),
                 .length_bytes = 8})},
        Bad{"LengthWithTheHighestBit", std::string("\x82\xff\x80\0\0\0\0\0\0\x01mask", 14)},
        Bad{"HalfACloseCode", bytes_of({.opcode = 8, .payload = "x"})},
        Bad{"InvalidCloseCode", bytes_of({.opcode = 8, .payload = "\x03\xed"})}),
    [](const auto& one) { return one.param.name; });

// --- Ours

TEST(FrameHeaderTest, NamesTheLengthInAsFewBytesAsDo) {
    const auto header = [](std::size_t size) {
        return std::string(FrameHeader(Opcode::binary, size).bytes());
    };
    EXPECT_EQ(header(0), std::string("\x82\x00", 2));
    EXPECT_EQ(header(125), "\x82\x7d");
    EXPECT_EQ(header(126), std::string("\x82\x7e\x00\x7e", 4));
    EXPECT_EQ(header(65'535), "\x82\x7e\xff\xff");
    EXPECT_EQ(header(65'536), std::string("\x82\x7f\0\0\0\0\0\x01\0\0", 10));
}

TEST(FrameHeaderTest, MakesControlFrames) {
    EXPECT_EQ(close_frame(CloseCode::going_away), "\x88\x02\x03\xe9");
    EXPECT_EQ(close_frame(CloseCode::no_code), std::string("\x88\x00", 2));
    EXPECT_EQ(pong_frame(std::as_bytes(std::span("hi", 2))), "\x8a\x02hi");
}

}  // namespace
}  // namespace godwit::net
