// Threads for work that takes long, at most so many, and a queue before them, at most so long. A
// thread starts when there is work for it, and has less of a claim to the processor than the event
// loops. Any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include "godwit/core/mutex.hpp"

namespace godwit::auth {

class WorkerPool {
public:
    using Job = std::function<void()>;

    WorkerPool(std::size_t threads_max, std::size_t waiting_max)
        : threads_max_(threads_max), waiting_max_(waiting_max) {}
    // Lets jobs end that have begun, and drops those that wait.
    ~WorkerPool();
    WorkerPool(const WorkerPool&) = delete;
    WorkerPool& operator=(const WorkerPool&) = delete;

    // False: too many wait already, and the job is not done.
    [[nodiscard]] bool submit(Job job);

    // How many jobs it has taken so far.
    [[nodiscard]] std::uint64_t taken() const;

private:
    void work();

    const std::size_t threads_max_;
    const std::size_t waiting_max_;
    mutable core::Mutex mutex_;
    std::condition_variable_any wake_;
    std::deque<Job> waiting_ GODWIT_GUARDED_BY(mutex_);
    std::size_t idle_ GODWIT_GUARDED_BY(mutex_) = 0;
    std::uint64_t taken_ GODWIT_GUARDED_BY(mutex_) = 0;
    bool stopping_ GODWIT_GUARDED_BY(mutex_) = false;
    std::vector<std::thread> threads_ GODWIT_GUARDED_BY(mutex_);
};

}  // namespace godwit::auth
