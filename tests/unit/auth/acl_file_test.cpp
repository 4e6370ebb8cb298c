#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "godwit/auth/acl.hpp"

namespace godwit::auth {
namespace {

using Client = core::AccessPolicy::Client;
using Scope = core::AccessPolicy::Scope;

constexpr Client kAliceAnywhere{"dev1", "alice", ""};
constexpr Client kGuestAnywhere{"dev2", "", ""};

Acl acl_of(std::string_view text) {
    auto rules = parse_acl_file(text, "acl");
    if (const auto* error = std::get_if<AclFileError>(&rules)) ADD_FAILURE() << error->message;
    AclSettings settings{.file = "acl"};
    if (auto* list = std::get_if<std::vector<AclRule>>(&rules)) settings.file_rules = *list;
    return Acl(settings);
}

std::string error_of(std::string_view text) {
    const auto rules = parse_acl_file(text, "acl");
    const auto* error = std::get_if<AclFileError>(&rules);
    return error != nullptr ? error->message : "none";
}

TEST(AclFileTest, FirstTopicsAreForClientsWithoutAName) {
    const Acl acl = acl_of("topic public/#\nuser alice\ntopic hers/#\n");
    EXPECT_TRUE(acl.may_publish(kGuestAnywhere, "public/x"));
    EXPECT_FALSE(acl.may_publish(kAliceAnywhere, "public/x"));
    EXPECT_TRUE(acl.may_publish(kAliceAnywhere, "hers/x"));
    EXPECT_FALSE(acl.may_publish(kGuestAnywhere, "hers/x"));
}

TEST(AclFileTest, AccessDefaultsToBoth) {
    const Acl acl = acl_of(
        "topic read r\ntopic write w\ntopic readwrite rw\ntopic both\ntopic read with space\n");
    EXPECT_FALSE(acl.may_publish(kGuestAnywhere, "r"));
    EXPECT_TRUE(acl.may_receive(kGuestAnywhere, "r"));
    EXPECT_TRUE(acl.may_publish(kGuestAnywhere, "w"));
    EXPECT_EQ(acl.may_subscribe(kGuestAnywhere, "w"), Scope::none);
    for (const std::string_view topic : {"rw", "both"}) {
        EXPECT_TRUE(acl.may_publish(kGuestAnywhere, topic));
        EXPECT_EQ(acl.may_subscribe(kGuestAnywhere, topic), Scope::all);
    }
    EXPECT_TRUE(acl.may_receive(kGuestAnywhere, "with space"));
}

TEST(AclFileTest, DenialsComeFirstAmongTopicsAndAmongPatterns) {
    const Acl acl = acl_of(
        "user alice\n"
        "topic a/#\n"
        "topic deny a/secret\n"
        "pattern b/%u/#\n"
        "pattern deny b/%u/secret\n"
        "topic b/alice/secret\n"
        "pattern deny a/x\n");
    EXPECT_TRUE(acl.may_publish(kAliceAnywhere, "a/y"));
    EXPECT_FALSE(acl.may_publish(kAliceAnywhere, "a/secret"));
    EXPECT_TRUE(acl.may_publish(kAliceAnywhere, "b/alice/x"));
    // Topics come before patterns.
    EXPECT_TRUE(acl.may_publish(kAliceAnywhere, "b/alice/secret"));
    EXPECT_TRUE(acl.may_publish(kAliceAnywhere, "a/x"));
}

TEST(AclFileTest, PatternsAreForAllAndTopicsLiteral) {
    const Acl acl = acl_of("user alice\npattern write dev/%c/#\ntopic %u/%c\n");
    EXPECT_TRUE(acl.may_publish(kGuestAnywhere, "dev/dev2/x"));
    EXPECT_TRUE(acl.may_publish(kAliceAnywhere, "dev/dev1/x"));
    EXPECT_FALSE(acl.may_publish(kAliceAnywhere, "dev/dev2/x"));
    EXPECT_TRUE(acl.may_publish(kAliceAnywhere, "%u/%c"));
    EXPECT_FALSE(acl.may_publish(kAliceAnywhere, "alice/dev1"));
}

TEST(AclFileTest, LeavesOutCommentsAndBlanks) {
    const Acl acl = acl_of("# user bob\r\n\r\n  \n\tuser  alice smith \r\n topic  read\ta b \r\n");
    EXPECT_TRUE(acl.may_receive({"c", "alice smith", ""}, "a b"));
}

TEST(AclFileTest, ALaterUserLineGoesOnWithThatUser) {
    const Acl acl = acl_of("user a\ntopic x\nuser b\ntopic y\nuser a\ntopic deny x\n");
    EXPECT_FALSE(acl.may_publish({"c", "a", ""}, "x"));
    EXPECT_TRUE(acl.may_publish({"c", "b", ""}, "y"));
}

TEST(AclFileTest, ExplainsWhatIsWrong) {
    EXPECT_EQ(error_of("topic a\n\nusr b\n"), "acl:3: expected 'user', 'topic' or 'pattern'");
    EXPECT_EQ(error_of("user"), "acl:1: 'user' without a name");
    EXPECT_EQ(error_of("topic"), "acl:1: no topic");
    EXPECT_EQ(error_of("topic reed a"), "acl:1: expected read, write, readwrite or deny");
    EXPECT_EQ(error_of("pattern read a/#/b"), "acl:1: not a valid topic filter");
    EXPECT_EQ(error_of("topic a\nuser \xff\ntopic \xff"), "acl:3: not a valid topic filter");
    const auto missing = read_acl_file("/does/not/exist");
    EXPECT_EQ(std::get<AclFileError>(missing).message,
              "/does/not/exist: cannot be read: No such file or directory");
    const auto folder = read_acl_file("/");
    EXPECT_EQ(std::get<AclFileError>(folder).message, "/: cannot be read: Is a directory");
}

TEST(AclFileTest, NamesTheLineThatDecides) {
    const Acl acl = acl_of("# ours\ntopic read a/#\n\nuser alice\ntopic b\ntopic deny b/x\n");
    EXPECT_EQ(acl.receive_rule(kGuestAnywhere, "a/x"), "acl.file line 2 (allow, subscribe)");
    EXPECT_EQ(acl.receive_rule(kAliceAnywhere, "b/x"), "acl.file line 6 (deny, all)");
    EXPECT_EQ(acl.receive_rule(kAliceAnywhere, "b"), "acl.file line 5 (allow, all)");
    EXPECT_EQ(acl.receive_rule(kAliceAnywhere, "c"), "acl.default (deny)");
}

}  // namespace
}  // namespace godwit::auth
