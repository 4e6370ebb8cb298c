// A file system over real files that is full where a test says so, or fails. What does not fit is
// written as far as it does; what fails may be written in half. Thread-safe.
#pragma once

#include <rocksdb/file_system.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace godwit::test {

class FaultyDisk final : public rocksdb::FileSystemWrapper {
public:
    using IOStatus = rocksdb::IOStatus;
    using IOOptions = rocksdb::IOOptions;
    using Context = rocksdb::IODebugContext;

    static constexpr std::uint64_t kUnlimited = std::numeric_limits<std::uint64_t>::max() / 2;

    FaultyDisk() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}

    [[nodiscard]] const char* Name() const override { return "FaultyDisk"; }

    // So many bytes fit; what is deleted makes room.
    void set_room(std::uint64_t bytes) {
        const std::lock_guard lock(mutex_);
        room_ = bytes;
    }
    [[nodiscard]] std::uint64_t room() const {
        const std::lock_guard lock(mutex_);
        return room_;
    }
    // After so many good ones, so many writes and syncs fail.
    void fail(std::uint64_t times, std::uint64_t after = 0) {
        const std::lock_guard lock(mutex_);
        failures_ = times;
        good_ones_ = after;
    }

    // Nothing can be read, until it is called again.
    void fail_reads(bool fail) {
        const std::lock_guard lock(mutex_);
        unreadable_ = fail;
    }

    IOStatus NewRandomAccessFile(const std::string& name, const rocksdb::FileOptions& options,
                                 std::unique_ptr<rocksdb::FSRandomAccessFile>* file,
                                 Context* context) override {
        std::unique_ptr<rocksdb::FSRandomAccessFile> real;
        IOStatus status = FileSystemWrapper::NewRandomAccessFile(name, options, &real, context);
        if (status.ok()) *file = std::make_unique<ReadableFile>(std::move(real), *this);
        return status;
    }
    IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* file,
                             Context* context) override {
        if (fails()) return broken();
        const std::uint64_t before = size_of(name);
        std::unique_ptr<rocksdb::FSWritableFile> real;
        IOStatus status = FileSystemWrapper::NewWritableFile(name, options, &real, context);
        if (!status.ok()) return status;
        make_room(before);
        *file = std::make_unique<WritableFile>(std::move(real), *this);
        return status;
    }
    IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                        Context* context) override {
        const std::uint64_t before = size_of(name);
        const IOStatus status = FileSystemWrapper::DeleteFile(name, options, context);
        if (status.ok()) make_room(before);
        return status;
    }
    IOStatus GetFreeSpace(const std::string&, const IOOptions&, std::uint64_t* free,
                          Context*) override {
        *free = room();
        return IOStatus::OK();
    }

private:
    class WritableFile final : public rocksdb::FSWritableFileOwnerWrapper {
    public:
        WritableFile(std::unique_ptr<rocksdb::FSWritableFile>&& file, FaultyDisk& disk)
            : FSWritableFileOwnerWrapper(std::move(file)), disk_(disk) {}

        using FSWritableFileOwnerWrapper::Append;
        IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                        Context* context) override {
            const bool fails = disk_.fails();
            const std::size_t wanted = fails ? data.size() / 2 : data.size();
            const auto size = static_cast<std::size_t>(disk_.take_room(wanted));
            const rocksdb::Slice part(data.data(), size);
            const IOStatus status = FSWritableFileOwnerWrapper::Append(part, options, context);
            if (!status.ok()) return status;
            if (fails) return broken();
            return size < data.size() ? IOStatus::NoSpace("the disk is full") : status;
        }
        IOStatus Sync(const IOOptions& options, Context* context) override {
            return disk_.fails() ? broken() : FSWritableFileOwnerWrapper::Sync(options, context);
        }
        IOStatus Fsync(const IOOptions& options, Context* context) override {
            return disk_.fails() ? broken() : FSWritableFileOwnerWrapper::Fsync(options, context);
        }

    private:
        FaultyDisk& disk_;
    };

    class ReadableFile final : public rocksdb::FSRandomAccessFileOwnerWrapper {
    public:
        ReadableFile(std::unique_ptr<rocksdb::FSRandomAccessFile>&& file, FaultyDisk& disk)
            : FSRandomAccessFileOwnerWrapper(std::move(file)), disk_(disk) {}

        IOStatus Read(std::uint64_t offset, std::size_t size, const IOOptions& options,
                      rocksdb::Slice* result, char* scratch, Context* context) const override {
            if (disk_.is_unreadable()) return broken();
            return FSRandomAccessFileOwnerWrapper::Read(offset, size, options, result, scratch,
                                                        context);
        }

    private:
        FaultyDisk& disk_;
    };

    static IOStatus broken() { return IOStatus::IOError("the disk is broken"); }

    static std::uint64_t size_of(const std::string& name) {
        std::error_code error;
        const std::uintmax_t size = std::filesystem::file_size(name, error);
        return error ? 0 : size;
    }
    bool fails() {
        const std::lock_guard lock(mutex_);
        if (good_ones_ > 0) {
            --good_ones_;
            return false;
        }
        if (failures_ == 0) return false;
        --failures_;
        return true;
    }
    [[nodiscard]] bool is_unreadable() const {
        const std::lock_guard lock(mutex_);
        return unreadable_;
    }
    std::uint64_t take_room(std::uint64_t wanted) {
        const std::lock_guard lock(mutex_);
        const std::uint64_t taken = std::min(room_, wanted);
        room_ -= taken;
        return taken;
    }
    void make_room(std::uint64_t bytes) {
        const std::lock_guard lock(mutex_);
        room_ += bytes;
    }

    mutable std::mutex mutex_;
    std::uint64_t room_ = kUnlimited;
    std::uint64_t failures_ = 0;
    std::uint64_t good_ones_ = 0;
    bool unreadable_ = false;
};

}  // namespace godwit::test
