// Looks ten times a second at how much memory the process has in use, and tells when that passes
// limits.memory_high_water, in either direction.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <functional>
#include <thread>
#include <utility>

#include "godwit/core/mutex.hpp"

namespace godwit::server {

// Physical memory of this process in bytes, as the system counts it.
[[nodiscard]] std::size_t resident_bytes();

// Gives back to the system what the allocator keeps for this thread and nobody uses. What other
// threads have freed of this one's memory is among that, and stays where it is while the thread
// does not allocate.
void release_unused_memory();

// Above the mark since it was passed, until less than 95 % of it are in use: a broker at its mark
// does not change its mind ten times a second.
class HighWater {
public:
    // True when that makes a difference. `mark`: 0: none.
    [[nodiscard]] bool changes(std::size_t used, std::size_t mark) {
        const bool high = mark != 0 && used > (high_ ? mark - mark / 20 : mark);
        return high != std::exchange(high_, high);
    }
    [[nodiscard]] bool high() const { return high_; }

private:
    bool high_ = false;
};

class MemoryWatch {
public:
    // Called on a thread of its own.
    struct Listeners {
        std::function<void(bool high, std::size_t used)> changed;
        std::function<void()> relieve;  // at first and once a second while it is high
    };

    // A mark of 0: nothing is looked at.
    MemoryWatch(std::size_t mark, Listeners listeners);
    // The listeners are not called any more.
    ~MemoryWatch();
    MemoryWatch(const MemoryWatch&) = delete;
    MemoryWatch& operator=(const MemoryWatch&) = delete;

    void set_mark(std::size_t bytes);  // any thread

private:
    void watch();
    void look(std::size_t mark);

    const Listeners listeners_;
    core::Mutex mutex_;
    std::condition_variable_any wake_;
    std::size_t mark_ GODWIT_GUARDED_BY(mutex_);
    bool stopping_ GODWIT_GUARDED_BY(mutex_) = false;
    // Of the thread.
    HighWater water_;
    unsigned looks_while_high_ = 0;

    std::jthread thread_;
};

}  // namespace godwit::server
