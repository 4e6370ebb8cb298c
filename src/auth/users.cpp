#include "users.hpp"

#include <utility>

#include "godwit/auth/chain.hpp"
#include "godwit/auth/password_file.hpp"
#include "secret_file.hpp"

namespace godwit::auth {

Users::Users(const Settings& settings, const KeyedHash& keyed_hash,
             std::vector<std::string>& warnings)
    : keyed_hash_(keyed_hash) {
    for (const InlineUser& user : settings.users)
        add(user.user_name, user.password_hash);
    if (!settings.password_file.empty()) add_file(settings.password_file, warnings);
    proofs_.resize(users_.size());
}

void Users::add(std::string user_name, PasswordHash hash) {
    by_name_.emplace(user_name, users_.size());
    users_.push_back({std::move(user_name), std::move(hash)});
}

void Users::add_file(const std::string& path, std::vector<std::string>& warnings) {
    const std::string text =
        read_secret_file(path, "auth.password_file", kPasswordFileBytesMax, warnings);
    const auto refuse = [&path](std::size_t line, const std::string& what) {
        throw SourceError(path + ":" + std::to_string(line) + ": auth.password_file: " + what);
    };
    auto parsed = parse_password_file(text);
    if (const auto* problem = std::get_if<PasswordFileProblem>(&parsed)) {
        refuse(problem->line, problem->what);
    }
    for (PasswordLine& line : std::get<std::vector<PasswordLine>>(parsed)) {
        if (find(line.user_name) != nullptr) {
            refuse(line.number, "user '" + line.user_name + "' is in auth.users already");
        }
        add(std::move(line.user_name), std::move(line.hash));
    }
}

const Users::User* Users::find(std::string_view user_name) const {
    const auto found = by_name_.find(std::string(user_name));
    return found == by_name_.end() ? nullptr : &users_[found->second];
}

const Users::User& Users::stand_in(std::string_view user_name) const {
    return users_[keyed_hash_.short_digest({"stand-in", user_name}) % users_.size()];
}

Digest Users::proof(const User& user, std::string_view password) const {
    return keyed_hash_({"proof", user.user_name, password, user.hash.text()});
}

std::size_t Users::index_of(const User& user) const {
    return static_cast<std::size_t>(&user - users_.data());
}

bool Users::is_proved(const User& user, std::string_view password) const {
    const Digest digest = proof(user, password);
    const core::MutexLock lock(mutex_);
    const std::optional<Digest>& last = proofs_[index_of(user)];
    return last && equal(*last, digest);
}

void Users::prove(const User& user, std::string_view password) {
    const Digest digest = proof(user, password);
    const core::MutexLock lock(mutex_);
    proofs_[index_of(user)] = digest;
}

}  // namespace godwit::auth
