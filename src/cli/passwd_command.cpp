#include "passwd_command.hpp"

#include <exception>
#include <iostream>

#include "ask_password.hpp"
#include "failure.hpp"
#include "godwit/auth/password_file.hpp"
#include "replace_file.hpp"

namespace godwit::cli {
namespace {

int remove_user(const PasswdRequest& request) {
    bool exists = false;
    const auto rest = auth::without_user(read_file(request.file, exists), request.user_name);
    if (!exists) return fail("passwd: " + request.file + ": there is no such file");
    if (!rest)
        return fail("passwd: " + request.file + ": there is no user '" + request.user_name + "'");
    replace_file(request.file, *rest);
    return kExitSuccess;
}

int set_user(const PasswdRequest& request) {
    const std::string password = request.password_from_stdin ? read_password() : ask_password();
    const auth::PasswordHash hash = auth::PasswordHash::make(password);
    bool exists = false;
    const std::string before = read_file(request.file, exists);
    replace_file(request.file, auth::with_user(before, request.user_name, hash));
    return kExitSuccess;
}

}  // namespace

int passwd(const PasswdRequest& request) {
    if (const auto problem = auth::user_name_problem(request.user_name)) {
        return fail("passwd: " + std::string(*problem), kExitUsage);
    }
    try {
        return request.remove ? remove_user(request) : set_user(request);
    } catch (const std::exception& error) {
        return fail(std::string("passwd: ") + error.what());
    }
}

}  // namespace godwit::cli
