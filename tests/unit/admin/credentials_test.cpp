#include "credentials.hpp"

#include <gtest/gtest.h>

namespace godwit::admin {
namespace {

using namespace std::chrono_literals;

constexpr core::WallTime kNow{1'000'000s};

TEST(CredentialsTest, KnowTheToken) {
    const Credentials credentials("secret");
    EXPECT_TRUE(credentials.is_token("secret"));
    for (const char* text : {"", "secre", "secret ", "Secret", "secretsecret"})
        EXPECT_FALSE(credentials.is_token(text)) << text;
}

TEST(CredentialsTest, TakeTheirCookieUntilItsEnd) {
    const Credentials credentials("secret");
    const std::string cookie = credentials.new_session(kNow);
    EXPECT_TRUE(credentials.is_session(cookie, kNow));
    EXPECT_TRUE(credentials.is_session(cookie, kNow + 12h - 1s));
    EXPECT_FALSE(credentials.is_session(cookie, kNow + 12h));
}

TEST(CredentialsTest, TakeNoCookieThatWasChanged) {
    const Credentials credentials("secret");
    const std::string cookie = credentials.new_session(kNow);
    for (std::size_t i = 0; i < cookie.size(); ++i) {
        std::string changed = cookie;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(credentials.is_session(changed, kNow)) << changed;
    }
    EXPECT_FALSE(credentials.is_session("9999999999." + cookie.substr(cookie.find('.') + 1), kNow));
    EXPECT_FALSE(credentials.is_session("", kNow));
    EXPECT_FALSE(credentials.is_session("secret", kNow));
}

TEST(CredentialsTest, TakeNoCookieOfAnotherToken) {
    Credentials credentials("secret");
    const std::string cookie = credentials.new_session(kNow);
    credentials.set_token("another");
    EXPECT_FALSE(credentials.is_session(cookie, kNow));
    EXPECT_TRUE(credentials.is_token("another"));
}

TEST(CredentialsTest, DoNotShowTheTokenInTheCookie) {
    EXPECT_EQ(Credentials("secret").new_session(kNow).find("secret"), std::string::npos);
}

}  // namespace
}  // namespace godwit::admin
