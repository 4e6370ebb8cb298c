// The error of RocksDB's own threads, or of a write, since which it does not do all it should. Set
// by its threads, asked by the commit thread: RocksDB itself goes on for a while, and its
// assertions, which Debian leaves in, do not allow every call after an error.
#pragma once

#include <rocksdb/listener.h>

#include "godwit/core/mutex.hpp"

namespace godwit::store {

class BackgroundError final : public rocksdb::EventListener {
public:
    [[nodiscard]] rocksdb::Status get() {
        const core::MutexLock lock(mutex_);
        return status_;
    }
    void clear() {
        const core::MutexLock lock(mutex_);
        status_ = rocksdb::Status::OK();
    }

    void OnBackgroundError(rocksdb::BackgroundErrorReason, rocksdb::Status* status) override {
        const core::MutexLock lock(mutex_);
        status_ = *status;
    }
    // The commit thread tries again itself. RocksDB would do so every 5 s, and meanwhile refuse the
    // attempts of others.
    void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status,
                              bool* auto_recovery) override {
        *auto_recovery = false;
    }

private:
    core::Mutex mutex_;
    rocksdb::Status status_ GODWIT_GUARDED_BY(mutex_);
};

}  // namespace godwit::store
