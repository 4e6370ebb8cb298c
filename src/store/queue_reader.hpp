// The thread that reads parts of long queues back from the disk. What cannot be read is tried again
// until it can: a message that was acknowledged is not given up for a disk that is away for a
// while.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <optional>
#include <thread>
#include <vector>

#include "godwit/core/mutex.hpp"
#include "godwit/store/database.hpp"
#include "rocks.hpp"

namespace godwit::store {

// Of a waiting queue, what is in memory ahead of what is sent; bytes.
inline constexpr std::size_t kQueueWindow = 64UL * 1024;

class QueueReader {
public:
    struct Request {
        core::SessionHandle session;
        core::Incarnation incarnation = 0;
        core::Sequence from = 0;
        std::size_t bytes = 0;
    };

    explicit QueueReader(const Rocks& rocks);
    // What is not read by then never will be.
    ~QueueReader();
    QueueReader(const QueueReader&) = delete;
    QueueReader& operator=(const QueueReader&) = delete;

    // Reading begins. Both are called on the reading thread.
    void start(Database::Read told, Database::Warning warning);

    // Any thread; never waits for the disk.
    void read(const Request& request);

private:
    void run();
    [[nodiscard]] bool next(Request& request);
    [[nodiscard]] std::optional<core::QueueRead> records_of(const Request& request);
    void failed(const std::string& problem);

    const Rocks& rocks_;
    Database::Read told_;
    Database::Warning warning_;
    bool failing_ = false;
    std::vector<Request> failed_;                     // to be tried again...
    std::chrono::steady_clock::time_point retry_at_;  // ...then

    core::Mutex mutex_;
    std::condition_variable_any wake_;
    std::deque<Request> requests_ GODWIT_GUARDED_BY(mutex_);
    bool stopping_ GODWIT_GUARDED_BY(mutex_) = false;

    std::thread thread_;
};

}  // namespace godwit::store
