#include "hook.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "hook_cache.hpp"

namespace godwit::auth {
namespace {

using namespace std::chrono_literals;
using Result = HookAnswer::Result;

TEST(HookAnswerTest, SaysAllowDenyOrIgnore) {
    EXPECT_EQ(parse_hook_answer(R"({"result":"allow"})")->result, Result::allow);
    EXPECT_EQ(parse_hook_answer(R"({"result": "deny", "superuser": false})")->result, Result::deny);
    EXPECT_EQ(parse_hook_answer(R"({"result":"ignore","note":[1,{}]})")->result, Result::ignore);
    EXPECT_FALSE(parse_hook_answer(R"({"result":"allow"})")->superuser);
    EXPECT_TRUE(parse_hook_answer(R"({"result":"allow","superuser":true})")->superuser);
}

TEST(HookAnswerTest, IsNothingElse) {
    for (const std::string& text :
         {std::string(), std::string("allow"), std::string("\"allow\""), std::string("[]"),
          std::string("{}"), std::string(R"({"result":"Allow"})"),
          std::string(R"({"result":true})"), std::string(R"({"result":"allow")"),
          std::string(R"({"result":"allow"} x)"),
          std::string(R"({"result":"allow","superuser":"true"})"),
          std::string(R"({"result":"allow","superuser":1})"),
          R"({"result":"allow","x":")" + std::string(kHookAnswerBytesMax, 'x') + "\"}",
          std::string(10'000, '[')}) {
        EXPECT_FALSE(parse_hook_answer(text)) << text.substr(0, 80);
    }
}

TEST(HookQuestionTest, SaysWhoAsksFromWhere) {
    const auto text = hook_question({.client_id = "c\"1",
                                     .user_name = "alice",
                                     .password = "p\x01ä",
                                     .host = "10.0.0.1",
                                     .listener = "lan"});
    ASSERT_TRUE(text);
    EXPECT_EQ(nlohmann::json::parse(*text), nlohmann::json({{"client_id", "c\"1"},
                                                            {"username", "alice"},
                                                            {"password", "p\x01ä"},
                                                            {"address", "10.0.0.1"},
                                                            {"listener", "lan"}}));
}

TEST(HookQuestionTest, HasNullWhereThereIsNoPassword) {
    const auto text = hook_question({.client_id = "", .user_name = "alice"});
    ASSERT_TRUE(text);
    EXPECT_TRUE(nlohmann::json::parse(*text)["password"].is_null());
}

TEST(HookQuestionTest, IsNotAskedWhereJsonCannotSayIt) {
    EXPECT_FALSE(hook_question({.client_id = "", .user_name = "a", .password = "\xff"}));
    EXPECT_FALSE(
        hook_question({.client_id = "", .user_name = "a", .password = std::string(65'536, 'x')}));
}

TEST(HookCacheTest, KeepsAnAnswerForItsTime) {
    HookCache cache;
    const Digest question{1};
    const core::SteadyTime now{};
    EXPECT_FALSE(cache.find(question, now));
    cache.keep(question, {Result::allow, true}, now + 1s);
    ASSERT_TRUE(cache.find(question, now + 999ms));
    EXPECT_TRUE(cache.find(question, now + 999ms)->superuser);
    EXPECT_FALSE(cache.find(question, now + 1s));
    EXPECT_FALSE(cache.find(Digest{2}, now));
    cache.keep(question, {Result::deny, false}, now + 2s);
    EXPECT_EQ(cache.find(question, now + 1s)->result, Result::deny);
}

TEST(HookCacheTest, ForgetsTheOldestWhereThereAreTooMany) {
    HookCache cache(2);
    const core::SteadyTime now{};
    for (unsigned char i = 1; i <= 3; ++i)
        cache.keep(Digest{i}, {Result::allow, false}, now + 1s);
    EXPECT_FALSE(cache.find(Digest{1}, now));
    EXPECT_TRUE(cache.find(Digest{2}, now));
    EXPECT_TRUE(cache.find(Digest{3}, now));
}

}  // namespace
}  // namespace godwit::auth
