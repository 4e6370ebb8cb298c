// The text of a password file: a line `user:hash` for each user, empty lines, and comments that
// begin with '#'. mosquitto's password files are of this form.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "godwit/auth/password_hash.hpp"

namespace godwit::auth {

// Beyond it a password file is refused unread.
inline constexpr std::size_t kPasswordFileBytesMax = std::size_t{64} << 20;

struct PasswordLine {
    std::string user_name;
    PasswordHash hash;
    std::size_t number = 0;  // of the line, from 1
};

struct PasswordFileProblem {
    std::size_t line = 0;  // from 1
    std::string what;      // without anything of a password or hash
};

// All users of the text, or the first thing that is wrong with it.
[[nodiscard]] std::variant<std::vector<PasswordLine>, PasswordFileProblem> parse_password_file(
    std::string_view text);

// What is wrong with a user name in such a file: empty, too long, a ':', a control character, no
// UTF-8, or taken for a comment. Nothing where it may be one.
[[nodiscard]] std::optional<std::string_view> user_name_problem(std::string_view user_name);

// The text with this hash for that user, in the place of an older one or behind all others. All
// other lines stay as they are.
[[nodiscard]] std::string with_user(std::string_view text, std::string_view user_name,
                                    const PasswordHash& hash);

// The text without that user; nothing where there is no such user.
[[nodiscard]] std::optional<std::string> without_user(std::string_view text,
                                                      std::string_view user_name);

}  // namespace godwit::auth
