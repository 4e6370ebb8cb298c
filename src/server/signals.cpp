#include "signals.hpp"

#include <signal.h>

#include <csignal>

namespace godwit::server {

namespace {

sigset_t held_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int number : {SIGTERM, SIGINT, SIGHUP})
        sigaddset(&set, number);
    return set;
}

std::optional<Signal> signal_of(int number) {
    if (number <= 0) return std::nullopt;
    return number == SIGHUP ? Signal::reload : Signal::stop;
}

}  // namespace

void hold_signals() {
    const sigset_t set = held_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
}

std::optional<Signal> next_signal(std::chrono::milliseconds timeout) {
    const sigset_t set = held_signals();
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout);
    const timespec limit{.tv_sec = seconds.count(),
                         .tv_nsec = std::chrono::nanoseconds(timeout - seconds).count()};
    return signal_of(sigtimedwait(&set, nullptr, &limit));
}

}  // namespace godwit::server
