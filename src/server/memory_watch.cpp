#include "memory_watch.hpp"

#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>

namespace godwit::server {

namespace {

constexpr std::chrono::milliseconds kInterval{100};

}  // namespace

std::size_t resident_bytes() {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "re"),
                                                               &std::fclose);
    std::size_t pages = 0;
    if (!file || std::fscanf(file.get(), "%*u %zu", &pages) != 1) return 0;
    return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

MemoryWatch::MemoryWatch(std::size_t mark, Changed changed)
    : changed_(std::move(changed)), mark_(mark), thread_([this] { watch(); }) {}

MemoryWatch::~MemoryWatch() {
    {
        const core::MutexLock lock(mutex_);
        stopping_ = true;
    }
    wake_.notify_one();
}

void MemoryWatch::set_mark(std::size_t bytes) {
    {
        const core::MutexLock lock(mutex_);
        mark_ = bytes;
    }
    wake_.notify_one();
}

void MemoryWatch::watch() {
    for (;;) {
        std::size_t mark = 0;
        {
            const core::MutexLock lock(mutex_);
            if (stopping_) return;
            mark = mark_;
        }
        const std::size_t used = mark == 0 ? 0 : resident_bytes();
        if (water_.changes(used, mark)) changed_(water_.high(), used);

        const core::MutexLock lock(mutex_);
        if (stopping_ || mark != mark_) continue;
        if (mark == 0) {
            wake_.wait(mutex_);
        } else {
            wake_.wait_for(mutex_, kInterval);
        }
    }
}

}  // namespace godwit::server
