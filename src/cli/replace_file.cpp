#include "replace_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>

namespace godwit::cli {
namespace {

void must(bool done, const std::string& what) {
    if (!done) throw std::system_error(errno, std::generic_category(), what);
}

// A file beside the one it is to replace; gone with its owner until it has.
class Draft {
public:
    explicit Draft(const std::string& target)
        : name_(target + ".XXXXXX"), descriptor_(mkostemp(name_.data(), O_CLOEXEC)) {
        must(descriptor_ >= 0, target + ": a file beside it cannot be made");
    }
    ~Draft() {
        close(descriptor_);
        if (!replaced_) unlink(name_.c_str());
    }
    Draft(const Draft&) = delete;
    Draft& operator=(const Draft&) = delete;

    // Whoever could read the old one can read the new one, and nobody else.
    void take_after(const struct stat& old) {
        struct stat own {};
        must(fstat(descriptor_, &own) == 0, name_);
        if (own.st_uid != old.st_uid || own.st_gid != old.st_gid) {
            must(fchown(descriptor_, old.st_uid, old.st_gid) == 0, "its owner cannot be kept");
        }
        must(fchmod(descriptor_, old.st_mode & 07777) == 0, "its mode cannot be kept");
    }

    // Who gives a directory a group for its files, as the package does, wants that group to read
    // them.
    void let_group_of_directory_read(const std::filesystem::path& directory) {
        struct stat found {};
        if (stat(directory.c_str(), &found) != 0 || (found.st_mode & S_ISGID) == 0) return;
        must(fchmod(descriptor_, S_IRUSR | S_IWUSR | S_IRGRP) == 0, name_);
    }

    void write(std::string_view content) {
        while (!content.empty()) {
            const ssize_t written = ::write(descriptor_, content.data(), content.size());
            if (written < 0 && errno == EINTR) continue;
            must(written >= 0, name_);
            content.remove_prefix(static_cast<std::size_t>(written));
        }
        must(fsync(descriptor_) == 0, name_);
    }

    void replace(const std::string& target) {
        must(rename(name_.c_str(), target.c_str()) == 0, target);
        replaced_ = true;
    }

private:
    std::string name_;
    const int descriptor_;
    bool replaced_ = false;
};

// Makes the change of name last.
void sync_directory(const std::filesystem::path& directory) {
    const int descriptor = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    must(descriptor >= 0, directory);
    const bool done = fsync(descriptor) == 0;
    const int error_number = errno;
    close(descriptor);
    errno = error_number;
    must(done, directory);
}

}  // namespace

std::string read_file(const std::string& path, bool& exists) {
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    exists = file.is_open();
    if (!exists && errno == ENOENT) return {};
    must(exists, path);
    std::string content{std::istreambuf_iterator<char>(file), {}};
    must(!file.bad(), path);
    return content;
}

void replace_file(const std::string& path, const std::string& content) {
    // Not the link to it.
    const std::filesystem::path target =
        std::filesystem::weakly_canonical(std::filesystem::absolute(path));
    Draft draft(target);
    struct stat old {};
    if (stat(target.c_str(), &old) == 0) {
        draft.take_after(old);
    } else {
        draft.let_group_of_directory_read(target.parent_path());
    }
    draft.write(content);
    draft.replace(target);
    sync_directory(target.parent_path());
}

}  // namespace godwit::cli
