#include "access.hpp"

#include <gtest/gtest.h>

#include "problem.hpp"

namespace godwit::admin {
namespace {

template <typename Check>
unsigned refusal(Check check) {
    try {
        check();
    } catch (const Problem& problem) {
        return problem.status;
    }
    return 0;
}

unsigned host_refusal(const std::string& host) {
    return refusal([&] { check_host({.host = host}, "Node-1"); });
}

TEST(AccessTest, KnowsItsOwnHosts) {
    for (const char* host : {"localhost", "LOCALHOST:18083", "127.0.0.1", "10.1.2.3:80", "[::1]",
                             "[fe80::1]:18083", "node-1", "Node-1:18083"})
        EXPECT_EQ(host_refusal(host), 0) << host;
    EXPECT_EQ(refusal([] { check_host({}, "node-1"); }), 0);
}

TEST(AccessTest, RefusesForeignHosts) {
    for (const char* host :
         {"evil.example", "evil.example:18083", "localhost.evil.example", "127.0.0.1.evil.example",
          "node-1.example", "", ":18083", "[evil]", "1.2.3", "[::1"})
        EXPECT_EQ(host_refusal(host), 421) << host;
}

TEST(AccessTest, FindsItsCookieAmongOthers) {
    EXPECT_EQ(session_cookie("a=b; godwit=x.y; c=d"), "x.y");
    EXPECT_EQ(session_cookie("godwit="), "");
    EXPECT_FALSE(session_cookie(""));
    EXPECT_FALSE(session_cookie("notgodwit=1; godwitx=2; godwit"));
}

unsigned origin_refusal(Request request) {
    request.host = "127.0.0.1:18083";
    return refusal([&] { check_origin(request); });
}

TEST(AccessTest, RefusesChangesByForeignPages) {
    const std::string own = "http://127.0.0.1:18083";
    const std::string foreign = "http://evil.example";
    const Request by_cookie{.method = "POST", .cookies = "godwit=x"};
    const auto from = [](Request request, const std::string& origin) {
        request.origin = origin;
        return request;
    };
    EXPECT_EQ(origin_refusal(by_cookie), 403);
    EXPECT_EQ(origin_refusal(from(by_cookie, own)), 0);
    EXPECT_EQ(origin_refusal(from(by_cookie, foreign)), 403);
    EXPECT_EQ(origin_refusal(from(by_cookie, "null")), 403);
    EXPECT_EQ(origin_refusal(from(by_cookie, "http://127.0.0.1:1")), 403);
    EXPECT_EQ(origin_refusal(from({.method = "DELETE"}, foreign)), 403);
}

TEST(AccessTest, LeavesProgramsAndReadersAlone) {
    EXPECT_EQ(origin_refusal({.method = "POST", .authorization = "Bearer x"}), 0);
    EXPECT_EQ(origin_refusal({.method = "POST"}), 0);
    EXPECT_EQ(
        origin_refusal({.method = "GET", .origin = "http://evil.example", .cookies = "godwit=x"}),
        0);
}

TEST(AccessTest, WantsTheTokenOrACookie) {
    const Credentials credentials("secret");
    const core::WallTime now{std::chrono::hours(1)};
    const auto answer = [&](const Request& request) {
        return refusal([&] { check_credentials(request, credentials, now); });
    };
    const std::string cookie = "godwit=" + credentials.new_session(now);
    EXPECT_EQ(answer({}), 401);
    EXPECT_EQ(answer({.authorization = "Bearer secret"}), 0);
    EXPECT_EQ(answer({.authorization = "bearer secret"}), 0);
    EXPECT_EQ(answer({.authorization = "Bearer wrong"}), 401);
    EXPECT_EQ(answer({.authorization = "Basic secret"}), 401);
    EXPECT_EQ(answer({.authorization = ""}), 401);
    EXPECT_EQ(answer({.cookies = cookie}), 0);
    EXPECT_EQ(answer({.cookies = cookie + "x"}), 401);
    // A program that says a wrong token means it.
    EXPECT_EQ(answer({.authorization = "Bearer wrong", .cookies = cookie}), 401);
}

}  // namespace
}  // namespace godwit::admin
