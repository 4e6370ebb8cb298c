// A mutex that clang's thread-safety analysis understands.
#pragma once

#include <mutex>

#if defined(__clang__)
#define GODWIT_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define GODWIT_THREAD_ATTRIBUTE(x)
#endif

#define GODWIT_GUARDED_BY(x) GODWIT_THREAD_ATTRIBUTE(guarded_by(x))
#define GODWIT_REQUIRES(x) GODWIT_THREAD_ATTRIBUTE(requires_capability(x))

namespace godwit::core {

class GODWIT_THREAD_ATTRIBUTE(capability("mutex")) Mutex {
public:
    void lock() GODWIT_THREAD_ATTRIBUTE(acquire_capability()) { mutex_.lock(); }
    void unlock() GODWIT_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }

private:
    std::mutex mutex_;
};

class GODWIT_THREAD_ATTRIBUTE(scoped_lockable) MutexLock {
public:
    explicit MutexLock(Mutex& mutex) GODWIT_THREAD_ATTRIBUTE(acquire_capability(mutex))
        : mutex_(mutex) {
        mutex_.lock();
    }
    ~MutexLock() GODWIT_THREAD_ATTRIBUTE(release_capability()) { mutex_.unlock(); }
    MutexLock(const MutexLock&) = delete;
    MutexLock& operator=(const MutexLock&) = delete;

private:
    Mutex& mutex_;
};

}  // namespace godwit::core
