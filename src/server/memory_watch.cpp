#include "memory_watch.hpp"

#include <malloc.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <memory>

// Of mimalloc, where the program is linked with it.
extern "C" __attribute__((weak)) void mi_collect(bool force) noexcept;

namespace godwit::server {

namespace {

constexpr std::chrono::milliseconds kInterval{100};
constexpr unsigned kLooksPerRelief = 10;

}  // namespace

std::size_t resident_bytes() {
    const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen("/proc/self/statm", "re"),
                                                               &std::fclose);
    std::size_t pages = 0;
    if (!file || std::fscanf(file.get(), "%*u %zu", &pages) != 1) return 0;
    return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

void release_unused_memory() {
    if (mi_collect != nullptr) {
        mi_collect(true);
    } else {
        malloc_trim(0);
    }
}

MemoryWatch::MemoryWatch(std::size_t mark, Listeners listeners)
    : listeners_(std::move(listeners)), mark_(mark), thread_([this] { watch(); }) {}

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

void MemoryWatch::look(std::size_t mark) {
    const std::size_t used = mark == 0 ? 0 : resident_bytes();
    if (water_.changes(used, mark)) {
        looks_while_high_ = 0;
        listeners_.changed(water_.high(), used);
    }
    if (water_.high() && looks_while_high_++ % kLooksPerRelief == 0) listeners_.relieve();
}

void MemoryWatch::watch() {
    for (;;) {
        std::size_t mark = 0;
        {
            const core::MutexLock lock(mutex_);
            if (stopping_) return;
            mark = mark_;
        }
        look(mark);

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
