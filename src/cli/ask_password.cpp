#include "ask_password.hpp"

#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <iostream>
#include <stdexcept>
#include <string_view>

namespace godwit::cli {
namespace {

constexpr std::size_t kPasswordBytesMax = 65'535;  // what CONNECT has room for

// While it lives, the terminal shows nothing of what is typed, and a signal ends a read() instead
// of the process, so that the terminal is never left like this.
class Silence {
public:
    Silence() {
        if (tcgetattr(STDIN_FILENO, &before_) != 0) {
            throw std::runtime_error(
                "no terminal to ask at; --password-stdin reads a password from a pipe");
        }
        struct sigaction only_wake {};
        only_wake.sa_handler = [](int) {};
        for (std::size_t i = 0; i < kSignals.size(); ++i)
            sigaction(kSignals[i], &only_wake, &actions_[i]);
        termios silent = before_;
        silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    ~Silence() {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
        for (std::size_t i = 0; i < kSignals.size(); ++i)
            sigaction(kSignals[i], &actions_[i], nullptr);
    }
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

private:
    static constexpr std::array kSignals = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

    termios before_{};
    std::array<struct sigaction, kSignals.size()> actions_{};
};

std::string read_line() {
    std::string line;
    char c = 0;
    for (;;) {
        const ssize_t size = read(STDIN_FILENO, &c, 1);
        if (size < 0) throw std::runtime_error(errno == EINTR ? "interrupted" : "cannot be read");
        if (size == 0 || c == '\n') break;
        line += c;
        if (line.size() > kPasswordBytesMax)
            throw std::runtime_error("a password has at most 65535 bytes");
    }
    if (line.empty()) throw std::runtime_error("a password is not empty");
    return line;
}

std::string prompt(std::string_view text) {
    std::cerr << text << std::flush;
    std::string line = read_line();
    std::cerr << '\n';
    return line;
}

}  // namespace

std::string ask_password() {
    const Silence silence;
    std::string password = prompt("Password: ");
    if (prompt("Again: ") != password) throw std::runtime_error("the two passwords differ");
    return password;
}

std::string read_password() {
    std::string line = read_line();
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

}  // namespace godwit::cli
