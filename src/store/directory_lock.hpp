// A data directory belongs to one process: the lock on a file in it, held until destruction. The
// kernel drops it with the process, however that ends.
#pragma once

#include <cstdint>
#include <filesystem>

namespace godwit::store {

class DirectoryLock {
public:
    enum class Use : std::uint8_t {
        own,   // makes the directory (mode 0700) where it is missing
        look,  // changes nothing, and lets others look
    };

    // Throws StoreError.
    explicit DirectoryLock(const std::filesystem::path& directory, Use use = Use::own);
    ~DirectoryLock();
    DirectoryLock(const DirectoryLock&) = delete;
    DirectoryLock& operator=(const DirectoryLock&) = delete;

private:
    int descriptor_ = -1;  // none where there is nothing to lock
};

}  // namespace godwit::store
