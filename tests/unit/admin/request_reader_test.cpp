#include "request_reader.hpp"

#include <gtest/gtest.h>

namespace godwit::admin {
namespace {

using State = RequestReader::State;

constexpr std::string_view kPost =
    "POST /a?b=c HTTP/1.1\r\nHost: h:1\r\nCookie: x=y\r\nContent-Length: 3\r\n\r\nabc";

TEST(RequestReaderTest, ReadsARequestHoweverItIsCut) {
    for (std::size_t cut = 1; cut < kPost.size(); ++cut) {
        RequestReader reader;
        reader.feed(kPost.substr(0, cut));
        EXPECT_NE(reader.advance(), State::whole) << cut;
        reader.feed(kPost.substr(cut));
        ASSERT_EQ(reader.advance(), State::whole) << cut;
        const Request request = reader.take();
        EXPECT_EQ(request.method, "POST");
        EXPECT_EQ(request.target, "/a?b=c");
        EXPECT_EQ(request.host, "h:1");
        EXPECT_EQ(request.cookies, "x=y");
        EXPECT_FALSE(request.origin);
        EXPECT_EQ(request.body, "abc");
        EXPECT_TRUE(reader.keeps_alive());
    }
}

TEST(RequestReaderTest, ReadsRequestsThatCameTogether) {
    RequestReader reader;
    reader.feed(std::string(kPost) + "GET / HTTP/1.0\r\n\r\nGET /2");
    ASSERT_EQ(reader.advance(), State::whole);
    EXPECT_EQ(reader.take().body, "abc");
    ASSERT_EQ(reader.advance(), State::whole);
    EXPECT_EQ(reader.take().target, "/");
    EXPECT_FALSE(reader.keeps_alive());
    EXPECT_EQ(reader.advance(), State::header);
}

TEST(RequestReaderTest, TellsHowFarItIs) {
    RequestReader reader;
    EXPECT_EQ(reader.advance(), State::nothing);
    reader.feed("POST / HT");
    EXPECT_EQ(reader.advance(), State::header);
    EXPECT_FALSE(reader.take_expectation());
    reader.feed("TP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n");
    EXPECT_EQ(reader.advance(), State::body);
    EXPECT_EQ(reader.header().method, "POST");
    EXPECT_EQ(reader.body_size(), 5);
    EXPECT_TRUE(reader.take_expectation());
    EXPECT_FALSE(reader.take_expectation());
    reader.feed("12345");
    EXPECT_EQ(reader.advance(), State::whole);
}

TEST(RequestReaderTest, RefusesALongHeaderBeforeItHasEnded) {
    RequestReader reader;
    reader.feed("GET /" + std::string(RequestReader::kHeaderMax, 'x'));
    EXPECT_EQ(reader.advance(), State::too_long);
}

TEST(RequestReaderTest, RefusesALargeBodyByItsLength) {
    RequestReader reader;
    reader.feed("POST / HTTP/1.1\r\nContent-Length: 1048577\r\n\r\n");
    EXPECT_EQ(reader.advance(), State::too_large);
}

// In any pieces: the chunks, malformed ones too, must not reach the parser.
TEST(RequestReaderTest, RefusesABodyInChunks) {
    constexpr std::string_view kRequest =
        "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n\r\n0\r\n4\r\nabcd\r\n0\r\n\r\n";
    for (std::size_t size = 1; size <= kRequest.size(); ++size) {
        RequestReader reader;
        State state = State::nothing;
        for (std::size_t at = 0; at < kRequest.size() && state != State::unsized; at += size) {
            reader.feed(kRequest.substr(at, size));
            state = reader.advance();
        }
        EXPECT_EQ(state, State::unsized) << "in pieces of " << size;
    }
}

TEST(RequestReaderTest, RefusesWhatIsNoRequest) {
    for (const char* text : {"\x16\x03\x01\x02\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9.9\r\n\r\n",
                             "\x10\x0c\0\4MQTT\r\n\r\n"}) {
        RequestReader reader;
        reader.feed(text);
        EXPECT_EQ(reader.advance(), State::malformed) << text;
    }
}

}  // namespace
}  // namespace godwit::admin
