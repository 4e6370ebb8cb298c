// A password file may be anything. Of what is accepted each hash reads again as itself, and a user
// can be changed and removed without a change to any other.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "godwit/auth/password_file.hpp"

namespace {

using namespace godwit::auth;
using Users = std::vector<PasswordLine>;

Users users_of(std::string_view text) {
    auto parsed = parse_password_file(text);
    if (!std::holds_alternative<Users>(parsed)) std::abort();
    return std::get<Users>(std::move(parsed));
}

void check_hash(const PasswordHash& hash) {
    const auto again = PasswordHash::parse(hash.text());
    if (!std::holds_alternative<PasswordHash>(again)) std::abort();
    if (std::get<PasswordHash>(again) != hash) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    const auto parsed = parse_password_file(text);
    if (!std::holds_alternative<Users>(parsed)) return 0;
    const auto& users = std::get<Users>(parsed);
    for (const PasswordLine& user : users) {
        check_hash(user.hash);
        if (users_of(with_user(text, user.user_name, PasswordHash())).size() != users.size())
            std::abort();
        const auto rest = without_user(text, user.user_name);
        if (!rest || users_of(*rest).size() + 1 != users.size()) std::abort();
    }
    if (users_of(with_user(text, "somebody new", PasswordHash())).size() < users.size())
        std::abort();
    return 0;
}
