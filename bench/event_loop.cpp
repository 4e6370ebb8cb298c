#include "event_loop.hpp"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>

#include "connection.hpp"
#include "failure.hpp"

namespace godwit::bench {
namespace {

constexpr std::size_t kReadBufferBytes = 1 << 20;
constexpr int kEventsPerTurn = 512;

}  // namespace

EventLoop::EventLoop(std::size_t index, std::size_t loops)
    : index_(index),
      threaded_(loops > 1),
      poller_(epoll_create1(EPOLL_CLOEXEC)),
      wakeup_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)),
      read_buffer_(kReadBufferBytes),
      wake_requested_(loops) {
    if (poller_ < 0 || wakeup_ < 0) fail(ExitCode::setup, "no descriptor for an event loop");
    epoll_event event{};
    event.events = EPOLLIN;  // With a null pointer as its data: the wake-up.
    epoll_ctl(poller_, EPOLL_CTL_ADD, wakeup_, &event);
}

EventLoop::~EventLoop() {
    close(wakeup_);
    close(poller_);
}

void EventLoop::turn(std::chrono::milliseconds timeout) {
    std::array<epoll_event, kEventsPerTurn> events;
    const int ready =
        epoll_wait(poller_, events.data(), kEventsPerTurn, static_cast<int>(timeout.count()));
    for (int i = 0; i < ready; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        auto* connection = static_cast<Connection*>(event.data.ptr);
        if (connection == nullptr) {
            take_wakeup();
            continue;
        }
        if ((event.events & EPOLLOUT) != 0) connection->on_writable();
        if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) connection->on_readable();
    }
    finish_touched();
    if (!to_wake_.empty()) wake_others();
}

void EventLoop::watch(int descriptor, Connection& connection) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = &connection;
    if (epoll_ctl(poller_, EPOLL_CTL_ADD, descriptor, &event) != 0) {
        fail(ExitCode::setup, "epoll refuses a connection");
    }
}

void EventLoop::watch_writable(int descriptor, Connection& connection, bool writable) {
    epoll_event event{};
    event.events = EPOLLIN;
    if (writable) event.events |= EPOLLOUT;
    event.data.ptr = &connection;
    epoll_ctl(poller_, EPOLL_CTL_MOD, descriptor, &event);
}

void EventLoop::wake_after_turn(EventLoop& other) {
    if (wake_requested_[other.index_]) return;
    wake_requested_[other.index_] = true;
    to_wake_.push_back(&other);
}

void EventLoop::take_wakeup() {
    std::uint64_t count = 0;
    if (read(wakeup_, &count, sizeof count) != sizeof count) return;
    for (Connection* connection : wakeable_)
        connection->touch();
}

void EventLoop::finish_touched() {
    // A connection may touch itself again and so append to the list; its window bounds that.
    for (std::size_t i = 0; i < touched_.size(); ++i)
        touched_[i]->finish_turn();
    touched_.clear();
}

void EventLoop::wake_others() {
    for (const EventLoop* other : to_wake_) {
        wake_requested_[other->index_] = false;
        const std::uint64_t one = 1;
        // A full counter has woken the other loop already.
        [[maybe_unused]] const ssize_t written = write(other->wakeup_, &one, sizeof one);
    }
    to_wake_.clear();
}

}  // namespace godwit::bench
