#include "reserve.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <system_error>

namespace godwit::store {

namespace {

constexpr std::uint64_t kBytesMax = 32UL << 20;
constexpr std::size_t kChunk = 1UL << 20;

}  // namespace

std::uint64_t Reserve::fitting(const std::filesystem::path& directory) {
    std::error_code error;
    const std::filesystem::space_info space = std::filesystem::space(directory, error);
    return error ? kBytesMax : std::min<std::uint64_t>(kBytesMax, space.capacity / 8);
}

bool Reserve::fill() {
    if (is_full()) return true;
    std::uint64_t free = 0;
    const std::string directory = std::filesystem::path(file_).parent_path();
    if (!env_->GetFreeSpace(directory, &free).ok() || free < 2 * bytes_) return false;
    if (write_zeros(bytes_).ok()) return true;
    (void)give();
    return false;
}

// Written, and not only set aside: so it takes its room on every kind of file system.
rocksdb::Status Reserve::write_zeros(std::uint64_t bytes) const {
    std::unique_ptr<rocksdb::WritableFile> file;
    rocksdb::Status status = env_->NewWritableFile(file_, &file, rocksdb::EnvOptions());
    const std::string zeros(kChunk, '\0');
    for (std::uint64_t left = bytes; status.ok() && left > 0;) {
        const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(left, kChunk));
        status = file->Append(rocksdb::Slice(zeros.data(), size));
        left -= size;
    }
    return status.ok() ? file->Close() : status;
}

bool Reserve::give() {
    if (size() == 0) return false;
    return write_zeros(0).ok();
}

std::uint64_t Reserve::size() const {
    std::uint64_t size = 0;
    return env_->GetFileSize(file_, &size).ok() ? size : 0;
}

}  // namespace godwit::store
