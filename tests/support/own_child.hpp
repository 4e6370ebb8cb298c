// A test that runs itself once more in a process of its own. Not by fork() alone: the threads that
// RocksDB began in this process would be missing in the child.
#pragma once

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstddef>
#include <cstdlib>
#include <string>

namespace godwit::test {

// In the child: what the parent has told it. Nothing in the parent.
inline const char* told_by_parent() {
    return std::getenv("GODWIT_TEST_CHILD");
}

// Where the child writes and the parent reads.
inline constexpr int kReport = 3;

class OwnChild {
public:
    explicit OwnChild(const std::string& told) {
        int ends[2];
        EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
        report_ = ends[0];

        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
        posix_spawn_file_actions_adddup2(&actions, ends[1], kReport);

        const auto* info = testing::UnitTest::GetInstance()->current_test_info();
        std::string filter =
            std::string("--gtest_filter=") + info->test_suite_name() + "." + info->name();
        std::string program = "/proc/self/exe";
        char* arguments[] = {program.data(), filter.data(), nullptr};
        ::setenv("GODWIT_TEST_CHILD", told.c_str(), 1);
        EXPECT_EQ(::posix_spawn(&pid_, program.c_str(), &actions, nullptr, arguments, environ), 0);
        ::unsetenv("GODWIT_TEST_CHILD");
        posix_spawn_file_actions_destroy(&actions);
        ::close(ends[1]);
    }
    ~OwnChild() {
        if (pid_ != 0) kill();
        ::close(report_);
    }
    OwnChild(const OwnChild&) = delete;
    OwnChild& operator=(const OwnChild&) = delete;

    // The next of what the child reports; false once it has died and all is read.
    template <typename Report>
    [[nodiscard]] bool read(Report& report) const {
        return ::read(report_, &report, sizeof report) == static_cast<ssize_t>(sizeof report);
    }

    void kill() {
        ::kill(pid_, SIGKILL);
        (void)wait();
    }
    // The exit status of a child that ends by itself.
    [[nodiscard]] int wait() {
        int status = 0;
        EXPECT_EQ(::waitpid(pid_, &status, 0), pid_);
        pid_ = 0;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }

private:
    pid_t pid_ = 0;
    int report_ = -1;
};

}  // namespace godwit::test
