// What one reader of a stream still has to get. It is bounded: a reader that is too slow misses
// events, and is told how many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "godwit/core/mutex.hpp"

namespace godwit::admin {

class EventQueue {
public:
    static constexpr std::size_t kBytesMax = 1024UL * 1024;
    static constexpr std::size_t kEventsMax = 10'000;

    // Makes the data of an event, JSON, when it is read; on the reader's thread.
    using Data = std::function<std::string()>;

    // `name` is a literal; `bytes` are about those that the event holds meanwhile. Any thread.
    void offer(std::string_view name, std::size_t bytes, Data data);

    // `wake` is called, on any thread, when there is something in an empty queue; at once where
    // there is already, and when it ends.
    void notify(std::function<void()> wake);

    // Nothing more comes. Any thread.
    void end();

    // All of it, as text/event-stream has it. The reader's thread.
    [[nodiscard]] std::string take();
    // Whether nothing is left to take, now and later. Any thread.
    [[nodiscard]] bool exhausted() const;

private:
    struct Event {
        std::string_view name;
        Data data;
    };

    mutable core::Mutex mutex_;
    std::vector<Event> events_ GODWIT_GUARDED_BY(mutex_);
    std::size_t bytes_ GODWIT_GUARDED_BY(mutex_) = 0;
    std::uint64_t missed_ GODWIT_GUARDED_BY(mutex_) = 0;
    bool ended_ GODWIT_GUARDED_BY(mutex_) = false;
    std::function<void()> wake_ GODWIT_GUARDED_BY(mutex_);
};

}  // namespace godwit::admin
