#include "worker_pool.hpp"

#include <pthread.h>
#include <sys/resource.h>

#include <utility>

namespace godwit::auth {
namespace {

constexpr int kNiceness = 10;

// Of the calling thread alone: Linux keeps a niceness for each.
void step_back() {
    setpriority(PRIO_PROCESS, 0, kNiceness);
}

}  // namespace

WorkerPool::~WorkerPool() {
    std::vector<std::thread> threads;
    {
        const core::MutexLock lock(mutex_);
        stopping_ = true;
        threads.swap(threads_);
    }
    wake_.notify_all();
    for (std::thread& thread : threads)
        thread.join();
}

bool WorkerPool::submit(Job job) {
    const core::MutexLock lock(mutex_);
    if (waiting_.size() >= waiting_max_) return false;
    waiting_.push_back(std::move(job));
    ++taken_;
    if (waiting_.size() > idle_ && threads_.size() < threads_max_) {
        threads_.emplace_back([this] { work(); });
    }
    wake_.notify_one();
    return true;
}

std::uint64_t WorkerPool::taken() const {
    const core::MutexLock lock(mutex_);
    return taken_;
}

void WorkerPool::work() {
    pthread_setname_np(pthread_self(), "passwords");
    step_back();
    for (;;) {
        Job job;
        {
            const core::MutexLock lock(mutex_);
            ++idle_;
            while (waiting_.empty() && !stopping_)
                wake_.wait(mutex_);
            --idle_;
            if (stopping_) return;
            job = std::move(waiting_.front());
            waiting_.pop_front();
        }
        job();
    }
}

}  // namespace godwit::auth
