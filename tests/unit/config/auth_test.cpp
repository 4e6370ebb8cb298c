// The section `auth`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "godwit/config/load.hpp"
#include "loaded_config.hpp"

namespace godwit::config {
namespace {

using test::config_of;
using test::error_of;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;

constexpr auto kHash =
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";

std::string with_user(const std::string& name = "a") {
    return "users: [{username: " + name + ", password_hash: '" + kHash + "'}]";
}

TEST(AuthTest, ConfiguresNobodyByDefault) {
    const auth::Settings settings = config_of("auth: {jwt: {}, http: {}, users: []}").auth.chain;
    EXPECT_FALSE(settings.configured());
    EXPECT_THAT(settings.jwt.claims, ElementsAre(Pair("sub", "%u")));
    EXPECT_EQ(settings.http.timeout, 5s);
    EXPECT_EQ(settings.http.cache, 1min);
    EXPECT_EQ(settings.lockout.failures, 0U);
    EXPECT_EQ(settings.lockout.duration, 5min);
}

TEST(AuthTest, ReadsEveryKey) {
    const auth::Settings settings = config_of(R"(
auth:
  password_file: /etc/users
  )" + with_user("ada") + R"(
  jwt: {secret_file: s, public_key_file: p, algorithm: ES256, from: username, claims: {aud: m}}
  http: {url: "https://hook:1/x?y", timeout: 200ms, cache: 0}
  lockout: {failures: 5, window: 10s, duration: 1h}
)")
                                        .auth.chain;
    EXPECT_EQ(settings.password_file, "/etc/users");
    ASSERT_EQ(settings.users.size(), 1U);
    EXPECT_EQ(settings.users[0].user_name, "ada");
    EXPECT_EQ(settings.users[0].password_hash.text(), kHash);
    EXPECT_EQ(settings.jwt.secret_file, "s");
    EXPECT_EQ(settings.jwt.public_key_file, "p");
    EXPECT_EQ(settings.jwt.algorithm, auth::JwtAlgorithm::es256);
    EXPECT_EQ(settings.jwt.from, auth::JwtSettings::From::user_name);
    EXPECT_THAT(settings.jwt.claims, ElementsAre(Pair("aud", "m")));
    EXPECT_EQ(settings.http.url, "https://hook:1/x?y");
    EXPECT_EQ(settings.http.timeout, 200ms);
    EXPECT_EQ(settings.http.cache, 0ms);
    EXPECT_EQ(settings.lockout.failures, 5U);
    EXPECT_EQ(settings.lockout.window, 10s);
    EXPECT_EQ(settings.lockout.duration, 1h);
}

TEST(AuthTest, ChangesOneKeyOfManyByAFlag) {
    const auth::Settings settings =
        config_of("auth: {http: {url: 'http://a', cache: 1s}}", {.set = {"auth.http.cache=2s"}})
            .auth.chain;
    EXPECT_EQ(settings.http.url, "http://a");
    EXPECT_EQ(settings.http.cache, 2s);
}

TEST(AuthTest, IsConfiguredByEachOfItsFourParts) {
    for (const auto& yaml :
         {std::string("password_file: x"), with_user(), std::string("jwt: {secret_file: x}"),
          std::string("jwt: {public_key_file: x}"), std::string("http: {url: 'http://x'}")}) {
        const Config config = config_of("auth: {" + yaml + "}");
        EXPECT_TRUE(config.auth.chain.configured()) << yaml;
        EXPECT_EQ(config.net.listeners[0].anonymous, net::Anonymous::deny) << yaml;
    }
    const Config open = config_of("auth: {lockout: {failures: 3}}");
    EXPECT_FALSE(open.auth.chain.configured());
    EXPECT_EQ(open.net.listeners[0].anonymous, net::Anonymous::automatic);
}

TEST(AuthTest, LeavesAListenerOpenThatIsToldToBe) {
    const Config config = config_of(
        "listeners: [{name: a, anonymous: allow}, {name: b}, {name: c, anonymous: auto}]\n"
        "auth: {password_file: x}");
    EXPECT_EQ(config.net.listeners[0].anonymous, net::Anonymous::allow);
    EXPECT_EQ(config.net.listeners[1].anonymous, net::Anonymous::deny);
    EXPECT_EQ(config.net.listeners[2].anonymous, net::Anonymous::deny);
}

TEST(AuthTest, PrintsNoHash) {
    const std::string text = to_yaml(config_of("auth: {" + with_user("ada") + "}"));
    EXPECT_THAT(text, HasSubstr("ada"));
    EXPECT_THAT(text, HasSubstr("password_hash: \"*\""));
    EXPECT_THAT(text, Not(HasSubstr("$argon2id$")));
    EXPECT_EQ(to_yaml(config_of(text)), text);
}

TEST(AuthTest, SaysWhatIsWrongWithoutASecret) {
    struct Wrong {
        std::string yaml;
        std::string complaint;
    };
    const std::string expected = "expected a list of {username: NAME, password_hash: HASH}";
    for (const Wrong& wrong : {
             Wrong{"users: [{username: a, password_hash: hunter2}]",
                   "f.yaml:1:45: auth.users[0].password_hash: not a password hash"},
             Wrong{"users: [{username: a, password_hash: [hunter2]}]", "expected a password hash"},
             Wrong{"users: ['a:hunter2']", "f.yaml:1:15: auth.users: " + expected},
             Wrong{"users: hunter2", expected},
             Wrong{"users: {hunter2: b}", expected},
             Wrong{"users: [{username: a}]", "'password_hash' is missing"},
             Wrong{"users: [{username: '', password_hash: '*'}]", "expected a user name"},
             Wrong{"users: [{username: a, password_hash: '*'}, {username: a, password_hash: '*'}]",
                   "auth.users[1].username: another user is called 'a' too"},
             Wrong{"jwt: {algorithm: none}", "auth.jwt.algorithm: expected \"\", HS256"},
             Wrong{"jwt: {from: header}", "expected password or username, got 'header'"},
             Wrong{"jwt: {claims: {'': x}}", "a claim has a name"},
             Wrong{"jwt: {secret: hunter2}", "auth.jwt.secret: unknown key"},
             Wrong{"http: {url: 'ftp://x'}", "auth.http.url: expected http://HOST:PORT/PATH"},
             Wrong{"http: {url: 'http://'}", "auth.http.url: expected"},
             Wrong{"http: {url: 'http://a b'}", "auth.http.url: expected"},
             Wrong{"http: {url: 'http://u:hunter2@x/'}", "without a user"},
             Wrong{"http: {url: 'http://x', timeout: 0}", "out of range (100ms to 1m)"},
             Wrong{"lockout: {failures: 1, window: 0}", "out of range (1s to 1d)"},
         }) {
        const std::string error = error_of("auth: {" + wrong.yaml + "}");
        EXPECT_THAT(error, HasSubstr(wrong.complaint)) << wrong.yaml;
        EXPECT_THAT(error, Not(HasSubstr("hunter2"))) << wrong.yaml;
    }
}

}  // namespace
}  // namespace godwit::config
