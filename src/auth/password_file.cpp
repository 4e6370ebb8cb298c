#include "godwit/auth/password_file.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "godwit/mqtt/topic.hpp"

namespace godwit::auth {
namespace {

constexpr std::size_t kUserNameBytesMax = 65'535;  // what CONNECT has room for

// The next line with its end, taken off the front of the text.
std::string_view take_line(std::string_view& text) {
    const std::size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, size);
    text.remove_prefix(size);
    return line;
}

std::string_view without_end(std::string_view line) {
    const std::size_t last = line.find_last_not_of(" \t\r\n");
    return line.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

bool is_of(std::string_view line, std::string_view user_name) {
    return line.starts_with(user_name) && line.substr(user_name.size()).starts_with(':');
}

std::variant<PasswordLine, std::string> parse_line(std::string_view line) {
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return "expected user:hash";
    const std::string_view user_name = line.substr(0, colon);
    if (const auto problem = user_name_problem(user_name)) return std::string(*problem);
    auto hash = PasswordHash::parse(line.substr(colon + 1));
    if (const auto* problem = std::get_if<std::string_view>(&hash)) {
        return "user '" + std::string(user_name) + "': " + std::string(*problem);
    }
    return PasswordLine{std::string(user_name), std::get<PasswordHash>(std::move(hash))};
}

}  // namespace

std::optional<std::string_view> user_name_problem(std::string_view user_name) {
    if (user_name.empty()) return "a user name is not empty";
    if (user_name.size() > kUserNameBytesMax) return "a user name has at most 65535 bytes";
    if (user_name.starts_with('#')) return "a user name does not begin with '#'";
    if (user_name.find(':') != std::string_view::npos) return "a user name contains no ':'";
    const auto is_control = [](unsigned char c) { return c < 0x20 || c == 0x7F; };
    if (std::ranges::any_of(user_name, is_control)) {
        return "a user name contains no control characters";
    }
    if (!mqtt::is_utf8_string(user_name)) return "a user name is valid UTF-8";
    return std::nullopt;
}

std::variant<std::vector<PasswordLine>, PasswordFileProblem> parse_password_file(
    std::string_view text) {
    std::vector<PasswordLine> users;
    std::map<std::string, std::size_t, std::less<>> lines;
    for (std::size_t number = 1; !text.empty(); ++number) {
        const std::string_view line = without_end(take_line(text));
        if (line.empty() || line.starts_with('#')) continue;
        auto parsed = parse_line(line);
        if (const auto* problem = std::get_if<std::string>(&parsed)) {
            return PasswordFileProblem{number, *problem};
        }
        auto& user = std::get<PasswordLine>(parsed);
        user.number = number;
        const auto [first, is_new] = lines.try_emplace(user.user_name, number);
        if (!is_new) {
            return PasswordFileProblem{number, "user '" + user.user_name + "' is in line " +
                                                   std::to_string(first->second) + " already"};
        }
        users.push_back(std::move(user));
    }
    return users;
}

std::string with_user(std::string_view text, std::string_view user_name, const PasswordHash& hash) {
    const std::string own = std::string(user_name) + ":" + hash.text() + "\n";
    std::string result;
    bool written = false;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (!is_of(line, user_name)) {
            result += line;
        } else if (!std::exchange(written, true)) {
            result += own;
        }
    }
    if (written) return result;
    if (!result.empty() && !result.ends_with('\n')) result += '\n';
    return result + own;
}

std::optional<std::string> without_user(std::string_view text, std::string_view user_name) {
    std::string result;
    bool found = false;
    while (!text.empty()) {
        const std::string_view line = take_line(text);
        if (is_of(line, user_name)) {
            found = true;
        } else {
            result += line;
        }
    }
    if (!found) return std::nullopt;
    return result;
}

}  // namespace godwit::auth
