#include "godwit/net/event_loop.hpp"

#include <sys/epoll.h>

#include <array>
#include <asio/executor_work_guard.hpp>
#include <asio/io_context.hpp>
#include <asio/posix/stream_descriptor.hpp>
#include <asio/post.hpp>
#include <cerrno>
#include <span>
#include <system_error>
#include <vector>

#include "godwit/core/mutex.hpp"
#include "timer_wheel.hpp"
#include "watched.hpp"

namespace godwit::net {

namespace {

using SteadyClock = std::chrono::steady_clock;

int make_poll_set() {
    const int descriptor = epoll_create1(EPOLL_CLOEXEC);
    if (descriptor < 0) throw std::system_error(errno, std::generic_category(), "epoll_create1");
    return descriptor;
}

std::uint32_t epoll_events(EventLoop::Interest interest) {
    switch (interest) {
        case EventLoop::Interest::read: return EPOLLIN;
        case EventLoop::Interest::write: return EPOLLOUT;
        case EventLoop::Interest::both: return EPOLLIN | EPOLLOUT;
    }
    return 0;
}

}  // namespace

// Asio waits and is woken by posts. The descriptors sit in a level-triggered epoll set of our own,
// which Asio watches as one descriptor: a wait operation of Asio's for each of them would cost one
// more system call a read and some 400 bytes a connection.
class EventLoop::Impl {
public:
    void run(Turn& turn);
    void stop();
    void post(std::unique_ptr<Task> task);
    void drop_posts();
    void control(int operation, int descriptor, Watched* watched, std::uint32_t events);
    void forget(const Watched& watched);

    explicit Impl(const core::Now& start) : now(core::later(start, SteadyClock::now())) {}

    core::Now now;
    TimerWheel timers{now.steady};

private:
    void wait(Turn& turn, std::optional<core::SteadyTime> until);
    void run_posted();
    void call_ready();

    asio::io_context context_{1};  // the hint: one thread runs it
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
    asio::posix::stream_descriptor poll_set_{context_, make_poll_set()};
    bool poll_set_armed_ = false;
    bool poll_set_ready_ = false;
    bool posts_ready_ = false;
    bool stopping_ = false;

    std::array<epoll_event, 512> events_;
    std::span<epoll_event> pending_;  // of this turn, not yet called

    core::Mutex mutex_;
    std::vector<std::unique_ptr<Task>> posted_ GODWIT_GUARDED_BY(mutex_);
};

void EventLoop::Impl::run(Turn& turn) {
    std::optional<core::SteadyTime> until = now.steady;
    while (!stopping_) {
        wait(turn, until);
        now = core::later(now, SteadyClock::now());
        turn.begin();
        run_posted();
        call_ready();
        timers.advance(now.steady, [](Timer& t) { static_cast<Watched&>(t).on_timer(); });
        until = turn.end(now);
        if (const auto next = timers.next(); next && (!until || *next < *until)) until = next;
    }
}

void EventLoop::Impl::wait(Turn& turn, std::optional<core::SteadyTime> until) {
    if (!poll_set_armed_) {
        poll_set_armed_ = true;
        poll_set_.async_wait(asio::posix::stream_descriptor::wait_read,
                             [this](const asio::error_code&) {
                                 poll_set_armed_ = false;
                                 poll_set_ready_ = true;
                             });
    }
    if (until && *until <= now.steady) {
        context_.poll_one();
        return;
    }
    turn.sleep();
    if (until) {
        context_.run_one_until(*until);
    } else {
        context_.run_one();
    }
}

void EventLoop::Impl::stop() {
    stopping_ = true;
}

void EventLoop::Impl::post(std::unique_ptr<Task> task) {
    bool first;
    {
        const core::MutexLock lock(mutex_);
        first = posted_.empty();
        posted_.push_back(std::move(task));
    }
    if (first) asio::post(context_, [this] { posts_ready_ = true; });
}

void EventLoop::Impl::drop_posts() {
    const core::MutexLock lock(mutex_);
    posted_.clear();
}

void EventLoop::Impl::run_posted() {
    if (!std::exchange(posts_ready_, false)) return;
    std::vector<std::unique_ptr<Task>> tasks;
    {
        const core::MutexLock lock(mutex_);
        tasks.swap(posted_);
    }
    for (const auto& task : tasks)
        task->run();
}

void EventLoop::Impl::call_ready() {
    if (!std::exchange(poll_set_ready_, false)) return;
    const int count =
        epoll_wait(poll_set_.native_handle(), events_.data(), static_cast<int>(events_.size()), 0);
    if (count <= 0) return;
    pending_ = std::span(events_).first(static_cast<std::size_t>(count));
    while (!pending_.empty()) {
        const epoll_event event = pending_.front();
        pending_ = pending_.subspan(1);
        auto* const watched = static_cast<Watched*>(event.data.ptr);
        if (watched == nullptr) continue;
        const bool failed = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
        watched->on_ready({.read = failed || (event.events & EPOLLIN) != 0,
                           .write = failed || (event.events & EPOLLOUT) != 0});
    }
}

void EventLoop::Impl::control(int operation, int descriptor, Watched* watched,
                              std::uint32_t events) {
    epoll_event event{};
    event.events = events;
    event.data.ptr = watched;
    if (epoll_ctl(poll_set_.native_handle(), operation, descriptor, &event) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
}

void EventLoop::Impl::forget(const Watched& watched) {
    for (epoll_event& event : pending_) {
        if (event.data.ptr == &watched) event.data.ptr = nullptr;
    }
}

EventLoop::EventLoop(const core::Now& start) : impl_(std::make_unique<Impl>(start)) {}
EventLoop::~EventLoop() = default;

void EventLoop::run(Turn& turn) {
    impl_->run(turn);
}
void EventLoop::stop() {
    post([this] { impl_->stop(); });
}
void EventLoop::drop_posts() {
    impl_->drop_posts();
}
void EventLoop::post_task(std::unique_ptr<Task> task) {
    impl_->post(std::move(task));
}
const core::Now& EventLoop::now() const {
    return impl_->now;
}

void EventLoop::watch(int descriptor, Watched& watched, Interest interest) {
    impl_->control(EPOLL_CTL_ADD, descriptor, &watched, epoll_events(interest));
}

void EventLoop::change(int descriptor, Watched& watched, Interest interest) {
    impl_->control(EPOLL_CTL_MOD, descriptor, &watched, epoll_events(interest));
}

void EventLoop::unwatch(int descriptor, Watched& watched) {
    impl_->control(EPOLL_CTL_DEL, descriptor, nullptr, 0);
    impl_->forget(watched);
}

void EventLoop::forget(Watched& watched) {
    watched.cancel();
    impl_->forget(watched);
}

void EventLoop::set_timer(Watched& watched, core::SteadyTime deadline) {
    impl_->timers.set(watched, deadline);
}

}  // namespace godwit::net
