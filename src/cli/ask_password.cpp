#include "ask_password.hpp"

#include <poll.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstddef>
#include <iostream>
#include <stdexcept>
#include <string_view>

namespace godwit::cli {
namespace {

constexpr std::size_t kPasswordBytesMax = 65'535;  // what CONNECT has room for

// While it lives, the terminal shows nothing of what is typed, and signals that would end the
// process wait for wait_for_input(), so that the terminal is never left like this.
class Silence {
public:
    Silence() {
        if (tcgetattr(STDIN_FILENO, &before_) != 0) {
            throw std::runtime_error(
                "no terminal to ask at; --password-stdin reads a password from a pipe");
        }
        sigset_t held_back;
        sigemptyset(&held_back);
        struct sigaction only_wake {};
        only_wake.sa_handler = [](int) {};
        for (std::size_t i = 0; i < kSignals.size(); ++i) {
            sigaddset(&held_back, kSignals[i]);
            sigaction(kSignals[i], &only_wake, &actions_[i]);
        }
        sigprocmask(SIG_BLOCK, &held_back, &mask_);
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    ~Silence() {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        for (std::size_t i = 0; i < kSignals.size(); ++i)
            sigaction(kSignals[i], &actions_[i], nullptr);
        sigprocmask(SIG_SETMASK, &mask_, nullptr);
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

    // Throws where a signal came, be it before the wait.
    void wait_for_input() const {
        pollfd input{STDIN_FILENO, POLLIN, 0};
        if (ppoll(&input, 1, nullptr, &mask_) < 0) throw std::runtime_error("interrupted");
    }

private:
    static constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

    termios before_{};
    sigset_t mask_{};
    std::array<struct sigaction, kSignals.size()> actions_{};
};

// `terminal`: null where the input is none.
std::string read_line(const Silence* terminal) {
    std::string line;
    char c = 0;
    for (;;) {
        if (terminal != nullptr) terminal->wait_for_input();
        const ssize_t size = read(STDIN_FILENO, &c, 1);
        if (size < 0) throw std::runtime_error("the password cannot be read");
        if (size == 0 || c == '\n') break;
        line += c;
        if (line.size() > kPasswordBytesMax)
            throw std::runtime_error("a password has at most 65535 bytes");
    }
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) throw std::runtime_error("a password is not empty");
    return line;
}

std::string prompt(std::string_view text, const Silence& terminal) {
    std::cerr << text << std::flush;
    std::string line = read_line(&terminal);
    std::cerr << '\n';
    return line;
}

}  // namespace

std::string ask_password() {
    const Silence terminal;
    std::string password = prompt("Password: ", terminal);
    if (prompt("Again: ", terminal) != password)
        throw std::runtime_error("the two passwords differ");
    return password;
}

std::string read_password() {
    return read_line(nullptr);
}

}  // namespace godwit::cli
