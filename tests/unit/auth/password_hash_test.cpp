#include "godwit/auth/password_hash.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::auth {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;
using Match = PasswordHash::Match;

PasswordHash parsed(std::string_view text) {
    auto result = PasswordHash::parse(text);
    const auto* problem = std::get_if<std::string_view>(&result);
    EXPECT_EQ(problem, nullptr) << text << ": " << *problem;
    return problem != nullptr ? PasswordHash() : std::get<PasswordHash>(result);
}

std::string problem_of(std::string_view text) {
    const auto result = PasswordHash::parse(text);
    const auto* problem = std::get_if<std::string_view>(&result);
    return problem != nullptr ? std::string(*problem) : "";
}

struct Known {
    const char* from;
    const char* password;
    const char* hash;
};

// mosquitto_passwd 2.0.11, and the test vectors of libargon2.
const Known kKnown[] = {
    {"mosquitto_passwd", "wonderland",
     "$7$101$fVfqe5/1VyTiLNKi$6cCg8LMRbT/BAkY4+kpe5Ra/gTD18XsIB/"
     "mYzJ0B8uJw71NdazAyykVJEdIgA5AF8h4JROlBbml1QV0TtmPFPQ=="},
    {"mosquitto_passwd -H sha512", "builder",
     "$6$KUf1ewvEOfjmwk3w$xgTipPz2t7o6doxkfxcU01PffOB26YBI9DJ+1J4SPhuQjzG800VqQy4xx2VR3qRvncA7qSRSs"
     "I++EqCaAJRrPg=="},
    {"mosquitto_passwd -I 1000", "pass word:ü",
     "$7$1000$Ek/icBx8kvZgY9BK$irHUCeMD4oUfY4e7Qr7/zQNQ3CdUKgUsju7IKj+zobzHrepH1JmA5vU71P/YX/"
     "YYmyeqaRKPObUyWttM31/RVQ=="},
    {"libargon2, 64 MiB", "password",
     "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHQ$CTFhFdXPJO1aFaMaO6Mm5c8y7cJHAph8ArZWb2GRPPc"},
    {"libargon2, one lane", "password",
     "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4"},
    {"libargon2, two lanes", "password",
     "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc"},
};

TEST(PasswordHashTest, KnowsTheHashesOfOthers) {
    for (const Known& known : kKnown) {
        const PasswordHash hash = parsed(known.hash);
        EXPECT_EQ(hash.verify(known.password), Match::right) << known.from;
        EXPECT_EQ(hash.verify(std::string(known.password) + "x"), Match::wrong) << known.from;
        EXPECT_EQ(hash.verify(""), Match::wrong) << known.from;
        EXPECT_EQ(hash.text(), known.hash);
    }
}

TEST(PasswordHashTest, MakesArgon2idOfTheRecommendedCostWithASaltOfItsOwn) {
    const std::string password("with a \0 in it", 14);
    const PasswordHash hash = PasswordHash::make(password);
    EXPECT_THAT(hash.text(), StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
    EXPECT_NE(PasswordHash::make(password).text(), hash.text());
    EXPECT_EQ(parsed(hash.text()), hash);
    EXPECT_EQ(parsed(hash.text()).verify(password), Match::right);
    EXPECT_EQ(parsed(hash.text()).verify("with a "), Match::wrong);
}

TEST(PasswordHashTest, LetsNobodyInByAStar) {
    EXPECT_EQ(parsed("*").verify("*"), Match::wrong);
    EXPECT_EQ(parsed("*").verify(""), Match::wrong);
    EXPECT_EQ(PasswordHash().text(), "*");
}

TEST(PasswordHashTest, RefusesWhatWouldExhaustTheMachine) {
    EXPECT_THAT(problem_of("$argon2id$v=19$m=4000000,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg"),
                HasSubstr("m=65536"));
    EXPECT_THAT(problem_of("$argon2id$v=19$m=65536,t=17,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg"),
                HasSubstr("t=16"));
    EXPECT_THAT(problem_of("$argon2id$v=19$m=65536,t=1,p=17$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg"),
                HasSubstr("p=16"));
    EXPECT_THAT(problem_of("$7$1000001$c29tZXNhbHQ$eA"), HasSubstr("1000000"));
}

TEST(PasswordHashTest, RefusesWhatIsNoHashAndDoesNotRepeatIt) {
    for (const auto* text : {
             "",
             "secret",
             "$",
             "$5$secret$secret",
             "$6$secret",
             "$6$secret$secret",
             "$6$sec ret$c29tZXNhbHQ",
             "$7$x$secret$secret",
             "$7$0$secret$secret",
             "$7$101$c29tZXNhbHQ$secretsecret",
             "$argon2i$v=19$m=256,t=2,p=1$secret$secret",
             "$argon2id$v=16$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg",
             "$argon2id$v=19$m=256,t=2$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg",
             "$argon2id$v=19$m=0,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg",
             "$argon2id$v=19$m=256,t=0,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg",
             "$argon2id$v=19$m=256,t=1,p=0$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg",
             "$argon2id$v=19$m=256,t=-1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEg",
             "$argon2id$v=19$m=256,t=1,p=1$c2FsdA$nf65EOgLrQMR/uIPnA4rEg",
             "$argon2id$v=19$m=256,t=1,p=1$c29tZXNhbHQ$c2hvcnQ",
             "**",
         }) {
        EXPECT_NE(problem_of(text), "") << text;
        EXPECT_THAT(problem_of(text), Not(HasSubstr("secret")));
    }
}

}  // namespace
}  // namespace godwit::auth
