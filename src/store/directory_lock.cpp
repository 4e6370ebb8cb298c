#include "directory_lock.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "godwit/store/database.hpp"

namespace godwit::store {

namespace {

// RocksDB has a lock of its own, LOCK, but takes it only after we have looked at the files.
constexpr const char* kLockFile = "godwit.lock";

[[noreturn]] void fail(const std::filesystem::path& directory, const std::string& what, int code) {
    throw StoreError("data directory " + directory.string() + ": " + what + ": " +
                     std::generic_category().message(code));
}

void make(const std::filesystem::path& directory) {
    std::error_code error;
    if (directory.has_parent_path()) {
        std::filesystem::create_directories(directory.parent_path(), error);
        if (error) fail(directory, "cannot be made", error.value());
    }
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
        fail(directory, "cannot be made", errno);
}

}  // namespace

DirectoryLock::DirectoryLock(const std::filesystem::path& directory, Use use) {
    const bool own = use == Use::own;
    if (own) make(directory);
    const std::filesystem::path file = directory / kLockFile;
    const int flags = own ? O_RDWR | O_CREAT : O_RDONLY;
    descriptor_ = ::open(file.c_str(), flags | O_CLOEXEC, 0600);
    // A broker makes the file before it does anything else, so that none is here.
    if (descriptor_ < 0 && !own && errno == ENOENT) return;
    if (descriptor_ < 0) fail(directory, std::string("cannot open ") + kLockFile, errno);
    if (::flock(descriptor_, (own ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0) return;
    const int code = errno;
    ::close(descriptor_);
    if (code != EWOULDBLOCK) fail(directory, std::string("cannot lock ") + kLockFile, code);
    throw StoreError("data directory " + directory.string() + " is in use by another process");
}

DirectoryLock::~DirectoryLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

}  // namespace godwit::store
