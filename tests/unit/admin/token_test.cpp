#include "token.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "godwit/admin/interface.hpp"
#include "scratch_directory.hpp"

namespace godwit::admin {
namespace {

using ::testing::HasSubstr;

class TokenTest : public ::testing::Test {
protected:
    void write(const std::string& content) const {
        std::filesystem::create_directories(folder_.path() / "state");
        std::ofstream(path) << content;
    }
    std::string problem() const {
        try {
            return "none: " + read_or_make_token(path);
        } catch (const InterfaceError& error) {
            return error.what();
        }
    }

private:
    const test::ScratchDirectory folder_;

protected:
    const std::string path = folder_.path() / "state/admin.token";
};

TEST_F(TokenTest, IsMadeOnceForItsOwnerAlone) {
    const std::string token = read_or_make_token(path);
    EXPECT_EQ(token.size(), 43);
    EXPECT_EQ(read_or_make_token(path), token);
    struct stat status {};
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600);
    const auto folder = std::filesystem::path(path).parent_path();
    ASSERT_EQ(stat(folder.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0700);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}

TEST_F(TokenTest, IsAnotherOneEachTime) {
    const std::string token = read_or_make_token(path);
    std::filesystem::remove(path);
    EXPECT_NE(read_or_make_token(path), token);
}

TEST_F(TokenTest, IsTheOneThatSomebodyWrote) {
    write("0123456789abcdef\n");
    EXPECT_EQ(read_or_make_token(path), "0123456789abcdef");
}

TEST_F(TokenTest, IsMadeThoughAnAttemptWasBrokenOff) {
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    std::ofstream(path + ".new") << "half";
    EXPECT_EQ(read_or_make_token(path).size(), 43);
}

TEST_F(TokenTest, ThatCanBeGuessedIsRefused) {
    for (const char* content : {"", "\n", "short", "with a space in it"}) {
        write(content);
        EXPECT_THAT(problem(), HasSubstr("admin.token_file: " + path + ": expected one line"));
    }
}

TEST_F(TokenTest, ThatCannotBeReadIsRefused) {
    std::filesystem::create_directories(path);
    EXPECT_THAT(problem(), HasSubstr("admin.token_file: " + path + ": cannot be read"));
}

}  // namespace
}  // namespace godwit::admin
