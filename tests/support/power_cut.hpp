// A file system that forgets what was not synced. It works on real files and notes what a power cut
// could still take: the end of a file that was not synced, and what was made, renamed or deleted in
// a directory that was not. At a step it was told of the power fails, and nothing has an effect any
// more; fall() then leaves on the real disk what a cut could have left, as the seed decides.
//
// Directories forget from the end, as journals do; every file forgets by itself, and what is left
// of an unsynced end may have holes of zeros. Thread-safe. One directory; no real syncs.
#pragma once

#include <rocksdb/file_system.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

namespace godwit::test {

class PowerCut final : public rocksdb::FileSystemWrapper {
public:
    using IOStatus = rocksdb::IOStatus;
    using IOOptions = rocksdb::IOOptions;
    using Context = rocksdb::IODebugContext;

    // `attic`: a directory of its own, for files that a cut may bring back.
    PowerCut(std::filesystem::path attic, std::uint64_t seed)
        : FileSystemWrapper(rocksdb::FileSystem::Default()),
          attic_(std::move(attic)),
          chance_(seed) {}

    [[nodiscard]] const char* Name() const override { return "PowerCut"; }

    // Called when a sync of that file begins; returns what to call once it is done, and the file's
    // name is on the disk as well.
    using Synced = std::function<void()>;
    std::function<Synced(const std::filesystem::path&)> on_sync = [](const auto&) {
        return Synced();
    };

    // Every change of a file or directory is a step; the power fails instead of this one.
    void fail_at(std::uint64_t step) {
        const std::lock_guard lock(mutex_);
        last_step_ = step;
    }
    [[nodiscard]] bool is_off() const {
        const std::lock_guard lock(mutex_);
        return off();
    }
    [[nodiscard]] std::uint64_t steps() const {
        const std::lock_guard lock(mutex_);
        return steps_;
    }

    // REQUIRES: nobody uses the file system any more.
    void fall() {
        const std::lock_guard lock(mutex_);
        std::size_t kept = up_to(changes_.size());
        while (changes_.size() > kept) {
            undo(changes_.back());
            changes_.pop_back();
        }
        for (const auto& [path, file] : files_)
            cut(path, file);
    }

    IOStatus NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                             std::unique_ptr<rocksdb::FSWritableFile>* file,
                             Context* context) override {
        const std::lock_guard lock(mutex_);
        if (!step()) return power_is_off();
        std::optional<std::filesystem::path> before = put_aside(name);
        std::unique_ptr<rocksdb::FSWritableFile> real;
        IOStatus status = FileSystemWrapper::NewWritableFile(name, options, &real, context);
        if (!status.ok()) return status;
        changes_.push_back({Change::Kind::made, name, {}, std::move(before)});
        const auto state = std::make_shared<File>();
        files_[name] = state;
        *file = std::make_unique<WritableFile>(std::move(real), *this, state, name);
        return status;
    }
    IOStatus ReopenWritableFile(const std::string&, const rocksdb::FileOptions&,
                                std::unique_ptr<rocksdb::FSWritableFile>*, Context*) override {
        return IOStatus::NotSupported("ReopenWritableFile");
    }
    IOStatus ReuseWritableFile(const std::string&, const std::string&, const rocksdb::FileOptions&,
                               std::unique_ptr<rocksdb::FSWritableFile>*, Context*) override {
        return IOStatus::NotSupported("ReuseWritableFile");
    }
    IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                        Context* context) override {
        const std::lock_guard lock(mutex_);
        if (!step()) return power_is_off();
        std::optional<std::filesystem::path> before = put_aside(to);
        const IOStatus status = FileSystemWrapper::RenameFile(from, to, options, context);
        if (!status.ok()) return status;
        changes_.push_back({Change::Kind::renamed, to, from, std::move(before)});
        move_state(from, to);
        return status;
    }
    IOStatus DeleteFile(const std::string& name, const IOOptions& options,
                        Context* context) override {
        const std::lock_guard lock(mutex_);
        if (!step()) return power_is_off();
        std::optional<std::filesystem::path> before = put_aside(name);
        if (!before) return FileSystemWrapper::DeleteFile(name, options, context);
        changes_.push_back({Change::Kind::deleted, name, {}, std::move(before)});
        return IOStatus::OK();
    }
    IOStatus NewDirectory(const std::string& name, const IOOptions& options,
                          std::unique_ptr<rocksdb::FSDirectory>* directory,
                          Context* context) override {
        std::unique_ptr<rocksdb::FSDirectory> real;
        IOStatus status = FileSystemWrapper::NewDirectory(name, options, &real, context);
        if (status.ok()) *directory = std::make_unique<Directory>(std::move(real), *this);
        return status;
    }

private:
    struct File {
        std::uint64_t written = 0;
        std::uint64_t synced = 0;
    };
    struct Change {
        enum class Kind : std::uint8_t { made, renamed, deleted };
        Kind kind;
        std::filesystem::path path;
        std::filesystem::path renamed_from;
        std::optional<std::filesystem::path> before;  // in the attic: what was there
    };

    class WritableFile final : public rocksdb::FSWritableFileOwnerWrapper {
    public:
        WritableFile(std::unique_ptr<rocksdb::FSWritableFile>&& file, PowerCut& system,
                     std::shared_ptr<File> state, std::filesystem::path path)
            : FSWritableFileOwnerWrapper(std::move(file)),
              system_(system),
              state_(std::move(state)),
              path_(std::move(path)) {}

        using FSWritableFileOwnerWrapper::Append;
        IOStatus Append(const rocksdb::Slice& data, const IOOptions& options,
                        Context* context) override {
            const std::lock_guard lock(system_.mutex_);
            const bool works = system_.step();
            if (system_.steps_ > system_.last_step_ + 1) return power_is_off();
            // The write during which the power fails may leave some of it.
            const std::size_t size = works ? data.size() : system_.up_to(data.size());
            const rocksdb::Slice written(data.data(), size);
            const IOStatus status = FSWritableFileOwnerWrapper::Append(written, options, context);
            if (status.ok()) state_->written += size;
            return works ? status : power_is_off();
        }
        IOStatus Truncate(std::uint64_t size, const IOOptions& options, Context* context) override {
            const std::lock_guard lock(system_.mutex_);
            if (!system_.step()) return power_is_off();
            const IOStatus status = FSWritableFileOwnerWrapper::Truncate(size, options, context);
            state_->written = std::min(state_->written, size);
            state_->synced = std::min(state_->synced, size);
            return status;
        }
        IOStatus Sync(const IOOptions&, Context*) override {
            const Synced synced = system_.on_sync(path_);
            {
                const std::lock_guard lock(system_.mutex_);
                if (!system_.step()) return power_is_off();
                state_->synced = state_->written;
                if (synced && !system_.is_entered(path_)) {
                    system_.await_directory_.push_back(synced);
                    return IOStatus::OK();
                }
            }
            if (synced) synced();
            return IOStatus::OK();
        }
        IOStatus Fsync(const IOOptions& options, Context* context) override {
            return Sync(options, context);
        }
        // Begins to write and promises nothing.
        IOStatus RangeSync(std::uint64_t, std::uint64_t, const IOOptions&, Context*) override {
            return IOStatus::OK();
        }

    private:
        PowerCut& system_;
        const std::shared_ptr<File> state_;
        const std::filesystem::path path_;
    };

    class Directory final : public rocksdb::FSDirectoryWrapper {
    public:
        Directory(std::unique_ptr<rocksdb::FSDirectory>&& directory, PowerCut& system)
            : FSDirectoryWrapper(std::move(directory)), system_(system) {}

        IOStatus Fsync(const IOOptions&, Context*) override { return system_.sync_directory(); }
        IOStatus FsyncWithDirOptions(const IOOptions&, Context*,
                                     const rocksdb::DirFsyncOptions&) override {
            return system_.sync_directory();
        }

    private:
        PowerCut& system_;
    };

    static IOStatus power_is_off() { return IOStatus::IOError("the power is off"); }

    [[nodiscard]] bool off() const { return steps_ > last_step_; }
    // False where it has no effect.
    bool step() {
        ++steps_;
        return !off();
    }
    // From 0 to limit, both included, and more often than not one of these.
    template <typename Size>
    Size up_to(Size limit) {
        switch (chance_() % 4) {
            case 0: return 0;
            case 1: return limit;
            default: return static_cast<Size>(chance_() % (static_cast<std::uint64_t>(limit) + 1));
        }
    }

    IOStatus sync_directory() {
        std::vector<Synced> synced;
        {
            const std::lock_guard lock(mutex_);
            if (!step()) return power_is_off();
            for (const Change& change : changes_) {
                if (change.before) std::filesystem::remove(*change.before);
            }
            changes_.clear();
            synced = std::exchange(await_directory_, {});
        }
        for (const Synced& done : synced)
            done();
        return IOStatus::OK();
    }
    [[nodiscard]] bool is_entered(const std::filesystem::path& path) const {
        return std::none_of(changes_.begin(), changes_.end(),
                            [&](const Change& change) { return change.path == path; });
    }

    // Moves a file that is about to be replaced or deleted to where a cut can bring it back from.
    std::optional<std::filesystem::path> put_aside(const std::filesystem::path& path) {
        if (!std::filesystem::exists(path)) return std::nullopt;
        std::filesystem::path place = attic_ / std::to_string(++put_aside_);
        std::filesystem::rename(path, place);
        move_state(path, place);
        return place;
    }
    void move_state(const std::filesystem::path& from, const std::filesystem::path& to) {
        if (auto state = files_.extract(from)) {
            state.key() = to;
            files_.erase(to);
            files_.insert(std::move(state));
        }
    }

    void undo(const Change& change) {
        if (change.kind == Change::Kind::made) std::filesystem::remove(change.path);
        if (change.kind == Change::Kind::renamed) move(change.path, change.renamed_from);
        if (change.before) move(*change.before, change.path);
    }
    void move(const std::filesystem::path& from, const std::filesystem::path& to) {
        if (!std::filesystem::exists(from)) return;
        std::filesystem::rename(from, to);
        move_state(from, to);
    }

    void cut(const std::filesystem::path& path, const std::shared_ptr<File>& file) {
        if (!std::filesystem::exists(path) || file->synced >= file->written) return;
        const std::uint64_t size = file->synced + up_to(file->written - file->synced);
        std::filesystem::resize_file(path, size);
        if (size > file->synced && chance_() % 4 == 0) make_hole(path, file->synced, size);
    }
    void make_hole(const std::filesystem::path& path, std::uint64_t begin, std::uint64_t end) {
        constexpr std::uint64_t kPage = 4096;
        const std::uint64_t page = (begin + chance_() % (end - begin)) / kPage * kPage;
        const std::uint64_t from = std::max(begin, page);
        const std::uint64_t to = std::min(end, page + kPage);
        std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
        file.seekp(static_cast<std::streamoff>(from));
        std::fill_n(std::ostreambuf_iterator<char>(file), to - from, '\0');
    }

    const std::filesystem::path attic_;
    mutable std::mutex mutex_;
    std::mt19937_64 chance_;
    std::uint64_t steps_ = 0;
    std::uint64_t last_step_ = std::numeric_limits<std::uint64_t>::max() - 1;
    std::uint64_t put_aside_ = 0;
    std::vector<Synced> await_directory_;
    std::vector<Change> changes_;                                   // not synced, in order
    std::map<std::filesystem::path, std::shared_ptr<File>> files_;  // written since the start
};

}  // namespace godwit::test
