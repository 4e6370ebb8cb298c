// Publishes $SYS/broker/... every so often, as far as it has changed, on a thread of its own: what
// there is to know is read from files and from every shard, which no loop should wait for.
#pragma once

#include <condition_variable>
#include <functional>
#include <string_view>
#include <thread>
#include <vector>

#include "godwit/admin/sys_topics.hpp"
#include "godwit/config/config.hpp"
#include "godwit/core/mutex.hpp"

namespace godwit::server {

class SysPublisher {
public:
    // Called on its thread.
    struct Ports {
        std::function<admin::Totals()> totals;
        std::function<void(std::vector<admin::SysTopic>)> publish;
    };

    SysPublisher(const config::SysTopicsSettings& settings, std::string_view version, Ports ports);
    // The ports are not called any more.
    ~SysPublisher();
    SysPublisher(const SysPublisher&) = delete;
    SysPublisher& operator=(const SysPublisher&) = delete;

    // Any thread. Once it is no longer enabled, the topics have no values any more.
    void enforce(const config::SysTopicsSettings& settings);

private:
    void run();
    void publish(bool enabled);
    [[nodiscard]] bool wait();

    const Ports ports_;
    const core::SteadyTime started_;
    core::Mutex mutex_;
    std::condition_variable_any wake_;
    config::SysTopicsSettings settings_ GODWIT_GUARDED_BY(mutex_);
    bool changed_ GODWIT_GUARDED_BY(mutex_) = false;
    bool stopping_ GODWIT_GUARDED_BY(mutex_) = false;
    admin::SysTopics topics_;  // of the thread

    std::jthread thread_;
};

}  // namespace godwit::server
