// The chain over a hook that answers what the test says and a clock that stands still.
#include "godwit/auth/chain.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <thread>

#include "commons.hpp"
#include "scratch_directory.hpp"
#include "tokens.hpp"

namespace godwit::auth {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

// Cheap ones: `alice` has the password of libargon2's vectors, `bob` that of mosquitto_passwd.
constexpr auto kAliceHash =
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
constexpr auto kAlicePassword = "password";
constexpr auto kBobHash =
    "$7$101$fVfqe5/1VyTiLNKi$6cCg8LMRbT/BAkY4+kpe5Ra/gTD18XsIB/"
    "mYzJ0B8uJw71NdazAyykVJEdIgA5AF8h4JROlBbml1QV0TtmPFPQ==";
constexpr auto kBobPassword = "wonderland";

class FakeHook final : public Hook {
public:
    bool ask(const HttpSettings&, std::string question, Reply reply) override {
        if (full) return false;
        questions.push_back(std::move(question));
        reply(answer);
        return true;
    }

    std::variant<HookAnswer, Failure> answer;
    bool full = false;
    std::vector<std::string> questions;
};

std::string token_of(const std::string& user_name) {
    return test::hs256(R"({"sub":")" + user_name + "\"}");
}

// A verdict as one line: the user name, `nobody`, or CONNACK code, reason and detail.
std::string text_of(const core::Verdict& verdict) {
    if (const auto* identity = std::get_if<core::Identity>(&verdict)) {
        return identity->user_name.value_or("nobody") + (identity->superuser ? ", superuser" : "");
    }
    const auto& refusal = std::get<core::Refusal>(verdict);
    return "CONNACK " + std::to_string(static_cast<int>(*refusal.connack)) + " " +
           std::string(core::to_string(refusal.reason)) + ": " + std::string(refusal.detail);
}

class ChainTest : public ::testing::Test {
protected:
    ChainTest() : commons_(make_parts()) {}

    static InlineUser user(const char* name, const char* hash) {
        return {name, std::get<PasswordHash>(PasswordHash::parse(hash))};
    }
    static Settings two_users() {
        return {.users = {user("alice", kAliceHash), user("bob", kBobHash)}};
    }
    Settings with_tokens(Settings settings = {}) {
        settings.jwt = {.secret_file = file(test::kTokenSecret), .algorithm = JwtAlgorithm::hs256};
        return settings;
    }
    static Settings with_hook(Settings settings = {}) {
        settings.http.url = "http://hook";
        return settings;
    }
    std::string file(const std::string& content, unsigned mode = 0600) {
        const std::filesystem::path path = directory_.path() / ("file" + std::to_string(files_++));
        std::ofstream(path) << content;
        std::filesystem::permissions(path, std::filesystem::perms{mode});
        return path;
    }

    Chain& use(const Settings& settings) {
        chain_ = std::make_unique<Chain>(settings, commons_);
        return *chain_;
    }

    // Waits for the verdict where it is not there at once.
    core::Verdict verdict(core::Credentials credentials) {
        auto late = std::make_shared<std::promise<core::Verdict>>();
        auto at_once = chain_->authenticate(std::move(credentials), [late](core::Verdict answer) {
            late->set_value(std::move(answer));
        });
        return at_once ? *std::move(at_once) : late->get_future().get();
    }
    core::Identity identity(core::Credentials credentials) {
        return std::get<core::Identity>(verdict(std::move(credentials)));
    }
    std::string ask(core::Credentials credentials) {
        return text_of(verdict(std::move(credentials)));
    }
    std::string ask(std::string user_name, std::string password, std::string host = "10.0.0.1") {
        return ask({.client_id = "c",
                    .user_name = std::move(user_name),
                    .password = std::move(password),
                    .host = std::move(host),
                    .listener = "lan"});
    }

    [[nodiscard]] std::uint64_t hashed() { return commons_.parts().hashing.taken(); }

    FakeHook* hook_ = nullptr;
    core::Now now_{core::SteadyTime{}, core::WallTime{}};
    std::vector<std::string> warnings_;
    Commons commons_;
    std::unique_ptr<Chain> chain_;

private:
    std::unique_ptr<Commons::Parts> make_parts() {
        auto hook = std::make_unique<FakeHook>();
        hook_ = hook.get();
        return std::make_unique<Commons::Parts>(
            1, [this] { return now_; },
            [this](const std::string& warning) { warnings_.push_back(warning); }, std::move(hook));
    }

    test::ScratchDirectory directory_;
    int files_ = 0;
};

// --- Strangers and certificates ----------------------------------------------------------------

TEST_F(ChainTest, TakesStrangersAtTheirWordWhereNobodyIsConfigured) {
    use({});
    EXPECT_EQ(ask({.anonymous = true}), "nobody");
    EXPECT_EQ(ask({.user_name = "whoever", .anonymous = true}), "whoever");
    EXPECT_EQ(ask({.user_name = "whoever", .password = "x"}),
              "CONNACK 5 not_authorized: the listener admits no anonymous clients");
}

TEST_F(ChainTest, AdmitsAsStrangersOnlyThoseWithoutAUserNameOnceThereAreUsers) {
    use(two_users());
    EXPECT_EQ(ask({.anonymous = true}), "nobody");
    EXPECT_THAT(ask({}), HasSubstr("CONNACK 5 not_authorized"));
    EXPECT_THAT(ask({.user_name = "whoever", .password = "x", .anonymous = true}),
                HasSubstr("CONNACK 5 not_authorized"));
}

TEST_F(ChainTest, PutsACertifiedNameBeforeEverything) {
    use(with_hook(two_users()));
    EXPECT_EQ(ask({.user_name = "alice", .password = "wrong", .certified_name = "sensor"}),
              "sensor");
    EXPECT_EQ(ask({.certified_name = "sensor"}), "sensor");
    EXPECT_THAT(hook_->questions, IsEmpty());
    EXPECT_EQ(hashed(), 0U);
}

// --- Passwords ---------------------------------------------------------------------------------

TEST_F(ChainTest, LetsAUserInByTheRightPasswordOnly) {
    use(two_users());
    EXPECT_EQ(ask("alice", kAlicePassword), "alice");
    EXPECT_EQ(ask("bob", kBobPassword), "bob");
    EXPECT_EQ(ask("alice", kBobPassword), "CONNACK 5 not_authorized: wrong password");
    EXPECT_EQ(ask("alice", ""), "CONNACK 5 not_authorized: wrong password");
    EXPECT_EQ(ask("carol", kAlicePassword), "CONNACK 5 not_authorized: nobody knows the user");
    EXPECT_EQ(ask({.user_name = "alice"}), "CONNACK 4 bad_credentials: no password");
    EXPECT_EQ(ask({.user_name = "carol"}), "CONNACK 4 bad_credentials: no password");
}

TEST_F(ChainTest, ReadsUsersFromAFile) {
    Settings settings{.password_file = file("# staff\nbob:" + std::string(kBobHash) + "\n")};
    settings.users = {user("alice", kAliceHash)};
    use(settings);
    EXPECT_EQ(ask("bob", kBobPassword), "bob");
    EXPECT_EQ(ask("alice", kAlicePassword), "alice");
    EXPECT_THAT(warnings_, IsEmpty());
}

TEST_F(ChainTest, RefusesEverybodyWhereThePasswordFileIsEmpty) {
    use({.password_file = file("")});
    EXPECT_EQ(ask("alice", "x"), "CONNACK 5 not_authorized: nobody knows the user");
}

TEST_F(ChainTest, PaysForAPasswordOnce) {
    use(two_users());
    EXPECT_EQ(ask("alice", kAlicePassword), "alice");
    EXPECT_EQ(hashed(), 1U);
    for (int i = 0; i < 1000; ++i)
        EXPECT_EQ(ask("alice", kAlicePassword), "alice");
    EXPECT_EQ(hashed(), 1U);
    EXPECT_EQ(ask("alice", "wrong"), "CONNACK 5 not_authorized: wrong password");
    EXPECT_EQ(hashed(), 2U);
    EXPECT_EQ(ask("alice", kAlicePassword), "alice");
    EXPECT_EQ(hashed(), 2U);
}

TEST_F(ChainTest, ForgetsItsProofsWithItself) {
    use(two_users());
    EXPECT_EQ(ask("alice", kAlicePassword), "alice");
    use(two_users());
    EXPECT_EQ(ask("alice", kAlicePassword), "alice");
    EXPECT_EQ(hashed(), 2U);
}

TEST_F(ChainTest, WorksAsMuchForAnUnknownUserAsForAWrongPassword) {
    use(two_users());
    (void)ask("alice", "wrong");
    EXPECT_EQ(hashed(), 1U);
    (void)ask("nobody of this name", "wrong");
    EXPECT_EQ(hashed(), 2U);
    // Not even the password of the one whose hash stands in makes a difference.
    for (const auto* name : {"a", "b", "c", "d", "e", "f"}) {
        EXPECT_THAT(ask(name, kAlicePassword), HasSubstr("CONNACK 5"));
        EXPECT_THAT(ask(name, kBobPassword), HasSubstr("CONNACK 5"));
    }
    EXPECT_EQ(hashed(), 14U);
}

TEST_F(ChainTest, AnswersWhoAskedBeforeItWasReplaced) {
    use(two_users());
    std::promise<core::Verdict> late;
    auto at_once = chain_->authenticate({.user_name = "alice", .password = kAlicePassword},
                                        [&](core::Verdict answer) { late.set_value(answer); });
    ASSERT_FALSE(at_once);
    use({});
    EXPECT_EQ(text_of(late.get_future().get()), "alice");
}

TEST_F(ChainTest, RefusesForNowWhereTooManyPasswordsWait) {
    use(two_users());
    std::promise<void> go_on;
    std::promise<void> begun;
    ASSERT_TRUE(commons_.parts().hashing.submit([&, gate = go_on.get_future().share()] {
        begun.set_value();
        gate.wait();
    }));
    begun.get_future().wait();
    std::optional<core::Verdict> refused;
    int answered = 0;
    int waiting = 0;
    while (!refused && waiting < 10'000) {
        ++waiting;
        refused = chain_->authenticate({.user_name = "bob", .password = "x"},
                                       [&](const core::Verdict&) { ++answered; });
    }
    ASSERT_TRUE(refused);
    EXPECT_EQ(text_of(*refused),
              "CONNACK 3 server_unavailable: too many passwords wait to be checked");
    std::promise<void> done;
    go_on.set_value();
    while (!commons_.parts().hashing.submit([&] { done.set_value(); }))
        std::this_thread::yield();
    done.get_future().wait();
    EXPECT_EQ(answered, waiting - 1);
}

// --- Tokens ------------------------------------------------------------------------------------

TEST_F(ChainTest, LetsTheBearerOfATokenInWithoutHashing) {
    use(with_tokens(two_users()));
    EXPECT_EQ(ask("carol", token_of("carol")), "carol");
    EXPECT_EQ(ask("carol", token_of("dave")),
              "CONNACK 5 not_authorized: the token's claims are not those of auth.jwt.claims");
    EXPECT_EQ(hashed(), 0U);
    EXPECT_EQ(ask("carol", "no token"), "CONNACK 5 not_authorized: nobody knows the user");
}

TEST_F(ChainTest, HoldsAKnownUserToThePassword) {
    use(with_tokens(two_users()));
    EXPECT_EQ(ask("alice", token_of("alice")), "CONNACK 5 not_authorized: wrong password");
}

TEST_F(ChainTest, CallsItBadCredentialsWhereATokenIsNeededAndThereIsNone) {
    use(with_tokens());
    EXPECT_EQ(ask("carol", "no token"), "CONNACK 4 bad_credentials: no token");
    EXPECT_EQ(ask({.user_name = "carol"}), "CONNACK 4 bad_credentials: no token");
}

TEST_F(ChainTest, TakesATokenForAUserName) {
    Settings settings = with_tokens();
    settings.jwt.from = JwtSettings::From::user_name;
    use(settings);
    EXPECT_EQ(ask({.user_name = token_of("carol")}), "carol");
}

// --- The hook ----------------------------------------------------------------------------------

TEST_F(ChainTest, DoesWhatTheHookSays) {
    use(with_hook());
    hook_->answer = HookAnswer{HookAnswer::Result::allow, true};
    EXPECT_EQ(ask("carol", "1"), "carol, superuser");
    hook_->answer = HookAnswer{HookAnswer::Result::deny, false};
    EXPECT_EQ(ask("carol", "2"), "CONNACK 5 not_authorized: auth.http denies");
    hook_->answer = HookAnswer{HookAnswer::Result::ignore, false};
    EXPECT_EQ(ask("carol", "3"), "CONNACK 5 not_authorized: nobody knows the user");
    EXPECT_EQ(hook_->questions.size(), 3U);
}

TEST_F(ChainTest, AsksTheHookOnlyAboutThoseWhomNobodyElseKnows) {
    use(with_hook(with_tokens(two_users())));
    hook_->answer = HookAnswer{HookAnswer::Result::allow, false};
    EXPECT_EQ(ask("alice", kAlicePassword), "alice");
    EXPECT_THAT(ask("alice", "wrong"), HasSubstr("wrong password"));
    EXPECT_EQ(ask("carol", token_of("carol")), "carol");
    EXPECT_THAT(hook_->questions, IsEmpty());
    EXPECT_EQ(ask("dave", "x"), "dave");
    EXPECT_EQ(hook_->questions.size(), 1U);
}

TEST_F(ChainTest, RemembersWhatTheHookSaidForAWhile) {
    use(with_hook());
    hook_->answer = HookAnswer{HookAnswer::Result::allow, false};
    EXPECT_EQ(ask("carol", "x"), "carol");
    hook_->answer = HookAnswer{HookAnswer::Result::deny, false};
    now_.steady += 60s - 1ms;
    EXPECT_EQ(ask("carol", "x"), "carol");
    EXPECT_THAT(ask("carol", "y"), HasSubstr("CONNACK 5"));
    now_.steady += 1ms;
    EXPECT_THAT(ask("carol", "x"), HasSubstr("CONNACK 5"));
    EXPECT_EQ(hook_->questions.size(), 3U);
}

TEST_F(ChainTest, AsksEachTimeWithoutACache) {
    Settings settings = with_hook();
    settings.http.cache = 0s;
    use(settings);
    hook_->answer = HookAnswer{HookAnswer::Result::allow, false};
    EXPECT_EQ(ask("carol", "x"), "carol");
    EXPECT_EQ(ask("carol", "x"), "carol");
    EXPECT_EQ(hook_->questions.size(), 2U);
}

TEST_F(ChainTest, RefusesForNowWhereTheHookFailsAndWarnsNowAndThen) {
    use(with_hook());
    hook_->answer = Hook::Failure{"it is dead"};
    for (int i = 0; i < 5; ++i)
        EXPECT_EQ(ask("carol", "x"), "CONNACK 3 server_unavailable: auth.http does not answer");
    EXPECT_THAT(warnings_, ElementsAre(HasSubstr("it is dead")));
    now_.steady += 10s;
    (void)ask("carol", "x");
    EXPECT_EQ(warnings_.size(), 2U);
    hook_->full = true;
    EXPECT_THAT(ask("carol", "x"), HasSubstr("CONNACK 3"));
}

TEST_F(ChainTest, CallsItBadCredentialsWhereTheHookCannotBeAsked) {
    use(with_hook());
    EXPECT_THAT(ask("carol", "\xff"), HasSubstr("CONNACK 4 bad_credentials"));
    EXPECT_THAT(hook_->questions, IsEmpty());
}

// --- Lockout -----------------------------------------------------------------------------------

TEST_F(ChainTest, LocksOutWhoGuesses) {
    Settings settings = two_users();
    settings.lockout = {.failures = 2, .window = 1min, .duration = 5min};
    use(settings);
    EXPECT_EQ(ask("alice", kAlicePassword), "alice");
    (void)ask("alice", "wrong");
    (void)ask("alice", "wrong");
    EXPECT_EQ(ask("alice", kAlicePassword), "CONNACK 5 locked_out: too many failures lately");
    EXPECT_EQ(ask("alice", kAlicePassword, "10.0.0.2"), "alice");
    EXPECT_EQ(ask("bob", kBobPassword), "bob");
    // Whoever reloads the configuration opens no door.
    use(settings);
    EXPECT_THAT(ask("alice", kAlicePassword), HasSubstr("locked_out"));
    now_.steady += 5min;
    EXPECT_EQ(ask("alice", kAlicePassword), "alice");
}

TEST_F(ChainTest, LocksOutWhoGuessesAtUsersThatDoNotExist) {
    Settings settings = two_users();
    settings.lockout = {.failures = 2, .window = 1min, .duration = 5min};
    use(settings);
    (void)ask("carol", "x");
    (void)ask("carol", "x");
    EXPECT_THAT(ask("carol", "x"), HasSubstr("locked_out"));
}

TEST_F(ChainTest, CountsNoFailureOfItsOwn) {
    Settings settings = with_hook();
    settings.lockout = {.failures = 1, .window = 1min, .duration = 5min};
    use(settings);
    hook_->answer = Hook::Failure{"it is dead"};
    (void)ask("carol", "x");
    (void)ask("carol", "\xff");
    hook_->answer = HookAnswer{HookAnswer::Result::allow, false};
    EXPECT_EQ(ask("carol", "x"), "carol");
}

// --- After a reload ----------------------------------------------------------------------------

TEST_F(ChainTest, VouchesForItsUsersWhileTheirHashIsTheSame) {
    use(two_users());
    const core::Identity alice = identity({.user_name = "alice", .password = kAlicePassword});
    EXPECT_NE(alice.warrant, 0U);
    EXPECT_TRUE(chain_->vouches_for(alice));
    EXPECT_TRUE(use(two_users()).vouches_for(alice));
    EXPECT_FALSE(use({.users = {user("alice", kBobHash)}}).vouches_for(alice));
    EXPECT_FALSE(use({.users = {user("bob", kBobHash)}}).vouches_for(alice));
    EXPECT_FALSE(use({}).vouches_for(alice));
}

TEST_F(ChainTest, VouchesForStrangersWithoutANameAndForOthersWhileNobodyIsConfigured) {
    use({});
    const core::Identity nobody = identity({.anonymous = true});
    const core::Identity whoever = identity({.user_name = "alice", .anonymous = true});
    // By this the network knows that their listener has to admit them.
    EXPECT_EQ(nobody.warrant, 0U);
    EXPECT_EQ(whoever.warrant, 0U);
    EXPECT_TRUE(use({}).vouches_for(nobody));
    EXPECT_TRUE(chain_->vouches_for(whoever));
    EXPECT_TRUE(use(two_users()).vouches_for(nobody));
    EXPECT_FALSE(chain_->vouches_for(whoever));
}

TEST_F(ChainTest, VouchesForBearersWhileTheKeyIsTheSame) {
    Settings settings = with_tokens();
    use(settings);
    const core::Identity carol = identity({.user_name = "carol", .password = token_of("carol")});
    EXPECT_TRUE(use(settings).vouches_for(carol));
    settings.jwt.secret_file = file("another secret of thirty-two bytes");
    EXPECT_FALSE(use(settings).vouches_for(carol));
    EXPECT_FALSE(use(two_users()).vouches_for(carol));
}

TEST_F(ChainTest, VouchesForWhomTheHookAllowedWhileThereIsThatHook) {
    use(with_hook());
    hook_->answer = HookAnswer{HookAnswer::Result::allow, false};
    const core::Identity carol = identity({.user_name = "carol", .password = "x"});
    EXPECT_TRUE(use(with_hook()).vouches_for(carol));
    EXPECT_FALSE(use(two_users()).vouches_for(carol));
}

TEST_F(ChainTest, VouchesForCertificates) {
    use({});
    const core::Identity sensor = identity({.certified_name = "sensor"});
    EXPECT_TRUE(use(two_users()).vouches_for(sensor));
}

// --- Files -------------------------------------------------------------------------------------

TEST_F(ChainTest, SaysWhatIsWrongWithAFileWithoutASecret) {
    const auto problem = [this](const Settings& settings) -> std::string {
        try {
            (void)check_sources(settings);
        } catch (const SourceError& error) {
            EXPECT_THROW(use(settings), SourceError);
            return error.what();
        }
        return "";
    };
    EXPECT_EQ(problem({.password_file = "/nowhere/users"}),
              "/nowhere/users: auth.password_file: cannot be read: No such file or directory");
    EXPECT_THAT(problem({.password_file = "/"}), HasSubstr("is not a regular file"));
    const std::string unhashed = file("bob:" + std::string(kBobHash) + "\nalice:hunter2\n");
    EXPECT_EQ(problem({.password_file = unhashed}),
              unhashed +
                  ":2: auth.password_file: user 'alice': not a password hash "
                  "($argon2id$, $7$ or $6$); godwit passwd makes one");
    Settings twice = two_users();
    twice.password_file = file("bob:" + std::string(kBobHash) + "\n");
    EXPECT_EQ(problem(twice),
              twice.password_file + ":1: auth.password_file: user 'bob' is in auth.users already");
}

TEST_F(ChainTest, WarnsOfASecretThatOthersCanRead) {
    for (const unsigned mode : {0600U, 0640U, 0400U})
        EXPECT_THAT(check_sources({.password_file = file("", mode)}), IsEmpty()) << mode;
    for (const unsigned mode : {0644U, 0604U, 0602U, 0660U})
        EXPECT_THAT(check_sources({.password_file = file("", mode)}),
                    ElementsAre(HasSubstr("at a secret")))
            << mode;
    use({.password_file = file("", 0644)});
    EXPECT_THAT(warnings_, ElementsAre(HasSubstr("mode 0644")));
}

}  // namespace
}  // namespace godwit::auth
