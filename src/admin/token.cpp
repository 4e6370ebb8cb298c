#include "token.hpp"

#include <fcntl.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <system_error>

#include "base64.hpp"
#include "godwit/admin/interface.hpp"

namespace godwit::admin {
namespace {

constexpr std::size_t kTokenBytes = 32;
constexpr std::size_t kTokenMin = 16;  // characters; less can be guessed
constexpr std::size_t kTokenMax = 4096;

std::string problem_of(const std::string& path, const std::string& what) {
    return "admin.token_file: " + path + ": " + what;
}

std::string reason(int error_number) {
    return ": " + std::generic_category().message(error_number);
}

// It is there, and of no use.
[[noreturn]] void refuse(const std::string& path, const std::string& what) {
    throw FileError(problem_of(path, what));
}

// It could not be made.
[[noreturn]] void fail(const std::string& path, const std::string& what) {
    throw InterfaceError(problem_of(path, what));
}

std::string trimmed(std::string text) {
    const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
    while (!text.empty() && is_space(text.back()))
        text.pop_back();
    return text;
}

}  // namespace

std::optional<std::string> read_token(const std::string& path) {
    using File = std::unique_ptr<std::FILE, int (*)(std::FILE*)>;
    const File file(std::fopen(path.c_str(), "re"), &std::fclose);
    if (!file && errno == ENOENT) return std::nullopt;
    if (!file) refuse(path, "cannot be read" + reason(errno));
    std::string content(kTokenMax + 1, '\0');
    errno = 0;
    content.resize(std::fread(content.data(), 1, content.size(), file.get()));
    if (std::ferror(file.get()) != 0) refuse(path, "cannot be read" + reason(errno));
    const std::string token = trimmed(std::move(content));
    const bool is_plain =
        std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (token.size() < kTokenMin || token.size() > kTokenMax || !is_plain) {
        refuse(path, "expected one line of 16 to 4096 printable characters without spaces");
    }
    return token;
}

namespace {

std::string new_token(const std::string& path) {
    std::array<std::byte, kTokenBytes> secret{};
    if (RAND_bytes(reinterpret_cast<unsigned char*>(secret.data()), kTokenBytes) != 1) {
        fail(path, "there is no randomness for a token");
    }
    return encode_base64url(secret);
}

// Under a name of its own first, and never in the place of one that came meanwhile.
void write_token(const std::string& path, const std::string& token) {
    const std::string draft = path + ".new";
    unlink(draft.c_str());
    const int file = open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) fail(path, "cannot be made" + reason(errno));
    const std::string line = token + "\n";
    const bool written = write(file, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    int problem = written && fsync(file) == 0 ? 0 : errno;
    close(file);
    if (problem == 0 && link(draft.c_str(), path.c_str()) != 0 && errno != EEXIST) problem = errno;
    unlink(draft.c_str());
    if (problem != 0) fail(path, "cannot be made" + reason(problem));
}

void make_folder(const std::string& path) {
    const std::filesystem::path folder = std::filesystem::path(path).parent_path();
    std::error_code error;
    if (folder.empty() || std::filesystem::exists(folder, error)) return;
    std::filesystem::create_directories(folder, error);
    if (!error) {
        std::filesystem::permissions(folder, std::filesystem::perms::owner_all, error);
    }
    if (error) fail(path, "its folder cannot be made" + reason(error.value()));
}

}  // namespace

std::string read_or_make_token(const std::string& path) {
    if (auto token = read_token(path)) return *std::move(token);
    make_folder(path);
    write_token(path, new_token(path));
    auto token = read_token(path);
    if (!token) fail(path, "was taken away while it was made");
    return *std::move(token);
}

}  // namespace godwit::admin
