#include "secret_file.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace godwit::auth {
namespace {

constexpr mode_t kTooOpen = S_IWGRP | S_IRWXO;

[[noreturn]] void refuse(const std::string& path, const std::string& key, const std::string& why) {
    throw SourceError(path + ": " + key + ": " + why);
}

[[noreturn]] void refuse(const std::string& path, const std::string& key, int error_number) {
    refuse(path, key, "cannot be read: " + std::generic_category().message(error_number));
}

std::string octal(mode_t mode) {
    std::string text = "0000";
    for (std::size_t place = text.size(); place-- > 0; mode >>= 3)
        text[place] = static_cast<char>('0' + (mode & 7));
    return text;
}

}  // namespace

std::string read_secret_file(const std::string& path, const std::string& key, std::size_t bytes_max,
                             std::vector<std::string>& warnings) {
    using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
    const File file(std::fopen(path.c_str(), "re"), &std::fclose);
    struct stat status {};
    if (!file || fstat(fileno(file.get()), &status) != 0) refuse(path, key, errno);
    if (!S_ISREG(status.st_mode)) refuse(path, key, "is not a regular file");
    if (static_cast<std::size_t>(status.st_size) > bytes_max) {
        refuse(path, key, "is larger than " + std::to_string(bytes_max) + " bytes");
    }
    std::string content(static_cast<std::size_t>(status.st_size), '\0');
    errno = 0;
    content.resize(std::fread(content.data(), 1, content.size(), file.get()));
    if (std::ferror(file.get()) != 0) refuse(path, key, errno);
    if ((status.st_mode & kTooOpen) != 0) {
        warnings.push_back(
            path + ": " + key + ": mode " + octal(status.st_mode & 0777) +
            " lets more than its owner and group at a secret; 0600 or 0640 does not");
    }
    return content;
}

}  // namespace godwit::auth
