#include "godwit/auth/password_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace godwit::auth {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr std::string_view kHash =
    "$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4";
constexpr std::string_view kOther =
    "$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc";

std::string line(std::string_view user_name, std::string_view hash = kHash) {
    return std::string(user_name) + ":" + std::string(hash) + "\n";
}

std::vector<PasswordLine> users_of(std::string_view text) {
    auto parsed = parse_password_file(text);
    const auto* problem = std::get_if<PasswordFileProblem>(&parsed);
    EXPECT_EQ(problem, nullptr) << problem->what;
    return problem != nullptr ? std::vector<PasswordLine>()
                              : std::get<std::vector<PasswordLine>>(std::move(parsed));
}

PasswordFileProblem file_problem(std::string_view text) {
    const auto parsed = parse_password_file(text);
    const auto* problem = std::get_if<PasswordFileProblem>(&parsed);
    return problem != nullptr ? *problem : PasswordFileProblem{};
}

PasswordHash other_hash() {
    return std::get<PasswordHash>(PasswordHash::parse(kOther));
}

TEST(PasswordFileTest, HasAUserALineBetweenCommentsAndEmptyLines) {
    const auto users = users_of("# our users\n\n" + line("alice") + "  \r\n" + line("bö b") + "#" +
                                line("carol") + "dave:*\r\n");
    ASSERT_EQ(users.size(), 3U);
    EXPECT_EQ(users[0].user_name, "alice");
    EXPECT_EQ(users[0].hash.text(), kHash);
    EXPECT_EQ(users[0].number, 3U);
    EXPECT_EQ(users[1].user_name, "bö b");
    EXPECT_EQ(users[1].number, 5U);
    EXPECT_EQ(users[2].user_name, "dave");
    EXPECT_EQ(users[2].hash, PasswordHash());
}

TEST(PasswordFileTest, MayLackTheLastEndOfLineAndEveryUser) {
    EXPECT_EQ(users_of(std::string(line("alice"), 0, line("alice").size() - 1)).size(), 1U);
    EXPECT_TRUE(users_of("").empty());
    EXPECT_TRUE(users_of("# nobody").empty());
}

TEST(PasswordFileTest, SaysWhichLineIsWrongAndWhy) {
    const auto unhashed = file_problem(line("alice") + "bob:hunter2\n");
    EXPECT_EQ(unhashed.line, 2U);
    EXPECT_THAT(unhashed.what, HasSubstr("bob"));
    EXPECT_THAT(unhashed.what, Not(HasSubstr("hunter2")));
    EXPECT_EQ(file_problem("\n\nalice\n").line, 3U);
    EXPECT_EQ(file_problem(":" + std::string(kHash)).line, 1U);
    EXPECT_EQ(file_problem("\xff:" + std::string(kHash)).line, 1U);
    EXPECT_THAT(file_problem("hunter2\n").what, Not(HasSubstr("hunter2")));
}

TEST(PasswordFileTest, RefusesTheSameUserTwice) {
    const auto problem = file_problem(line("alice") + line("bob") + line("alice", kOther));
    EXPECT_EQ(problem.line, 3U);
    EXPECT_THAT(problem.what, HasSubstr("'alice' is in line 1"));
}

TEST(PasswordFileTest, KnowsWhichUserNamesFitInALine) {
    for (const auto* name : {"alice", "a b", "ü", "$SYS", "a#b", "*"})
        EXPECT_EQ(user_name_problem(name), std::nullopt) << name;
    for (const std::string& name :
         {std::string(), std::string("a:b"), std::string("a\nb"), std::string("a\rb"),
          std::string("a\0b", 3), std::string("\x7f"), std::string("#a"), std::string("\xff"),
          std::string(65'536, 'a')})
        EXPECT_NE(user_name_problem(name), std::nullopt) << name.substr(0, 10);
}

TEST(PasswordFileTest, ChangesOneUserAndLeavesAllElseAsItIs) {
    const std::string before =
        "# x\r\n" + line("alice") + "\n  \n" + line("bob") + "no line at all";
    EXPECT_EQ(with_user(before, "alice", other_hash()),
              "# x\r\n" + line("alice", kOther) + "\n  \n" + line("bob") + "no line at all");
    EXPECT_EQ(with_user(before, "carol", other_hash()), before + "\n" + line("carol", kOther));
    EXPECT_EQ(with_user("", "carol", other_hash()), line("carol", kOther));
    EXPECT_EQ(with_user(line("alice2"), "alice", other_hash()),
              line("alice2") + line("alice", kOther));
}

TEST(PasswordFileTest, LeavesOneLineOfAUserWhoHadTwo) {
    EXPECT_EQ(with_user(line("a") + line("b") + line("a"), "a", other_hash()),
              line("a", kOther) + line("b"));
}

TEST(PasswordFileTest, RemovesOneUserAndLeavesAllElseAsItIs) {
    const std::string rest = "# alice: gone\n" + line("alice2");
    EXPECT_EQ(without_user(line("alice") + rest, "alice"), rest);
    EXPECT_EQ(without_user(rest, "alice"), std::nullopt);
    EXPECT_EQ(without_user(line("alice"), "alice"), "");
}

}  // namespace
}  // namespace godwit::auth
