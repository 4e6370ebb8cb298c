#include "sys_publisher.hpp"

#include <utility>

namespace godwit::server {

using std::chrono::steady_clock;

SysPublisher::SysPublisher(const config::SysTopicsSettings& settings, std::string_view version,
                           Ports ports)
    : ports_(std::move(ports)),
      started_(steady_clock::now()),
      settings_(settings),
      topics_(version),
      thread_([this] { run(); }) {}

SysPublisher::~SysPublisher() {
    {
        const core::MutexLock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
}

void SysPublisher::enforce(const config::SysTopicsSettings& settings) {
    {
        const core::MutexLock lock(mutex_);
        settings_ = settings;
        changed_ = true;
    }
    wake_.notify_one();
}

void SysPublisher::run() {
    for (;;) {
        bool enabled = false;
        {
            const core::MutexLock lock(mutex_);
            if (stopping_) return;
            changed_ = false;
            enabled = settings_.enabled;
        }
        publish(enabled);
        if (!wait()) return;
    }
}

void SysPublisher::publish(bool enabled) {
    const auto uptime = std::chrono::duration_cast<core::Duration>(steady_clock::now() - started_);
    auto topics = enabled ? topics_.changes(ports_.totals(), uptime) : topics_.withdraw();
    if (!topics.empty()) ports_.publish(std::move(topics));
}

// Until they are to be published again; false when that is never.
bool SysPublisher::wait() {
    const core::MutexLock lock(mutex_);
    const core::SteadyTime due = steady_clock::now() + settings_.interval;
    while (!stopping_ && !changed_) {
        if (!settings_.enabled) {
            wake_.wait(mutex_);
        } else if (wake_.wait_until(mutex_, due) == std::cv_status::timeout) {
            break;
        }
    }
    return !stopping_;
}

}  // namespace godwit::server
