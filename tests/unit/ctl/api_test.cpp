#include "api.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

namespace godwit::ctl {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Answers by path, and keeps what it was asked.
class FakeExchange final : public Exchange {
public:
    Answer ask(const std::string& method, const std::string& path,
               const std::string& body) override {
        asked.push_back(method + " " + path + (body.empty() ? "" : " " + body));
        const auto found = answers.find(path);
        return found == answers.end() ? Answer{404, R"({"error":{"message":"nothing there"}})"}
                                      : found->second;
    }

    std::map<std::string, Answer> answers;
    std::vector<std::string> asked;
};

class ApiTest : public ::testing::Test {
protected:
    std::string failure_of(const std::string& path) {
        try {
            static_cast<void>(api_.get(path));
        } catch (const Failure& failure) {
            return failure.message;
        }
        return {};
    }

    Target target_{.url = "http://h:1", .token = "t", .token_from = "/t", .certificate = ""};
    FakeExchange exchange_;
    Api api_{exchange_, target_};
};

TEST_F(ApiTest, WalksAListToItsEnd) {
    exchange_.answers = {
        {"/l?limit=1000", {200, R"({"items":[1,2],"next_cursor":"a/b"})"}},
        {"/l?limit=1000&cursor=a%2Fb", {200, R"({"items":[],"next_cursor":"c"})"}},
        {"/l?limit=1000&cursor=c", {200, R"({"items":[3],"next_cursor":null})"}},
    };
    EXPECT_EQ(api_.all("/l?").dump(), R"({"items":[1,2,3]})");
}

TEST_F(ApiTest, SaysWhatTheBrokerSays) {
    EXPECT_EQ(failure_of("/x"), "nothing there");
}

TEST_F(ApiTest, SaysWhatToDoAboutATokenThatIsMissingOrWrong) {
    exchange_.answers["/x"] = {401, R"({"error":{"message":"no"}})"};
    EXPECT_THAT(failure_of("/x"), HasSubstr("does not take the token of /t"));
    target_.token.clear();
    EXPECT_THAT(failure_of("/x"), HasSubstr("wants a token"));
}

TEST_F(ApiTest, KnowsWhoIsNoBroker) {
    exchange_.answers["/x"] = {200, "<html>"};
    EXPECT_EQ(failure_of("/x"), "http://h:1 does not answer as Godwit does");
    exchange_.answers["/x"] = {502, "<html>"};
    EXPECT_THAT(failure_of("/x"), HasSubstr("status 502"));
}

TEST_F(ApiTest, SendsWhatItIsTold) {
    exchange_.answers["/x"] = {200, "{}"};
    EXPECT_EQ(api_.post("/x", {{"a", 1}}).dump(), "{}");
    EXPECT_EQ(api_.post("/x", Json()).dump(), "{}");
    exchange_.answers["/x"] = {204, ""};
    api_.remove("/x");
    EXPECT_THAT(exchange_.asked, ElementsAre("POST /x {\"a\":1}", "POST /x", "DELETE /x"));
}

TEST_F(ApiTest, LooksAtWhatIsNotWell) {
    exchange_.answers["/readyz"] = {503, R"({"status":"stopping"})"};
    EXPECT_EQ(api_.look("/readyz").first, 503);
    EXPECT_EQ(api_.look("/readyz").second.at("status"), "stopping");
}

TEST(PercentEncodedTest, LeavesOnlyPlainCharacters) {
    EXPECT_EQ(percent_encoded("a/b #+\xC3\xA9-._~9"), "a%2Fb%20%23%2B%C3%A9-._~9");
}

}  // namespace
}  // namespace godwit::ctl
